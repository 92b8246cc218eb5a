package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// RestoreRequest brings a zone back: what it was after the change at Position, or before its deletion if that is 0.
type RestoreRequest struct {
	Zone     zone.Name
	Position store.Position
	// Meant says that a person was shown how many zones are to be restored, and confirmed it.
	Meant  bool
	Reason string
	Set    uint64 // the change set that it is part of
}

// RestoreZone brings a zone back. A deleted zone gets a new life (an ended one never lives again); a zone that lives gets
// the old content as an edit.
func (c *Control) RestoreZone(ctx context.Context, p acl.Principal, r RestoreRequest) (Result, error) {
	if err := c.allowZone(p, acl.WriteZone, r.Zone); err != nil {
		return Result{}, err
	}
	h, err := c.Store.Head(r.Zone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Result{}, noZone(r.Zone)
	case err != nil:
		return Result{}, fmt.Errorf("read zone %s: %w", textOf(r.Zone), err)
	case h.Live && r.Position == 0:
		return Result{}, fail(CodeExists, textOf(r.Zone), "the zone is not deleted").
			hint("give the change to go back to: zonefleet zone history %s", textOf(r.Zone))
	}
	build := func(s *zone.State) (zone.Change, error) { return c.revive(p, s, h.Life) }
	if r.Position != 0 {
		old, err := c.viewAt(p, r.Zone, r.Position)
		if err != nil {
			return Result{}, err
		}
		if old == nil {
			return Result{}, fail(CodeInvalid, textOf(r.Zone), "after change %d the zone was deleted", r.Position).
				hint("give an earlier change")
		}
		build = func(s *zone.State) (zone.Change, error) { return c.backTo(p, s, old) }
	}
	w, err := c.write(ctx, p, zoneWrite{zone: r.Zone, kind: "restore", reason: r.Reason, check: true, meant: r.Meant, set: r.Set, build: build})
	return w.Result, err
}

// revive starts a new life with the content of the one that answered last.
func (c *Control) revive(p acl.Principal, s *zone.State, life zone.Dot) (zone.Change, error) {
	if _, lives := s.Life(); lives {
		return zone.Change{}, fail(CodeExists, textOf(s.Zone), "the zone is not deleted")
	}
	o := c.options(p)
	change, err := s.Restore(life, o)
	if errors.Is(err, zone.ErrNothingLeft) {
		return change, fail(CodeNotFound, textOf(s.Zone), "nothing of its content is kept any more").because(err)
	}
	return change, err
}

// backTo makes the content what it was, in a new life if the zone is deleted. A name that another account has now does not
// answer with what the one before it had.
func (c *Control) backTo(p acl.Principal, s *zone.State, old *zone.View) (zone.Change, error) {
	now, lives := s.View()
	if !lives {
		o := c.options(p)
		o.Owner, o.Meta = cmp.Or(old.Owner, p.Account()), old.Meta
		return s.Create(old.RRsets, o), nil
	}
	if old.Owner != "" && old.Owner != now.Owner {
		return zone.Change{}, fail(CodeConflict, textOf(s.Zone), "the zone is %s's now, what is to be restored is %s's", now.Owner, old.Owner).
			hint("if it is to go back: delete the zone first, or restore it elsewhere and export it")
	}
	var sets []zone.RRset
	for _, d := range zone.Diff(now.RRsets, old.RRsets) {
		set := zone.RRset{Owner: d.Owner, Type: d.Type}
		if d.After != nil {
			set = *d.After
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		return zone.Change{}, nil
	}
	return s.Change(c.Now(), c.author(p), s.Set(sets...)...), nil
}
