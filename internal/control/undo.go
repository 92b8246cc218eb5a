package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// UndoRequest undoes one change.
type UndoRequest struct {
	Position store.Position
	DryRun   bool
	Meant    bool // a person was shown how many changes are to be undone, and confirmed it
	Reason   string
	Set      uint64 // the change set that it is part of
}

// UndoResult is what an undo put back, and what it left because it was edited since.
type UndoResult struct {
	Result
	Undone Change       // the change that was undone
	Back   []Difference // put back
	Left   []Difference // not put back: Before is what undo would have brought, After is what is there
}

// UndoChange makes a new change that puts back exactly what the one at the position replaced. What was edited since stays.
func (c *Control) UndoChange(ctx context.Context, p acl.Principal, r UndoRequest) (UndoResult, error) {
	e, err := c.entry(p, r.Position)
	if err != nil {
		return UndoResult{}, err
	}
	if err := c.allowZone(p, acl.WriteZone, e.Zone); err != nil {
		return UndoResult{}, err
	}
	if r.Reason == "" {
		r.Reason = fmt.Sprintf("undo of change %d", r.Position)
	}
	out := UndoResult{Undone: changeOf(e)}
	out.Undone.Differences = entryDifferences(e)
	w, err := c.write(ctx, p, zoneWrite{
		zone: e.Zone, kind: "undo", reason: r.Reason, owners: undoOwners(e), dry: r.DryRun, meant: r.Meant, set: r.Set,
		build: func(s *zone.State) (zone.Change, error) {
			writes, left := s.Undo(keyChanges(e), c.options(p))
			out.Left = leftDifferences(s, e, left)
			if len(writes) == 0 {
				return zone.Change{}, nil
			}
			return s.Change(c.Now(), c.author(p), writes...), nil
		},
	})
	out.Result, out.Back = w.Result, w.differences
	if err == nil && !out.Changed && len(out.Left) > 0 {
		return out, fail(CodeConflict, fmt.Sprintf("change %d", r.Position), "everything that it changed was edited since").
			details(undoLines(e.Zone, out.Left)).hint("undo the later change first, or set the records")
	}
	return out, err
}

// undoOwners is what must be loaded: all of the zone when lives were created or ended.
func undoOwners(e store.Entry) []zone.Name {
	owners := map[zone.Name]bool{e.Zone: true}
	for _, k := range e.Keys {
		if k.Key.Meta == zone.MetaCreated || k.Key.Meta == zone.MetaEnd {
			return nil
		}
		if k.Key.Meta == "" {
			owners[k.Key.Owner] = true
		}
	}
	if len(owners) > maxWholeOwner {
		return nil
	}
	list := make([]zone.Name, 0, len(owners))
	for n := range owners {
		list = append(list, n)
	}
	return list
}

func keyChanges(e store.Entry) []zone.KeyChange {
	list := make([]zone.KeyChange, len(e.Keys))
	for i, k := range e.Keys {
		list[i] = zone.KeyChange{Key: k.Key, Before: k.Before, After: k.After}
	}
	return list
}

func leftDifferences(s *zone.State, e store.Entry, left []zone.Key) []Difference {
	before := map[zone.Key][]zone.Version{}
	for _, k := range e.Keys {
		before[k.Key] = k.Before
	}
	list := make([]Difference, 0, len(left))
	for _, k := range left {
		list = append(list, differenceOf(k, before[k], s.Keys[k]))
	}
	return list
}

func undoLines(z zone.Name, left []Difference) []string {
	lines := make([]string, 0, len(left))
	for _, d := range left {
		switch {
		case d.Meta != "":
			lines = append(lines, "metadata "+d.Meta+" was written since")
		case d.After == nil:
			lines = append(lines, fmt.Sprintf("%s %s was deleted since", d.Owner.Relative(z), d.Type))
		default:
			lines = append(lines, fmt.Sprintf("%s %s was edited since, it is now %s", d.Owner.Relative(z), d.Type, describe(*d.After)))
		}
	}
	return lines
}
