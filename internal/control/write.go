package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// zoneWrite is a write to one zone, of whatever kind: what to load, and how to make the Change from what is there. All
// of it runs where nothing else writes, so what build sees is what the Change replaces.
type zoneWrite struct {
	zone   zone.Name
	kind   string // of the history entry
	reason string
	// owners are the owner names that build reads and writes; nil loads the whole zone.
	owners []zone.Name
	// build returns the Change; one without writes and with no higher base is not committed.
	build func(s *zone.State) (zone.Change, error)
	// check lints what build wrote: errors that were not there before refuse it.
	check bool
	dry   bool // say what would happen
	// meant says that a person was shown how many zones are concerned, or that it is made against a stated version: then
	// the brake does not count it.
	meant bool
	// also, which may be nil, belongs to the same commit.
	also func(*store.Tx) error
	set  uint64 // the change set that it is part of
}

// written is what became of a zoneWrite.
type written struct {
	Result
	differences []Difference
	held        uint64 // number of the held change: nothing was written
	why         string // it is held
}

// maxReason bounds what people explain.
const maxReason = 1000

func (c *Control) write(ctx context.Context, p acl.Principal, w zoneWrite) (written, error) {
	if len(w.reason) > maxReason || !printable(w.reason) {
		return written{}, fail(CodeInvalid, "reason", "a reason is one line of at most %d characters", maxReason)
	}
	if !w.dry {
		if err := c.beforeWrite(ctx); err != nil {
			return written{}, err
		}
	}
	// Of two zones one above the other, for two accounts, the second to begin sees the first.
	if h, err := c.Store.Head(w.zone); !p.Root && (err != nil || !h.Live) {
		c.beginning.Lock()
		defer c.beginning.Unlock()
	}
	var out written
	source := c.takerOf(p, w.meant)
	pos, err := c.commitBraked(ctx, w.zone, source, func(tx *store.Tx) error {
		s, err := loadFor(tx, w.zone, w.owners)
		if err != nil {
			return err
		}
		out, err = c.apply(tx, p, source, w, s)
		return err
	})
	if err != nil {
		return written{}, c.storeError(ctx, textOf(w.zone), err)
	}
	if out.held != 0 {
		return written{}, heldError(w.zone, out.held, out.why)
	}
	if pos != 0 {
		out.Position = pos
	}
	return out, nil
}

// beforeWrite asks whether this node may give dots now.
func (c *Control) beforeWrite(ctx context.Context) error {
	if c.BeforeWrite == nil {
		return nil
	}
	if err := c.BeforeWrite(ctx); err != nil {
		return fail(CodeUnavailable, "", "nothing can be written yet: %v", err).because(err)
	}
	return nil
}

// loadFor returns the state that a write at these owners needs. Of a zone with conflicts that is all of it, so that
// the mark of a zone with conflicts is taken off when the last one is settled.
func loadFor(tx *store.Tx, z zone.Name, owners []zone.Name) (*zone.State, error) {
	marked, err := isMarked(tx, z)
	if err != nil {
		return nil, err
	}
	if owners == nil || marked {
		return tx.State()
	}
	return tx.Partial(owners...)
}

// apply makes the write's Change part of s and puts it. It runs in the committer.
func (c *Control) apply(tx *store.Tx, p acl.Principal, source taker, w zoneWrite, s *zone.State) (written, error) {
	out := written{Result: Result{Zone: w.zone, Serial: s.Serial(), ETag: s.ETag()}}
	before := contentOf(s)
	var clashes map[string]bool
	if w.check {
		clashes = clashesIn(s)
	}
	lived, _ := s.Life()
	change, err := w.build(s)
	if err != nil {
		return out, err
	}
	if len(change.Writes) == 0 && change.Base <= s.Base {
		h, err := tx.Head()
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return out, err
		}
		out.Position = h.Position
		return out, nil
	}
	fresh, err := c.newZones(tx)
	if err != nil {
		return out, err
	}
	fresh.wish(&change, s, c.Now())
	if err := inScope(p, change); err != nil {
		return out, err
	}
	dot, keys, err := s.Apply(c.Store.NodeID(), change)
	if err != nil {
		return out, fail(CodeInvalid, textOf(w.zone), "the change cannot be made: %v", err).because(err)
	}
	if err := c.allowChange(p, s, lived, change); err != nil {
		return out, err
	}
	after := contentOf(s)
	out.Changed, out.Serial, out.ETag = true, s.Serial(), s.ETag()
	out.differences = differences(before, after)
	if w.check {
		if err := refuseClash(s, clashes); err != nil {
			return out, err
		}
		if out.Findings, err = lintChange(w.zone, before, after); err != nil {
			return out, err
		}
	}
	if w.dry {
		return out, nil
	}
	l, err := lossIn(tx, s, before, after)
	if err != nil {
		return out, err
	}
	if out.held, err = c.brake(tx, p, source, w, change, l); err != nil || out.held != 0 {
		out.why = c.BrakeRule().Why()
		return out, err
	}
	if err := mark(tx, s, c.Now()); err != nil {
		return out, err
	}
	if w.also != nil {
		if err := w.also(tx); err != nil {
			return out, err
		}
	}
	tx.Put(s, keys, store.Entry{
		Time: c.Now(), Author: change.Author, Reason: w.reason, Source: p.Via(), Kind: w.kind, Dot: dot, Set: w.set,
	})
	return out, nil
}

