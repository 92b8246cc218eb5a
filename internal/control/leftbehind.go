package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Zones that have gone to a server stay there when no link carries them any more: a role that does not send, an account that
// another reseller owns now, unique DNS clustering switched off. Nothing deletes them there, and nothing updates them. So that
// people are told, it is kept whose zones have ever gone to each server; a comparison asks the server which of those that it
// is not sent any more it has. Servers are known by their keys, since the rows of several users may lead to one.

// kindSent is key of a server → sentRow. It stays when the server is no member any more: it may become one again.
const kindSent = "sent"

// sentRow is whose zones have gone to a server at any time.
type sentRow struct {
	All    bool
	Owners []string // in order
}

// The bounds of it. Beyond the first, all are taken to have gone there: the server says which zones it has in any case. Zones
// beyond the second are not asked for, and that is said.
const (
	maxSentOwners = 10_000
	maxLeftAsked  = 10_000 // by one comparison
)

// sending is what the links to one server send, by the rows of all users as they are worked.
type sending []cluster.Scope

func sendingTo(key string, rows []Member) (s sending) {
	for _, m := range rows {
		if m.Fingerprint == key && m.Policy().Send != cluster.SendNone {
			s = append(s, m.Scope)
		}
	}
	return s
}

func (s sending) includes(owner string) bool {
	return slices.ContainsFunc(s, func(one cluster.Scope) bool { return one.Includes(owner) })
}

// NoteSent keeps whose zones go to which server, for node, which calls it with the rows as they are worked before it works
// them. What only shrinks writes nothing.
func (c *Control) NoteSent(ctx context.Context, worked []Member) error {
	keys := map[string]bool{}
	for _, m := range worked {
		if keys[m.Fingerprint] {
			continue
		}
		keys[m.Fingerprint] = true
		now := sendingTo(m.Fingerprint, worked)
		row, _, err := load[sentRow](c.Store, kindSent, m.Fingerprint)
		if err != nil {
			return err
		}
		if !row.add(now) {
			continue
		}
		err = c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error { return save(tx, kindSent, m.Fingerprint, row) })
		if err != nil {
			return err
		}
	}
	return nil
}

// add reports whether somebody was new.
func (r *sentRow) add(s sending) bool {
	before := len(r.Owners)
	if r.All {
		return false
	}
	for _, scope := range s {
		r.All = r.All || len(scope.Owners) == 0
		r.Owners = append(r.Owners, scope.Owners...)
	}
	slices.Sort(r.Owners)
	r.Owners = slices.Compact(r.Owners)
	if r.All = r.All || len(r.Owners) > maxSentOwners; r.All {
		r.Owners = nil
		return true
	}
	return len(r.Owners) > before
}

// lost is whose zones have gone to a server and do not any more: the owners, or all for whom now does not say otherwise.
func (r sentRow) lost(now sending) (all bool, owners []string) {
	if !r.All {
		return false, slices.DeleteFunc(slices.Clone(r.Owners), now.includes)
	}
	for _, scope := range now {
		if len(scope.Owners) == 0 { // it carries all but some, which another link may carry
			return false, slices.DeleteFunc(slices.Clone(scope.Except), now.includes)
		}
	}
	return true, nil
}

// unsent are the zones here of which the server with that key had the changes, and gets none any more.
type unsent struct {
	c      *Control
	key    string
	all    bool
	owners []string
	now    sending
	reads  []cluster.Grant // with which that server fetches by itself what changes here
}

func (c *Control) unsentTo(key, name string, before sentRow, now sending) (u unsent, err error) {
	u = unsent{c: c, key: key, now: now}
	if u.all, u.owners = before.lost(now); u.all || len(u.owners) > 0 {
		u.reads, err = c.fetchesWith(key, name)
	}
	return u, err
}

// each calls f with the head of each such zone until it says stop. Zones at home there are that server's own.
func (u unsent) each(f func(store.Head) (stop bool)) error {
	if !u.all && len(u.owners) == 0 {
		return nil
	}
	for after := ""; ; {
		page, err := u.c.Store.Page(store.PageQuery{Query: store.Query{After: after, Limit: 1000, Owners: u.owners}, Count: 1})
		if err != nil {
			return fmt.Errorf("look for zones that stay elsewhere: %w", err)
		}
		for _, h := range page.Heads {
			fetched := slices.ContainsFunc(u.reads, func(g cluster.Grant) bool { return u.c.Reads(g, h.Owner, h.Home) })
			if h.Live && !fetched && !u.now.includes(h.Owner) && keyOf(h.Home) != u.key && f(h) {
				return nil
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

func (u unsent) count() (n int, err error) {
	return n, u.each(func(store.Head) bool { n++; return false })
}

// fetchesWith is what a server that follows this one by a link of its own may read here, by the tokens that it holds.
func (c *Control) fetchesWith(key, name string) (list []cluster.Grant, err error) {
	edges, err := c.edges()
	if err != nil || !cluster.Fetches(edges, name, c.Self.Name) {
		return nil, err
	}
	tokens, err := c.allTokens()
	for _, t := range tokens {
		if !t.Revoked && keyOf(t.Grant.Holder) == key {
			list = append(list, t.Grant)
		}
	}
	return list, err
}

// leftBehind asks the member which of the zones that have gone to it, and do not any more, it has. To root it lists all, to a
// reseller those of the own accounts.
func (k *comparing) leftBehind(ctx context.Context) error {
	rows, err := k.WorkedLinks(ctx)
	if err != nil {
		return err
	}
	before, _, err := load[sentRow](k.Store, kindSent, k.member.Fingerprint)
	if err != nil {
		return err
	}
	u, err := k.unsentTo(k.member.Fingerprint, k.member.Name, before, sendingTo(k.member.Fingerprint, rows))
	if err != nil {
		return err
	}
	var ask []zone.Name
	err = u.each(func(h store.Head) bool {
		if k.member.User != acl.Root && !slices.Contains(k.member.Scope.Owners, h.Owner) {
			return false
		}
		if k.result.LeftUnasked = len(ask) == maxLeftAsked; !k.result.LeftUnasked {
			ask = append(ask, h.Zone)
		}
		return k.result.LeftUnasked
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ask, maxStand) {
		there, err := k.Comparing.Exists(ctx, k.member.Target, part)
		if err != nil {
			return err
		}
		for _, z := range there {
			if slices.Contains(part, z) {
				k.result.CountLeft++
				k.result.Left = named(k.result.Left, z)
			}
		}
	}
	return nil
}
