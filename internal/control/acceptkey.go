package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// KeyChange is a server whose key is another now.
type KeyChange struct {
	Name   string
	Pinned string
	Shown  string // "" if it cannot be asked
	Why    string // it cannot
	Rows   int    // of the member table that the new key takes over
	Tokens int    // that are bound to it then
	Homes  int    // zones whose home moves with it
	Left   int    // zones whose home is still a server that the pinned one replaced
}

// known is a server as this node knows it.
type known struct {
	name, key string
	row       *Member // nil: it only holds a token
}

// knownServer finds a server by what people call it: a member of the acting user, or the holder of a token.
func (c *Control) knownServer(p acl.Principal, ref string) (known, error) {
	m, err := c.member(c.Store, p, ref)
	if err == nil {
		return known{cmp.Or(m.Name, m.Host), m.Fingerprint, &m}, nil
	}
	if CodeOf(err) != CodeNotFound {
		return known{}, err
	}
	tokens, loadErr := loadAll[auth.Token](c.Store, kindToken)
	if loadErr != nil {
		return known{}, loadErr
	}
	var newest auth.Token
	for _, t := range tokens {
		holds := t.Kind == auth.KindMember && !t.Revoked && keyOf(t.Grant.Holder) != "" && t.User == p.Account()
		if holds && cluster.NormalizeHost(nameOf(t.Grant.Holder)) == cluster.NormalizeHost(ref) && t.Created.After(newest.Created) {
			newest = t
		}
	}
	if newest.ID == "" {
		return known{}, err
	}
	return known{name: nameOf(newest.Grant.Holder), key: keyOf(newest.Grant.Holder)}, nil
}

// keyChanged refuses a server that shows a key other than the pinned one, with both.
func keyChanged(old known, shown, here string) error {
	// The message travels to the joining server, the hint does not.
	return fail(CodeConflict, old.name, "key changed: pinned %s, shown %s; if it takes the other's place, run on %s: zonefleet member accept-key %s --fingerprint %s",
		old.key, shown, here, old.name, shown).hint("otherwise give it a name of its own")
}

// ShowKey asks a server which key it shows now and says what accepting it would change.
func (c *Control) ShowKey(ctx context.Context, p acl.Principal, ref string) (KeyChange, error) {
	if err := allow(p, acl.ManageMembers, acl.Object{Name: ref}); err != nil {
		return KeyChange{}, err
	}
	old, err := c.knownServer(p, ref)
	if err != nil {
		return KeyChange{}, err
	}
	k := KeyChange{Name: old.name, Pinned: old.key}
	if old.row == nil {
		k.Why = "it is no member here, so it is not known where it is reached"
	} else if k.Shown, err = c.shownKey(ctx, *old.row); err != nil {
		k.Why = err.Error()
	}
	return k, c.countKey(&k)
}

func (c *Control) shownKey(ctx context.Context, m Member) (string, error) {
	if c.Members == nil {
		return "", ErrUnreachable
	}
	e, err := c.Endpoint(ctx, m)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return c.Members.ShownKey(ctx, e)
}

func (c *Control) countKey(k *KeyChange) error {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return err
	}
	for _, m := range rows {
		if m.Fingerprint == k.Pinned {
			k.Rows++
		}
	}
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if keyOf(t.Grant.Holder) == k.Pinned && !t.Revoked {
			k.Tokens++
		}
	}
	if k.Left, err = c.homesLeft(k.Pinned); err != nil {
		return err
	}
	k.Homes, err = c.countAtKey(k.Pinned)
	return err
}

// AcceptKeyResult says what accepting a key did.
type AcceptKeyResult struct {
	KeyChange
	Moved   int // zones whose home is the new key now
	Notices []string
}

// AcceptKey lets the server that shows the key take the place of the one whose key was pinned: its rows, from the beginning, its
// tokens, and the zones whose home it was. fingerprint is the key that a person was shown.
func (c *Control) AcceptKey(ctx context.Context, p acl.Principal, ref, fingerprint string) (AcceptKeyResult, error) {
	if err := allow(p, acl.ManageMembers, acl.Object{Name: ref}); err != nil {
		return AcceptKeyResult{}, err
	}
	old, err := c.knownServer(p, ref)
	if err != nil {
		return AcceptKeyResult{}, err
	}
	if fingerprint == c.Self.Fingerprint {
		return AcceptKeyResult{}, selfError(old.name, "that is the key of this server itself")
	}
	out := AcceptKeyResult{KeyChange: KeyChange{Name: old.name, Pinned: old.key, Shown: fingerprint}}
	if err := c.countKey(&out.KeyChange); err != nil {
		return AcceptKeyResult{}, err
	}
	if fingerprint == old.key {
		if out.Left == 0 {
			return out, fail(CodeExists, old.name, "that key is pinned already")
		}
		out.Moved, err = c.moveHomes(ctx, p, fingerprint)
		return out, err
	}
	if other, taken, err := c.knownKey(p.Account(), fingerprint); err != nil || taken {
		return AcceptKeyResult{}, errors.Join(err, fail(CodeConflict, old.name, "that is the key of %s", other.Label()))
	}
	holder := old.name + " " + fingerprint
	var place place
	err = c.commitRecords(ctx, old.name, func(tx *store.Tx) (err error) {
		place, err = c.takePlace(tx, p, old.key, holder)
		return err
	})
	if err != nil {
		return AcceptKeyResult{}, err
	}
	c.forgetTargets(place.dropped)
	c.MembersChanged()
	if out.Moved, err = c.moveHomes(ctx, p, fingerprint); err != nil {
		out.Notices = append(out.Notices, fmt.Sprintf("of %d zones at home there %d moved: %v; the others stay where they are until it is run again", out.Homes, out.Moved, err))
	}
	return out, nil
}