// brake lets a write pass, or holds it and returns the number of the held change.
func (c *Control) brake(tx *store.Tx, p acl.Principal, source taker, w zoneWrite, change zone.Change, l lossSeen) (uint64, error) {
	if !l.takes() {
		return 0, nil
	}
	j, err := c.judge(source, w.zone, source.asked, l.deleted)
	if err != nil {
		return 0, err
	}
	if !j.held {
		return 0, noteMeant(tx, w.zone, source.meant)
	}
	return c.holdWrite(tx, p, w, change, HeldChange{Source: source.key, Name: source.name, Before: l.before, After: l.after}, j.tell)
}

// contentOf is what a state, or the loaded part of it, serves.
func contentOf(s *zone.State) []zone.RRset {
	v, ok := s.View()
	if !ok {
		return nil
	}
	return v.RRsets
}

func differences(before, after []zone.RRset) []Difference {
	diffs := zone.Diff(before, after)
	list := make([]Difference, 0, len(diffs))
	for _, d := range diffs {
		list = append(list, Difference{Owner: d.Owner, Type: d.Type, Before: d.Before, After: d.After})
	}
	return list
}

// lintChange returns the warnings that a change brought, and refuses errors that it brought. What was wrong before is
// nobody's fault now: a merge may have made it, and an edit elsewhere must stay possible.
func lintChange(z zone.Name, before, after []zone.RRset) ([]zone.Finding, error) {
	if len(after) == 0 {
		return nil, nil // the zone is gone
	}
	known := map[zone.Finding]bool{}
	if len(before) > 0 {
		for _, f := range zone.Lint(z, before) {
			known[f] = true
		}
	}
	var warnings []zone.Finding
	var wrong []string
	for _, f := range zone.Lint(z, after) {
		switch {
		case known[f]:
		case f.Severity == zone.Error:
			wrong = append(wrong, f.String())
		default:
			warnings = append(warnings, f)
		}
	}
	if len(wrong) > 0 {
		return nil, refusedByLint(z, wrong)
	}
	return warnings, nil
}

// clashesIn are the conflicts about a CNAME that a state has.
func clashesIn(s *zone.State) map[string]bool {
	known := map[string]bool{}
	for _, f := range s.Conflicts() {
		if f.Kind == zone.ConflictCNAME {
			known[conflictID(f)] = true
		}
	}
	return known
}

// refuseClash refuses a CNAME beside other data (RFC 1034 section 3.6.2) that this write would make. The view would hide
// one of them and lint would see nothing wrong: that is for merges, not for somebody who can be asked.
func refuseClash(s *zone.State, known map[string]bool) error {
	for _, f := range s.Conflicts() {
		if f.Kind == zone.ConflictCNAME && !known[conflictID(f)] {
			why := f.Key.Owner.Text() + " would have a CNAME beside other data"
			return fail(CodeRefused, textOf(s.Zone), "%s", why).hint("delete one of them first, or in the same edit").details([]string{why})
		}
	}
	return nil
}

func refusedByLint(z zone.Name, wrong []string) error {
	return fail(CodeRefused, textOf(z), "%s", wrong[0]).details(wrong)
}

// A zone with conflicts has a row that says so, so that listing conflicts reads no other zones.
const kindConflicted = "conflicted"

func isMarked(r records, z zone.Name) (bool, error) {
	_, err := r.Record(kindConflicted, string(z))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// mark keeps that row, and the one of zones that are signed, in step with a state that is about to be put, and tells people of a zone that gets its first conflict.
func mark(tx *store.Tx, s *zone.State, now zone.Millis) error {
	if err := markSigned(tx, s); err != nil {
		return err
	}
	marked, err := isMarked(tx, s.Zone)
	if err != nil {
		return fmt.Errorf("read mark of zone %s: %w", textOf(s.Zone), err)
	}
	switch has := len(s.Conflicts()) > 0; {
	case has && !marked:
		life, _ := s.Life()
		tx.PutRecord(kindConflicted, string(s.Zone), []byte{rowFormat})
		tx.AppendEvent(store.Event{
			Time: now, Kind: "conflict", Severity: severityWarning, Zone: s.Zone, Fields: map[string]string{"notify": "yes", fieldUser: life.Owner},
			Text: "zone " + textOf(s.Zone) + " has edits made apart of which only one can be served: somebody has to choose",
		})
	case !has && marked:
		tx.DeleteRecord(kindConflicted, string(s.Zone))
	}
	return nil
}

// live returns the head of a zone that is served here.
func (c *Control) live(z zone.Name) (store.Head, error) {
	h, err := c.Store.Head(z)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return h, noZone(z)
	case err != nil:
		return h, fmt.Errorf("read zone %s: %w", textOf(z), err)
	case !h.Live:
		return h, fail(CodeNotFound, textOf(z), "the zone was deleted").hint("zonefleet zone restore %s", textOf(z))
	}
	return h, nil
}
