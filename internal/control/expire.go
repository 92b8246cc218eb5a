package control

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The pace of Expire: after so many zones it leaves the disk and the processor to others. 50 zones a second take a third of a
// percent of a processor, and a million five and a half hours, once a day.
const (
	expirePage  = 100
	expirePause = 2 * time.Second
)

// forgetAtOnce bounds how many records of a zone one commit forgets, and so how long other commits wait for it: some
// milliseconds.
const forgetAtOnce = 500

// Expire forgets what is older than it has to be kept: lone deletions, contents of deleted zones, history. Every node
// does it for itself and tells nobody. It reads each zone once; daily is often enough. It also measures the vectors, and moves the
// homes of zones that came late from a server that was replaced.
//
// A target that has not got something keeps the history of it, unless it has been silent for a month; then it gets whole
// zones. Lone deletions and contents of deleted zones go all the same: the vector and the end of a life tell a target,
// however late, that they are gone.
func (c *Control) Expire(ctx context.Context) error {
	if _, err := c.moveHomes(ctx, acl.Node(), ""); err != nil {
		return err
	}
	r, err := c.retention()
	if err != nil {
		return err
	}
	now, err := c.forgettingTime()
	if err != nil {
		return err
	}
	e := expiring{Control: c, retention: r, now: now}
	if c.Unreached != nil {
		e.upto, e.refused = c.Unreached()
	}
	for after := zone.Name(""); ; {
		page, err := c.Store.ZonesAfter(after, expirePage)
		if err != nil {
			return c.storeError(ctx, "zones", err)
		}
		for _, z := range page {
			if err := e.zone(ctx, z); err != nil {
				return c.storeError(ctx, textOf(z), err)
			}
		}
		if len(page) < expirePage {
			break
		}
		after = page[len(page)-1]
		if !pause(ctx, expirePause) {
			return c.storeError(ctx, "zones", ctx.Err())
		}
	}
	return c.vectorsMeasured(ctx, e.longest, e.longestZone)
}

// forgottenRegister keeps the time that the last pass of Expire went by; a lost one puts forgetting off by a day.
const forgottenRegister = "forgotten"

// maxForward is how far that time moves in one pass. Passes are a day apart, so it follows a clock that is right, and comes
// up with it after a time switched off. A clock that is a year ahead for a minute costs two days, not the trash.
const maxForward = 2 * day

// forgotten is the time that a pass of Expire went by.
type forgotten struct {
	At zone.Millis
}

// forgettingTime is the time by which this pass tells what is old: the clock's, but not much later than that of the pass
// before. The first pass of a data folder only notes it and forgets nothing.
func (c *Control) forgettingTime() (zone.Millis, error) {
	now, last := c.Now(), forgotten{}
	if b, ok := c.Store.Register(forgottenRegister); !ok || decodeRow(b, &last) != nil {
		last = forgotten{}
	}
	next := forgotten{At: now}
	if last.At > 0 {
		next.At = max(last.At, min(now, last.At+zone.Millis(maxForward.Milliseconds())))
	}
	b, err := encodeRow(next)
	if err != nil {
		return 0, err
	}
	c.Store.SetRegister(forgottenRegister, b)
	if last.At == 0 {
		return 0, nil
	}
	return min(now, next.At), nil
}

// expiring is one pass of Expire.
type expiring struct {
	*Control
	retention Retention
	now       zone.Millis
	upto      store.Position // what targets have not got stays; 0: there is nothing such
	refused   map[zone.Name]bool

	longest     int // vector
	longestZone zone.Name
}

func (e *expiring) before(age time.Duration) zone.Millis {
	return e.now - zone.Millis(age.Milliseconds())
}

// zone commits only where something is to be forgotten.
func (e *expiring) zone(ctx context.Context, z zone.Name) error {
	s, _, err := e.Store.State(z)
	if err != nil {
		return err
	}
	if len(s.Vector) > e.longest {
		e.longest, e.longestZone = len(s.Vector), z
	}
	err = e.forget(ctx, z, e.expired(s))
	if err != nil || e.refused[z] {
		return err
	}
	_, err = e.Store.Trim(ctx, z, store.Keep{
		Every: e.before(e.retention.Every), Daily: e.before(e.retention.Daily), Last: e.retention.Last, Upto: e.upto,
	})
	return err
}

// forget drops keys that expired, bit by bit: those of the zone's own name first. What is left of a deleted zone has no SOA
// from then on, so that nobody brings half a zone back.
func (e *expiring) forget(ctx context.Context, z zone.Name, keys []zone.Key) error {
	slices.SortStableFunc(keys, func(a, b zone.Key) int { return cmp.Compare(below(z, a), below(z, b)) })
	for part := range slices.Chunk(keys, forgetAtOnce) {
		var owners []zone.Name
		for _, k := range part {
			if k.Meta == "" { // what is not of a record comes anyway
				owners = append(owners, k.Owner)
			}
		}
		slices.Sort(owners)
		_, err := e.Store.Commit(ctx, z, func(tx *store.Tx) error {
			s, err := tx.Partial(slices.Compact(owners)...)
			if err == nil {
				tx.Drop(e.expired(s))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// below is 0 for what belongs to the zone's own name.
func below(z zone.Name, k zone.Key) int {
	if k.Meta != "" || k.Owner == z {
		return 0
	}
	return 1
}

func (e *expiring) expired(s *zone.State) []zone.Key {
	return append(s.DropAbsents(e.before(e.retention.Absents)), s.DropEnded(e.before(e.retention.Trash))...)
}
