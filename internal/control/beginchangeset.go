package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SetRequest begins a change set.
type SetRequest struct {
	Kind  SetKind
	Zones []zone.Name // for the kinds that do not search, where there is no Match
	SetParams
	Reason string
	// Go runs it once its zones are known; otherwise it waits for ConfirmChangeSet.
	Go bool
	// Confirm is the number of zones that a person was shown and confirmed. If it turns out to be another, the set waits.
	Confirm int
}

// verb is what each zone of the set needs.
func (k SetKind) verb() acl.Verb {
	if k == SetDelete {
		return acl.DeleteZone
	}
	return acl.WriteZone
}

// searches says that the zones are not given.
func (k SetKind) searches(match *ZoneMatch) bool {
	return k == SetUndo || k == SetReplace || match != nil
}

// BeginChangeSet makes a change set. Zones that are given must be p's to change and are looked at at once; others are
// searched for by WorkChangeSets.
func (c *Control) BeginChangeSet(ctx context.Context, p acl.Principal, r SetRequest) (ChangeSet, error) {
	if err := c.maySet(p, r.Kind, r.SetParams); err != nil {
		return ChangeSet{}, err
	}
	if err := c.checkSet(ctx, p, &r); err != nil {
		return ChangeSet{}, err
	}
	zones, records, err := c.given(p, r)
	if err != nil {
		return ChangeSet{}, err
	}
	s := ChangeSet{
		Kind: r.Kind, State: SetReady, By: p, Author: c.author(p), Reason: r.Reason, SetParams: r.SetParams,
		Begun: c.Now(), Zones: len(zones), Records: records, Go: r.Go, Confirm: r.Confirm,
	}
	if r.Kind.searches(r.Match) {
		s.State = SetSearching
	} else if r.Go {
		if err := s.goOn(c.Now(), c.Store.Synced()); err != nil {
			return ChangeSet{}, err
		}
	}
	err = c.commitRecords(ctx, "change set", func(tx *store.Tx) error {
		if err := c.numberSet(tx, &s); err != nil {
			return err
		}
		for chunk := range slices.Chunk(zones, setChunk) {
			if err := saveSetZones(tx, s.ID, s.Chunks, chunk); err != nil {
				return err
			}
			s.Chunks++
		}
		return save(tx, kindSet, setID(s.ID), s)
	})
	c.work.nudge()
	return s, err
}

// checkSet refuses what no set can do.
func (c *Control) checkSet(ctx context.Context, p acl.Principal, r *SetRequest) error {
	if len(r.Reason) > maxReason || !printable(r.Reason) {
		return fail(CodeInvalid, "reason", "a reason is one line of at most %d characters", maxReason)
	}
	switch {
	case r.Match != nil:
		if err := checkMatch(r); err != nil {
			return err
		}
	case r.Kind.searches(nil):
		if len(r.Zones) > 0 {
			return fail(CodeInvalid, "zones", "zones are not given: they are searched for")
		}
	case len(r.Zones) == 0:
		return fail(CodeInvalid, "zones", "no zone is chosen").hint("choose at least one")
	case len(r.Zones) > maxSetZones:
		return fail(CodeTooLarge, "zones", "at most %d zones at once", maxSetZones)
	case r.Go && r.Confirm != 0 && r.Confirm != len(r.Zones):
		return fail(CodeInvalid, "confirm", "%d zones are confirmed, %d are given", r.Confirm, len(r.Zones))
	}
	switch r.Kind {
	case SetDelete, SetRestore:
		return nil
	case SetHome:
		return c.checkHome(ctx, r)
	case SetTTL:
		return checkTTL(r)
	case SetReplace:
		return checkSwap(r)
	case SetUndo:
		return c.checkUndo(p, r)
	}
	return fail(CodeInvalid, "kind", "a change set of kind %q is not known", r.Kind)
}

// given looks at the zones of a request: each must be there, and p's to change.
func (c *Control) given(p acl.Principal, r SetRequest) (zones []SetZone, records int, err error) {
	seen := make(map[zone.Name]bool, len(r.Zones))
	for _, z := range r.Zones {
		if seen[z] {
			continue
		}
		seen[z] = true
		if err := c.allowZone(p, r.Kind.verb(), z); err != nil {
			return nil, 0, err
		}
		h, err := c.Store.Head(z)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, 0, fmt.Errorf("read zone %s: %w", textOf(z), err)
		}
		switch {
		case err != nil:
			return nil, 0, fail(CodeNotFound, textOf(z), "there is no such zone here")
		case h.Live == (r.Kind == SetRestore):
			return nil, 0, notInState(z, h.Live)
		}
		zones = append(zones, SetZone{Zone: z, Position: h.Position, Records: h.Records})
		records += h.Records
	}
	return zones, records, nil
}

func notInState(z zone.Name, lives bool) error {
	if lives {
		return fail(CodeExists, textOf(z), "the zone is not deleted")
	}
	return fail(CodeNotFound, textOf(z), "the zone was deleted").hint("zonefleet zone restore %s", textOf(z))
}

// numberSet gives a new set its number, and makes room for it.
func (c *Control) numberSet(tx *store.Tx, s *ChangeSet) error {
	last, _, err := load[uint64](tx, kindSetting, settingSets)
	if err != nil {
		return err
	}
	all, err := c.sets()
	if err != nil {
		return err
	}
	if err := c.roomForSet(s.By); err != nil {
		return err
	}
	kept := 0
	for _, old := range all {
		switch {
		case old.open() || old.By.User != s.By.User: // nobody's sets make those of others go
		case kept < maxSets:
			kept++
		default:
			dropSet(tx, old)
		}
	}
	s.ID = last + 1
	return save(tx, kindSetting, settingSets, s.ID)
}

// open says that the worker has something to do with it.
func (s ChangeSet) open() bool { return s.State == SetSearching || s.State == SetRunning }

// roomForSet refuses one more that is under way. Who is not root leaves room for others.
func (c *Control) roomForSet(p acl.Principal) error {
	all, err := c.sets()
	open, own := 0, 0
	for _, s := range all {
		if s.open() {
			open++
			if s.By.User == p.User {
				own++
			}
		}
	}
	if err == nil && (open >= maxSetsOpen || !p.Root && own >= maxSetsOwn) {
		err = fail(CodeUnavailable, "change set", "%d change sets are under way; the next can begin when one is done", open)
	}
	return err
}

func dropSet(tx *store.Tx, s ChangeSet) {
	tx.DeleteRecord(kindSet, setID(s.ID))
	for chunk := range s.Chunks {
		tx.DeleteRecord(kindSetZones, setZonesID(s.ID, chunk))
	}
}

// goOn makes a set run whose zones are known.
func (s *ChangeSet) goOn(now zone.Millis, synced store.Position) error {
	if s.Confirm != 0 && s.Confirm != s.Zones {
		return fail(CodeStale, fmt.Sprintf("change set %d", s.ID), "%d zones were confirmed, it is about %d", s.Confirm, s.Zones).
			hint("look at it again")
	}
	s.State, s.Confirmed, s.First, s.Last = SetRunning, now, synced, synced
	if s.Zones == 0 {
		s.State, s.Ended = SetDone, now
	}
	return nil
}
