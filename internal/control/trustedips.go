package control

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// TrustedIP is an address at which a nameserver of this cluster answers: WHM's "Remote service IPs". The delegation of a new
// zone should lead to one of them.
type TrustedIP struct {
	Address netip.Addr
	Sources []string // "this server", names of members, that are the source of it
	ByHand  bool
	Note    string // of who added it by hand
}

// handIP is an address that was added by hand, as it is stored.
type handIP struct {
	Address netip.Addr
	Note    string
}

const (
	settingTrusted = "trusted-ips"
	maxTrusted     = 1000 // addresses kept by hand
	maxAddresses   = 64   // of one server, as it states them
)

// TrustedIPs lists the trusted addresses in their order: this server's, those that members state, and those kept by hand.
// What a member states is learned when it is added and each time that its link opens.
func (c *Control) TrustedIPs(ctx context.Context, p acl.Principal) ([]TrustedIP, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{}); err != nil {
		return nil, err
	}
	all, err := c.trustedIPs()
	if err != nil || p.Root {
		return all, err
	}
	return c.seenIPs(p, all)
}

// seenIPs leaves out what is learned from the members of other resellers, and what root noted.
func (c *Control) seenIPs(p acl.Principal, all []TrustedIP) ([]TrustedIP, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	others := map[string]bool{}
	for _, m := range rows {
		others[m.Label()] = others[m.Label()] || m.User != acl.Root && m.User != p.User
	}
	for _, m := range rows {
		if m.User == acl.Root || m.User == p.User {
			others[m.Label()] = false
		}
	}
	seen := all[:0]
	for _, t := range all {
		t.Note = ""
		t.Sources = slices.DeleteFunc(t.Sources, func(s string) bool { return others[s] })
		if t.ByHand || len(t.Sources) > 0 {
			seen = append(seen, t)
		}
	}
	return seen, nil
}

func (c *Control) trustedIPs() ([]TrustedIP, error) {
	byAddress := map[netip.Addr]*TrustedIP{}
	at := func(a netip.Addr) *TrustedIP {
		a = a.Unmap().WithZone("")
		if byAddress[a] == nil {
			byAddress[a] = &TrustedIP{Address: a}
		}
		return byAddress[a]
	}
	learn := func(source string, addresses []netip.Addr) {
		for _, a := range addresses {
			if t := at(a); !slices.Contains(t.Sources, source) {
				t.Sources = append(t.Sources, source)
			}
		}
	}
	learn("this server", c.Self.Addresses)
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	for _, m := range rows {
		learn(m.Label(), m.stated())
	}
	hand, err := c.handIPs(c.Store)
	if err != nil {
		return nil, err
	}
	for _, h := range hand {
		t := at(h.Address)
		t.ByHand, t.Note = true, h.Note
	}
	list := make([]TrustedIP, 0, len(byAddress))
	for _, t := range byAddress {
		slices.Sort(t.Sources)
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b TrustedIP) int { return a.Address.Compare(b.Address) })
	return list, nil
}

// stated is where a member answers DNS, as it said last.
func (m Member) stated() (list []netip.Addr) {
	texts := m.Addresses
	if len(texts) == 0 && m.Member.Address != "" {
		texts = []string{m.Member.Address} // of a row of an older release, until the link opens again
	}
	for _, text := range texts {
		if a, err := netip.ParseAddrPort(text); err == nil {
			list = append(list, a.Addr())
		}
	}
	return list
}

func (c *Control) handIPs(r records) ([]handIP, error) {
	list, _, err := load[[]handIP](r, kindSetting, settingTrusted)
	return list, err
}

// AddTrustedIP keeps an address by hand, or changes its note.
func (c *Control) AddTrustedIP(ctx context.Context, p acl.Principal, a netip.Addr, note string) error {
	if err := allow(p, acl.ManageCluster, acl.Object{}); err != nil {
		return err
	}
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.Zone() != "":
		return fail(CodeInvalid, "address", "%s is no address of a nameserver", a)
	case len(note) > maxTokenName || !printable(note):
		return fail(CodeInvalid, "note", "a note is at most %d printable characters", maxTokenName)
	}
	return c.changeTrusted(ctx, p, "trusted IP "+a.String()+" added", func(list []handIP) ([]handIP, error) {
		list = slices.DeleteFunc(list, func(h handIP) bool { return h.Address == a })
		if len(list) >= maxTrusted {
			return nil, fail(CodeTooLarge, "trusted IPs", "%d are kept by hand already", maxTrusted).hint("zonefleet trusted-ip remove ADDRESS")
		}
		return append(list, handIP{a, note}), nil
	})
}

// RemoveTrustedIP forgets an address that is kept by hand. One that a member states goes with the member.
func (c *Control) RemoveTrustedIP(ctx context.Context, p acl.Principal, a netip.Addr) error {
	if err := allow(p, acl.ManageCluster, acl.Object{}); err != nil {
		return err
	}
	a = a.Unmap()
	return c.changeTrusted(ctx, p, "trusted IP "+a.String()+" removed", func(list []handIP) ([]handIP, error) {
		i := slices.IndexFunc(list, func(h handIP) bool { return h.Address == a })
		if i < 0 {
			return nil, fail(CodeNotFound, a.String(), "is not kept by hand").hint("what a member states goes with the member: zonefleet trusted-ip list")
		}
		return slices.Delete(list, i, i+1), nil
	})
}

func (c *Control) changeTrusted(ctx context.Context, p acl.Principal, text string, f func([]handIP) ([]handIP, error)) error {
	return c.commitRecords(ctx, "trusted IPs", func(tx *store.Tx) error {
		list, err := c.handIPs(tx)
		if err == nil {
			list, err = f(list)
		}
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b handIP) int { return cmp.Or(a.Address.Compare(b.Address)) })
		tx.AppendEvent(c.event(p, "trusted-ips-changed", text))
		return save(tx, kindSetting, settingTrusted, list)
	})
}

// untrusted says that a member is reached at an address that no nameserver of this cluster is known to have; empty if not.
func untrusted(m Member, trusted []TrustedIP) string {
	a, err := netip.ParseAddr(m.Reached)
	if err != nil || slices.ContainsFunc(trusted, func(t TrustedIP) bool { return t.Address == a.Unmap() }) {
		return ""
	}
	return fmt.Sprintf("reached at %s, which is no trusted IP: zones that are delegated to it are taken for remote ones", a)
}
