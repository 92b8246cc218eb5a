package control

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// object is a thing of an account, with who owns the account.
func (c *Control) object(name, owner string) (acl.Object, error) {
	reseller, err := c.resellerOf(owner)
	if err != nil {
		return acl.Object{}, fmt.Errorf("find who owns account %s: %w", owner, err)
	}
	return acl.Object{Name: name, Owner: owner, Reseller: reseller}, nil
}

// allowOwned is allow for a thing of an account.
func (c *Control) allowOwned(p acl.Principal, v acl.Verb, name, owner string) error {
	o, err := c.object(name, owner)
	if err != nil {
		return err
	}
	return allow(p, v, o)
}

// allowZone is allow for a zone and the account that owns it here. What p may not even see does not exist for p.
func (c *Control) allowZone(p acl.Principal, v acl.Verb, z zone.Name) error {
	if z == "" {
		return allow(p, v, acl.Object{})
	}
	h, err := c.Store.Head(z)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	o, err := c.object(textOf(z), h.Owner)
	if err != nil {
		return err
	}
	if p.Kind != "" && !p.Root && (!known || acl.Allow(p, acl.ReadZone, o) != nil) {
		return noZone(z)
	}
	return allow(p, v, o)
}

// noZone is what a zone that is not here and one that is not yours have in common.
func noZone(z zone.Name) error { return fail(CodeNotFound, textOf(z), "there is no such zone here") }

// allowChange checks what a write of a person or program does, whatever its use case has asked before: that it makes or
// deletes the zone, or else each record. s has the change applied; lived is the life that answered before, if one did.
func (c *Control) allowChange(p acl.Principal, s *zone.State, lived zone.LifeInfo, change zone.Change) error {
	if p.Root && p.Scope.IsZero() || p.Kind != acl.KindAPI {
		return nil
	}
	life, lives := s.Life()
	if !lives {
		life = lived
	}
	o, err := c.object(textOf(s.Zone), life.Owner)
	if err != nil {
		return err
	}
	switch {
	case lived.Owner == "":
		return errors.Join(allow(p, acl.CreateZone, o), c.mayBegin(s.Zone, life.Owner))
	case !lives:
		return allow(p, acl.DeleteZone, o)
	case life.Owner != lived.Owner:
		return noZone(s.Zone) // no write gives a zone to another account
	}
	for _, w := range change.Writes {
		if w.Key.Meta != "" {
			continue
		}
		if err := denial(p, o.Name, acl.AllowRecord(p, o, w.Key.Owner, w.Key.Type)); err != nil {
			return err
		}
	}
	return nil
}

// allowPast asks whether what a zone was is shown: it may have been another account's then.
func (c *Control) allowPast(p acl.Principal, s *zone.State, at store.Position) error {
	life, lives := s.Life()
	if p.Root || !lives {
		return nil
	}
	sight, err := c.sightOf(p)
	if err == nil && !sight.account(life.Owner) {
		err = noSuchPast(s.Zone, at)
	}
	return err
}

// sight is what somebody sees of lists: everything, or what these accounts own.
type sight struct {
	all    bool
	owners []string // sorted; the user first is not kept
}

// sightOf is what p sees. It reads an index, whatever number of zones there is.
func (c *Control) sightOf(p acl.Principal) (sight, error) {
	switch {
	case p.Root, p.User == acl.Root:
		return sight{all: true}, nil
	case p.Kind != acl.KindAPI || p.User == "":
		return sight{}, nil
	}
	accounts, err := c.accountsOf(p.User)
	if err != nil {
		return sight{}, err
	}
	owners := append(accounts, p.User)
	slices.Sort(owners)
	return sight{owners: owners}, nil
}

// account reports whether things of that account are seen.
func (s sight) account(owner string) bool {
	if s.all {
		return true
	}
	_, found := slices.BinarySearch(s.owners, owner)
	return found
}

// within is what is seen of one account's list; "" is of all that are seen. nil means everything.
func (s sight) within(owner string) []string {
	switch {
	case owner == "" && s.all:
		return nil
	case owner == "":
		return s.owners
	case s.account(owner):
		return []string{owner}
	}
	return []string{}
}

// zone reports whether a zone is seen, be it served or deleted.
func (c *Control) seesZone(s sight, z zone.Name) (bool, error) {
	if s.all {
		return true, nil
	}
	if z == "" {
		return false, nil
	}
	h, err := c.Store.Head(z)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	return s.account(h.Owner), nil
}
