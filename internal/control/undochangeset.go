package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// checkUndo refuses the undo of a set that is not p's, or has done nothing.
func (c *Control) checkUndo(p acl.Principal, r *SetRequest) error {
	s, err := c.changeSet(c.Store, p, r.Undoes)
	switch {
	case err != nil:
		return err
	case !s.State.Over():
		return fail(CodeConflict, fmt.Sprintf("change set %d", s.ID), "it is not over: stop it first, or wait")
	case s.Changed == 0:
		return fail(CodeConflict, fmt.Sprintf("change set %d", s.ID), "it changed nothing")
	}
	if r.Reason == "" {
		r.Reason = fmt.Sprintf("undo of change set %d", s.ID)
	}
	return nil
}

// searchUndo finds the changes of the set that is to be undone. It is done again from the beginning after a restart: rows
// that were found before are written over.
func (c *Control) searchUndo(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	p, err := c.rightsNow(ctx, s)
	if err != nil {
		return s, err
	}
	old, err := c.changeSet(c.Store, p, s.Undoes)
	if err != nil {
		return c.cannot(ctx, s, err)
	}
	s, err = c.updateSet(ctx, acl.Node(), s.ID, func(_ *store.Tx, now *ChangeSet) error {
		now.Seen, now.Zones, now.Records, now.Chunks = 0, 0, 0, 0
		return nil
	})
	for before := old.Last + 1; err == nil && s.State == SetSearching; {
		var entries []store.Entry
		if entries, err = c.Store.Changes(before, historyPage); err != nil {
			return s, fmt.Errorf("read history: %w", err)
		}
		var zones []SetZone
		for _, e := range entries {
			before = e.Position
			if e.Set == old.ID && e.Position > old.First {
				zones = append(zones, SetZone{Zone: e.Zone, Position: e.Position, Records: len(e.Keys)})
			}
		}
		s, err = c.found(ctx, s, zones, len(zones), "")
		if len(entries) < historyPage || before <= old.First {
			break
		}
	}
	if err != nil || s.State != SetSearching {
		return s, err
	}
	if _, err := c.updateSet(ctx, acl.Node(), old.ID, func(_ *store.Tx, o *ChangeSet) error { o.UndoneBy = s.ID; return nil }); err != nil {
		return s, err
	}
	return c.searched(ctx, s)
}

// cannot ends a set that has lost what it is about.
func (c *Control) cannot(ctx context.Context, s ChangeSet, why error) (ChangeSet, error) {
	return c.updateSet(ctx, acl.Node(), s.ID, func(_ *store.Tx, now *ChangeSet) error {
		now.note("", why.Error())
		now.State, now.Ended = SetStopped, c.Now()
		return nil
	})
}

// undoOne undoes the change of one zone. What was edited since stays.
func (c *Control) undoOne(ctx context.Context, p acl.Principal, s ChangeSet, z SetZone) (Result, error) {
	u, err := c.UndoChange(ctx, p, UndoRequest{Position: z.Position, Meant: s.meant(), Reason: s.Reason, Set: s.ID})
	return u.Result, err
}
