package control

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// ChangeSets lists the change sets that p began, root's are all, newest first.
func (c *Control) ChangeSets(_ context.Context, p acl.Principal) ([]ChangeSet, error) {
	if err := c.allowOwned(p, acl.ReadHistory, "", p.Account()); err != nil {
		return nil, err
	}
	all, err := c.sets()
	if err != nil {
		return nil, err
	}
	var list []ChangeSet
	for _, s := range all {
		if p.Root || s.By.User == p.User {
			list = append(list, s)
		}
	}
	return list, nil
}

// ShowChangeSet returns one.
func (c *Control) ShowChangeSet(_ context.Context, p acl.Principal, id uint64) (ChangeSet, error) {
	if err := c.allowOwned(p, acl.ReadHistory, "", p.Account()); err != nil {
		return ChangeSet{}, err
	}
	return c.changeSet(c.Store, p, id)
}

// ChangeSetZones returns the zones of one, by pages of a hundred: page 0 is the first.
func (c *Control) ChangeSetZones(ctx context.Context, p acl.Principal, id uint64, page int) ([]SetZone, error) {
	s, err := c.ShowChangeSet(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if page < 0 || page >= s.Chunks {
		return nil, nil
	}
	return loadSetZones(c.Store, id, page)
}

// ConfirmChangeSet has a set done that waits. confirm is the number of zones that a person was shown; 0: nobody was, and
// the brake counts them.
func (c *Control) ConfirmChangeSet(ctx context.Context, p acl.Principal, id uint64, confirm int) (ChangeSet, error) {
	s, err := c.updateSet(ctx, p, id, func(_ *store.Tx, s *ChangeSet) error {
		if err := c.maySet(p, s.Kind, s.SetParams); err != nil {
			return err
		}
		if s.State != SetReady {
			return fail(CodeConflict, fmt.Sprintf("change set %d", id), "it does not wait: it is %s", s.State)
		}
		s.Confirm = confirm
		return s.goOn(c.Now(), c.Store.Synced())
	})
	c.work.nudge()
	return s, err
}

// StopChangeSet stops a set that is not over. What it did stays, and can be undone.
func (c *Control) StopChangeSet(ctx context.Context, p acl.Principal, id uint64) (ChangeSet, error) {
	return c.updateSet(ctx, p, id, func(tx *store.Tx, s *ChangeSet) error {
		if err := c.maySet(p, s.Kind, s.SetParams); err != nil {
			return err
		}
		if s.State.Over() {
			return fail(CodeConflict, fmt.Sprintf("change set %d", id), "it is over: %s", s.State)
		}
		s.State, s.Ended = SetStopped, c.Now()
		if s.Kind == SetUndo && s.Confirmed == 0 {
			return c.notUndone(tx, s)
		}
		return nil
	})
}

// notUndone takes back that a set has an undo: it was looked at, and nothing was done.
func (c *Control) notUndone(tx *store.Tx, undo *ChangeSet) error {
	old, err := c.changeSet(tx, acl.Node(), undo.Undoes)
	if err != nil || old.UndoneBy != undo.ID {
		return err
	}
	old.UndoneBy = 0
	return save(tx, kindSet, setID(old.ID), old)
}

// Words is what the set does, in one line for people: "delete 12 zones".
func (s ChangeSet) Words() string {
	n := strconv.Itoa(s.Zones) + " zones"
	switch {
	case s.Zones == 1:
		n = "1 zone"
	case s.State == SetSearching:
		n = "zones"
	}
	if s.Match != nil {
		n += ", " + s.Match.Words()
	}
	switch s.Kind {
	case SetHome:
		name, _, _ := strings.Cut(s.Home, " ")
		return "make " + name + " the home of " + n
	case SetTTL:
		return fmt.Sprintf("set the TTL of all records to %d in %s", s.TTL, n)
	case SetReplace:
		return "replace " + s.From + " by " + s.To + " in " + n
	case SetUndo:
		return fmt.Sprintf("undo change set %d, %s", s.Undoes, n)
	}
	return string(s.Kind) + " " + n
}