// place is what another server takes over.
type place struct {
	rows    []Member // as they are then
	dropped []string // targets that are no more
}

// takePlace binds everything that is bound to a key to another one. Each link begins anew, since what it leads to has another
// data folder; the server may not know our token, which Renew says.
func (c *Control) takePlace(tx *store.Tx, p acl.Principal, old, holder string) (taken place, err error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return place{}, err
	}
	for _, seen := range rows {
		m, found, err := load[Member](tx, kindMember, seen.id())
		if err != nil {
			return place{}, err
		}
		if !found || m.Fingerprint != old {
			continue
		}
		taken.dropped = append(taken.dropped, m.Target)
		tx.DeleteRecord(kindHealth, m.Target)
		m.Fingerprint, m.Name, m.Target, m.Renew = keyOf(holder), nameOf(holder), newTarget(m), true
		start(&m, true, 0)
		taken.rows = append(taken.rows, m)
		if err := saveMember(tx, m); err != nil {
			return place{}, err
		}
	}
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return place{}, err
	}
	for id := range tokens {
		t, found, err := load[auth.Token](tx, kindToken, id)
		if err != nil {
			return place{}, err
		}
		if !found || keyOf(t.Grant.Holder) != old || t.Revoked {
			continue
		}
		t.Grant.Holder = holder
		if err := save(tx, kindToken, id, t); err != nil {
			return place{}, err
		}
	}
	if err := c.succeed(tx, old, holder); err != nil {
		return place{}, err
	}
	e := c.event(p, "member-key-accepted", fmt.Sprintf("%s has a new key: %s, was %s", nameOf(holder), keyOf(holder), old))
	e.Member, e.Severity, e.Fields = nameOf(holder), severityWarning, map[string]string{"old": old, "new": keyOf(holder), "notify": "yes"}
	tx.AppendEvent(e)
	return taken, nil
}

// eachAtHome calls f with every living zone whose home has a wanted key, and that key.
func (c *Control) eachAtHome(wanted func(key string) bool, f func(z zone.Name, key string) error) error {
	homes, err := c.Store.Homes()
	if err != nil {
		return fmt.Errorf("look for zones at home there: %w", err)
	}
	for _, home := range slices.Sorted(maps.Keys(homes)) {
		key := keyOf(home)
		if !wanted(key) {
			continue
		}
		zones, err := c.Store.ZonesAt(home)
		if err != nil {
			return fmt.Errorf("look for zones at home there: %w", err)
		}
		for _, z := range zones {
			if err := f(z, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// countAtKey counts the living zones whose home has the key.
func (c *Control) countAtKey(key string) (n int, err error) {
	homes, err := c.Store.Homes()
	if err != nil {
		return 0, fmt.Errorf("count zones at home there: %w", err)
	}
	for home, zones := range homes {
		if keyOf(home) == key {
			n += zones
		}
	}
	return n, nil
}

// homesAtOnce is how many zones are moved side by side: they share the committer's batches.
const homesAtOnce = 64

// moveTo moves the zones at home at a key to its holder.
func (c *Control) moveTo(ctx context.Context, p acl.Principal, holders map[string]string) (moved int, err error) {
	type move struct {
		zone zone.Name
		old  string
	}
	var moves []move
	err = c.eachAtHome(func(key string) bool { return holders[key] != "" }, func(z zone.Name, key string) error {
		moves = append(moves, move{z, key})
		return nil
	})
	if err != nil {
		return 0, err
	}
	for batch := range slices.Chunk(moves, homesAtOnce) {
		group, ctx := errgroup.WithContext(ctx)
		for _, m := range batch {
			group.Go(func() error { return c.moveHome(ctx, p, m.zone, m.old, holders[m.old]) })
		}
		if err := group.Wait(); err != nil {
			return moved, err
		}
		moved += len(batch)
	}
	return moved, nil
}

func (c *Control) moveHome(ctx context.Context, p acl.Principal, z zone.Name, old, home string) error {
	_, err := c.write(ctx, p, zoneWrite{
		zone: z, kind: "edit", reason: nameOf(home) + " has a new key", owners: []zone.Name{}, meant: true,
		build: func(s *zone.State) (zone.Change, error) {
			if v, lives := s.Life(); !lives || keyOf(v.Home) != old {
				return zone.Change{}, nil
			}
			return s.Change(c.Now(), c.author(p), s.SetMeta(zone.MetaHome, home)...), nil
		},
	})
	return err
}

// KeySeen notes that a member shows another key than the pinned one, or with "" that it shows the pinned one again. The first
// sight of a key is an event.
func (c *Control) KeySeen(ctx context.Context, target, shown string) error {
	before, was := c.Store.Register(shownKeyRegister(target))
	if shown == "" {
		if was {
			c.Store.DeleteRegister(shownKeyRegister(target))
		}
		return nil
	}
	if string(before) == shown {
		return nil
	}
	m, found, err := c.link(c.Store, target)
	if err != nil || !found {
		return err
	}
	c.Store.SetRegister(shownKeyRegister(target), []byte(shown))
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		e := c.event(acl.Node(), "member-key-changed", fmt.Sprintf("%s: key changed: pinned %s, shown %s; nothing is sent to it", m.Label(), m.Fingerprint, shown))
		e.Member, e.Severity, e.Fields = m.Label(), severityAlarm, map[string]string{"old": m.Fingerprint, "new": shown, "notify": "yes"}
		tx.AppendEvent(e)
		return nil
	})
}

func shownKeyRegister(target string) string { return "shown-key/" + target }

// shownNow is the other key that a member shows, "" if none.
func (c *Control) shownNow(target string) string {
	b, _ := c.Store.Register(shownKeyRegister(target))
	return string(b)
}
