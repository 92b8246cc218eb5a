package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// HeldSelection names held changes: by number, or all of a source, or all.
type HeldSelection struct {
	IDs    []uint64
	Source string // of HeldChange
	All    bool
	Reason string
}

// HeldDecision is what became of one held change.
type HeldDecision struct {
	Held   HeldChange
	Result Result // of a change that was made
	Err    error  // what was in the way: it stays held
}

// ReleaseHeld makes held changes, with their authors; of a member's, the zone is asked for and taken when it comes. A
// change whose zone was written since is not made: its Err is CodeStale. Once released here, no other server holds it.
func (c *Control) ReleaseHeld(ctx context.Context, p acl.Principal, sel HeldSelection) ([]HeldDecision, error) {
	return c.decideHeld(ctx, p, sel, "released", func(h heldRow) (Result, error) {
		if h.member() {
			return Result{}, c.releaseMembers(ctx, p, h)
		}
		return c.releaseWrite(ctx, p, h, sel.Reason)
	})
}

// DropHeld forgets held changes. A member's is refused from then on, whenever it is offered, until the member takes
// nothing away any more: the two servers differ until one of them gives in.
func (c *Control) DropHeld(ctx context.Context, p acl.Principal, sel HeldSelection) ([]HeldDecision, error) {
	return c.decideHeld(ctx, p, sel, "dropped", func(h heldRow) (Result, error) {
		return Result{}, c.commitRecords(ctx, textOf(h.HeldChange.Zone), func(tx *store.Tx) error {
			h, err := stillHeld(tx, h)
			if err == nil && h.member() {
				return decide(tx, h, HeldDropped, c.author(p))
			}
			if err == nil {
				err = unhold(tx, h)
			}
			return err
		})
	})
}

// decideHeld decides about each that is selected, and makes one event of all.
func (c *Control) decideHeld(ctx context.Context, p acl.Principal, sel HeldSelection, verb string, f func(heldRow) (Result, error)) ([]HeldDecision, error) {
	if err := allowed(p, acl.ManageCluster); err != nil {
		return nil, err
	}
	if len(sel.Reason) > maxReason || !printable(sel.Reason) {
		return nil, fail(CodeInvalid, "reason", "a reason is one line of at most %d characters", maxReason)
	}
	rows, err := c.selectHeld(sel)
	if err != nil {
		return nil, err
	}
	list := make([]HeldDecision, 0, len(rows))
	done := 0
	for _, h := range rows {
		r, err := f(h)
		if err != nil && CodeOf(err) == CodeInternal || ctx.Err() != nil {
			return list, c.storeError(ctx, textOf(h.HeldChange.Zone), errors.Join(err, ctx.Err()))
		}
		if err == nil {
			done++
		}
		list = append(list, HeldDecision{Held: h.HeldChange, Result: r, Err: err})
	}
	if done == 0 {
		return list, nil
	}
	return list, c.commitRecords(ctx, "held changes", func(tx *store.Tx) error {
		text := fmt.Sprintf("%d held changes of %s %s", done, rows[0].Name, verb)
		if sel.Reason != "" {
			text += ": " + sel.Reason
		}
		tx.AppendEvent(c.event(p, "held-"+verb, text))
		return nil
	})
}

func (c *Control) selectHeld(sel HeldSelection) ([]heldRow, error) {
	if len(sel.IDs) == 0 && sel.Source == "" && !sel.All {
		return nil, fail(CodeInvalid, "", "say which held changes: by number, of a source, or all")
	}
	rows, err := c.heldRows()
	if err != nil {
		return nil, err
	}
	wanted := map[uint64]bool{}
	for _, id := range sel.IDs {
		wanted[id] = true
	}
	var list []heldRow
	for _, h := range rows {
		switch {
		case wanted[h.ID]:
			delete(wanted, h.ID)
			list = append(list, h)
		case sel.All && h.State == HeldWaiting, sel.Source != "" && sel.Source == h.Source && h.State == HeldWaiting:
			list = append(list, h)
		}
	}
	for id := range wanted {
		return nil, noHeld(id)
	}
	return list, nil
}

func noHeld(id uint64) error {
	return fail(CodeNotFound, fmt.Sprintf("held change %d", id), "it is not held, or no longer").hint("zonefleet change held")
}

// stillHeld reads the row again, where nothing else writes.
func stillHeld(tx *store.Tx, h heldRow) (heldRow, error) {
	now, found, err := heldOf(tx, h.Source, h.HeldChange.Zone)
	if err == nil && (!found || now.ID != h.ID) {
		err = noHeld(h.ID)
	}
	return now, err
}

// releaseMembers lets a member's change in when it comes, and asks for it.
func (c *Control) releaseMembers(ctx context.Context, p acl.Principal, h heldRow) error {
	err := c.commitRecords(ctx, textOf(h.HeldChange.Zone), func(tx *store.Tx) error {
		h, err := stillHeld(tx, h)
		if err != nil {
			return err
		}
		return decide(tx, h, HeldReleased, c.author(p))
	})
	if err == nil {
		c.OfferAgain(h.Source[len(memberKey("")):], h.HeldChange.Zone, h.Position)
	}
	return err
}

// releaseWrite makes the change that was held, unless what it replaces was written since.
func (c *Control) releaseWrite(ctx context.Context, p acl.Principal, h heldRow, reason string) (Result, error) {
	b, err := c.Store.Record(kindHeldContent, heldID(h.ID))
	if errors.Is(err, store.ErrNotFound) {
		return Result{}, noHeld(h.ID)
	}
	if err != nil {
		return Result{}, fmt.Errorf("read held change %d: %w", h.ID, err)
	}
	change, err := zone.DecodeChange(b)
	if err != nil {
		return Result{}, fmt.Errorf("read held change %d: %w", h.ID, err)
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: h.HeldChange.Zone, kind: h.Kind, reason: releasedReason(h.HeldChange, c.author(p), reason), meant: true,
		build: func(s *zone.State) (zone.Change, error) {
			if err := heldStale(s, change); err != nil {
				return zone.Change{}, err
			}
			return change, nil
		},
		also: func(tx *store.Tx) error {
			h, err := stillHeld(tx, h)
			if err == nil {
				err = unhold(tx, h)
			}
			return err
		},
	})
	return w.Result, err
}

// releasedReason says in the history why it was made only now, and by whom.
func releasedReason(h HeldChange, by, reason string) string {
	text := fmt.Sprintf("held change %d, released by %s", h.ID, by)
	for _, why := range []string{reason, h.Reason} {
		if why != "" && len(text)+len(why)+2 <= maxReason {
			text += ": " + why
		}
	}
	return text
}

// heldStale says what was written since a change was made that would now be overwritten by it. A deletion saw all of the
// zone, other changes the records that they write.
func heldStale(s *zone.State, change zone.Change) error {
	var keys []zone.Key
	for _, w := range change.Writes {
		switch {
		case w.Key.Meta == zone.MetaEnd && !s.Vector.Equal(change.Saw):
			return fail(CodeStale, textOf(s.Zone), "the zone was written since the change was held").
				hint("look at it, drop the held change and do it again: zonefleet change drop")
		case w.Key.Meta == "":
			keys = append(keys, w.Key)
		}
	}
	if changed := s.ChangedSince(change.Saw, keys); len(changed) > 0 {
		return stale(s, changed)
	}
	return nil
}
