package control

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// WorkedLinks returns the rows of all users as they are worked, by the rules of unique DNS clustering: a reseller's entry that
// holds carries the zones of that reseller's accounts, which root's link to the same server then leaves out; one that does not
// hold has no role, and does nothing.
func (c *Control) WorkedLinks(ctx context.Context) ([]Member, error) {
	rows, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	return workedAll(rows, c)
}

// household is whose entries may hold, and for whom: as it is, or as it would be.
type household interface {
	clustersAlone(user string) (bool, error) // unique DNS clustering is on
	ownersOf(reseller string) ([]string, error)
}

func workedAll(rows []Member, h household) (list []Member, err error) {
	list = make([]Member, len(rows))
	for i, m := range rows {
		if list[i], err = worked(m, rows, h); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// worked is a row as it is worked, among all rows.
func worked(m Member, rows []Member, h household) (Member, error) {
	if m.User == acl.Root {
		for _, other := range rows {
			if other.User == acl.Root || other.Fingerprint != m.Fingerprint {
				continue
			}
			e, err := effective(other, rows, h)
			if err != nil {
				return m, err
			}
			if e.Own {
				owners, err := h.ownersOf(other.User)
				if err != nil {
					return m, err
				}
				m.Scope.Except = append(m.Scope.Except, owners...)
			}
		}
		slices.Sort(m.Scope.Except)
		return m, nil
	}
	e, err := effective(m, rows, h)
	if err != nil {
		return m, err
	}
	if m.Role = e.Role; !e.Own {
		m.Role = ""
	}
	m.Scope.Owners, err = h.ownersOf(m.User)
	return m, err
}

// workedNow is worked for one row, among those that there are now.
func (c *Control) workedNow(m Member) (Member, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return m, err
	}
	list := make([]Member, 0, len(rows))
	for _, r := range rows {
		list = append(list, r)
	}
	return worked(m, list, c)
}

// effective is whose entry holds for a reseller's accounts at the server of a row.
func effective(m Member, rows []Member, h household) (cluster.Effective, error) {
	on, err := h.clustersAlone(m.User)
	return cluster.Unique(on, rootRole(m.Fingerprint, rows), m.Role), err
}

func (c *Control) clustersAlone(user string) (bool, error) {
	u, _, err := loadUser(c.Store, user)
	return u.Unique, err
}

// rootRole is root's role at the server with that key, "" if root has no entry of it.
func rootRole(key string, rows []Member) cluster.Role {
	for _, r := range rows {
		if r.User == acl.Root && r.Fingerprint == key {
			return r.Role
		}
	}
	return ""
}

// ownersOf is a reseller with all accounts of it, in order.
func (c *Control) ownersOf(reseller string) ([]string, error) {
	accounts, err := c.accountsOf(reseller)
	if err != nil {
		return nil, err
	}
	owners := append(slices.Clone(accounts), reseller)
	slices.Sort(owners)
	return slices.Compact(owners), nil
}

// mayHave says whether a reseller may have an entry with that role, and what to know of one that does not hold.
func (c *Control) mayHave(m Member) (note string, err error) {
	if m.User == acl.Root {
		return "", nil
	}
	root, err := c.rootRoleAt(m.Fingerprint)
	if err != nil {
		return "", err
	}
	switch e := cluster.Unique(true, root, m.Role); {
	case e.Own && e.Role != m.Role:
		return "", fail(CodeRefused, FieldRole, "%s", e.Note).hint("choose standalone, or ask root to add the server")
	default:
		return e.Note, nil
	}
}

// needsUnique refuses a reseller's entry while the servers of root apply.
func (c *Control) needsUnique(m Member) error {
	if m.User == acl.Root {
		return nil
	}
	u, _, err := loadUser(c.Store, m.User)
	if err == nil && !u.Unique {
		err = fail(CodeRefused, m.Host, "unique DNS clustering is off for %s: the servers of root apply", m.User).hint("switch it on first, on the page DNS Cluster")
	}
	return err
}

// asToldTo is why a server cannot be added, as its user may know it. Anybody but root is told one thing, whatever it was: else
// this server would tell what there is in its network.
func (c *Control) asToldTo(m Member, err error) error {
	if m.User == acl.Root {
		return err
	}
	for _, spoken := range []error{ErrTokenRefused, ErrNotAllowed, ErrIncompatible, ErrPinChanged, ErrClusteringOff} {
		if errors.Is(err, spoken) {
			return err // a ZoneFleet server has said that itself
		}
	}
	return fail(CodeUnavailable, m.Host, "no ZoneFleet server that may be used answers there").
		hint("it has to be reached at a public address; root can trust another: zonefleet trusted-ip add").because(err)
}

func (c *Control) rootRoleAt(key string) (cluster.Role, error) {
	m, _, err := c.knownKey(acl.Root, key)
	return m.Role, err
}

// ownerFor is an account as a grant sees it: those of the grant's reseller count as the reseller's own.
func (c *Control) ownerFor(g cluster.Grant, owner string) string {
	if g.User == cluster.Root || g.User == "" || owner == g.User {
		return owner
	}
	if reseller, err := c.resellerOf(owner); err == nil && reseller == g.User {
		return g.User
	}
	return owner
}

// Reads says whether the holder of a grant may read a zone of that owner and home.
func (c *Control) Reads(g cluster.Grant, owner, home string) bool {
	f := cluster.ZoneFact{Owner: c.ownerFor(g, owner), Home: home}
	if g.User != cluster.Root && f.Owner != g.User {
		f.ForeignOwner = owner
	}
	return g.MayRead(f)
}

// ActAs is the principal of a reseller whose cluster somebody manages: of oneself, or for root of any.
func (c *Control) ActAs(ctx context.Context, p acl.Principal, user string) (acl.Principal, error) {
	if user == "" || user == p.Account() {
		return p, nil
	}
	if !p.Root {
		return p, fail(CodeNotFound, user, "there is no such user")
	}
	if user == acl.Root {
		p.User = acl.Root
		return p, nil
	}
	u, found, err := loadUser(c.Store, user)
	switch {
	case err != nil:
		return p, err
	case !found:
		return p, fail(CodeNotFound, user, "there is no such user")
	}
	as := acl.Principal{User: u.Name, Kind: acl.KindAPI, Privileges: u.Privileges, TokenName: p.Account() + " as " + u.Name, From: p.From}
	if !as.Privileges.HasAny(acl.Clustering) {
		as.Privileges = append(slices.Clone(as.Privileges), acl.Clustering)
	}
	return as, nil
}

// dialable says which addresses may be dialled for a user's members: for root all, for others what is public, and what root
// has members or trusted IPs at. Otherwise a reseller could look through this server into its network.
func (c *Control) dialable(user string) func(netip.Addr) error {
	if user == acl.Root {
		return nil
	}
	return func(a netip.Addr) error {
		if a = a.Unmap(); isPublic(a) {
			return nil
		}
		rows, err := loadAll[Member](c.Store, kindMember)
		if err != nil {
			return err
		}
		for _, m := range rows {
			if m.User == acl.Root && (m.Reached == a.String() || m.Host == a.String()) {
				return nil
			}
		}
		hand, err := c.handIPs(c.Store)
		if err != nil || slices.ContainsFunc(hand, func(h handIP) bool { return h.Address == a }) {
			return err
		}
		return fmt.Errorf("%s is no public address", a)
	}
}

// notPublic is what no server of others is reached at, beside what netip knows (RFC 6890 and what it was updated by).
func notPublic() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.Zone() == "" && !slices.ContainsFunc(notPublic(), func(p netip.Prefix) bool { return p.Contains(a) })
}
