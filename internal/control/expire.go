package control

import (
	"context"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// How long things are kept. A deletion is remembered for a month against an edit elsewhere that did not see it;
// the contents of deleted zones and the history for a quarter, which covers what people miss late.
const (
	keepAbsents = 30 * 24 * time.Hour
	keepEnded   = 90 * 24 * time.Hour
	keepHistory = 90 * 24 * time.Hour
)

const expirePage = 1000

// Expire forgets what is older than it has to be kept: lone deletions, contents of deleted zones, history. Every node
// does it for itself and tells nobody. It reads each zone once; daily is often enough.
func (c *Control) Expire(ctx context.Context) error {
	q := store.Query{Limit: expirePage, IncludeDeleted: true}
	for {
		page, next, _, err := c.Store.Heads(q)
		if err != nil {
			return c.storeError(ctx, "zones", err)
		}
		for _, h := range page {
			if err := c.expireZone(ctx, h.Zone); err != nil {
				return err
			}
		}
		if next == "" {
			break
		}
		q.After = next
	}
	_, err := c.Store.Trim(ctx, c.before(keepHistory))
	return c.storeError(ctx, "history", err)
}

func (c *Control) before(age time.Duration) zone.Millis {
	return c.Now() - zone.Millis(age.Milliseconds())
}

// expireZone commits only where something is to be forgotten.
func (c *Control) expireZone(ctx context.Context, z zone.Name) error {
	s, _, err := c.Store.State(z)
	if err != nil {
		return c.storeError(ctx, z.Text(), err)
	}
	if len(c.expired(s)) == 0 {
		return nil
	}
	_, err = c.Store.Commit(ctx, z, func(tx *store.Tx) error {
		s, err := tx.State()
		if err == nil {
			tx.Drop(c.expired(s))
		}
		return err
	})
	return c.storeError(ctx, z.Text(), err)
}

func (c *Control) expired(s *zone.State) []zone.Key {
	return append(s.DropAbsents(c.before(keepAbsents)), s.DropEnded(c.before(keepEnded))...)
}
