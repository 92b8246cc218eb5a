package control

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// UserInfo is a user with what follows from other rows.
type UserInfo struct {
	User
	SignIn   SignInState
	Accounts int
	Zones    int // that live
	Reseller bool
}

// UserFilter chooses users.
type UserFilter struct {
	Search    string // part of the name
	Owner     string // whose accounts; empty: everybody's
	Resellers bool   // resellers only
	After     string // Next of the page before
	Limit     int
}

// UserPage is one page of users by name.
type UserPage struct {
	Users []UserInfo
	Next  string
	Total int
}

// ListUsers lists those that p sees: root all, others themselves and their accounts.
func (c *Control) ListUsers(_ context.Context, p acl.Principal, f UserFilter) (UserPage, error) {
	if err := allowed(p, acl.ReadUser); err != nil {
		return UserPage{}, err
	}
	names, err := c.usersSeen(p, f)
	if err != nil {
		return UserPage{}, err
	}
	out, search := UserPage{}, strings.ToLower(strings.TrimSpace(f.Search))
	for _, name := range names {
		if !strings.Contains(name, search) {
			continue
		}
		if f.Resellers {
			if is, err := c.isReseller(name); err != nil || !is {
				if err != nil {
					return UserPage{}, err
				}
				continue
			}
		}
		out.Total++
		switch {
		case name <= f.After:
		case len(out.Users) < page(f.Limit):
			u, err := c.userInfo(name)
			if err != nil {
				return UserPage{}, err
			}
			out.Users = append(out.Users, u)
		case out.Next == "":
			out.Next = out.Users[len(out.Users)-1].Name
		}
	}
	return out, nil
}

func (c *Control) usersSeen(p acl.Principal, f UserFilter) (names []string, err error) {
	s, err := c.sightOf(p)
	switch {
	case err != nil:
	case f.Owner != "" && !s.account(f.Owner):
	case f.Owner != "":
		names, err = c.accountsOf(f.Owner)
	case s.all:
		names, err = c.Store.RecordIDs(kindUser, "")
	default:
		names = s.owners
	}
	return names, err
}

func (c *Control) isReseller(name string) (bool, error) {
	u, found, err := loadUser(c.Store, name)
	if err != nil || !found || u.Owner != acl.Root || len(u.Privileges) > 0 {
		return found && u.Owner == acl.Root, err
	}
	accounts, err := c.accountsOf(name)
	return len(accounts) > 0, err
}

func (c *Control) userInfo(name string) (UserInfo, error) {
	u, _, err := loadUser(c.Store, name)
	if err != nil {
		return UserInfo{}, err
	}
	accounts, err := c.accountsOf(name)
	if err != nil {
		return UserInfo{}, err
	}
	zones, _, err := c.Store.CountOf([]string{name})
	if err != nil {
		return UserInfo{}, fmt.Errorf("count zones of %s: %w", name, err)
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, name)
	return UserInfo{
		User: u, Accounts: len(accounts), Zones: zones, Reseller: u.Owner == acl.Root && (len(u.Privileges) > 0 || len(accounts) > 0),
		SignIn: SignInState{Password: row.Password != "", Code: row.TOTP != nil, Recovery: len(row.Recovery)},
	}, err
}

// allowUser is allow for a user. Who p does not see is not there.
func (c *Control) allowUser(p acl.Principal, v acl.Verb, name string) error {
	if p.Kind == "" {
		return allowed(p, v)
	}
	u, found, err := loadUser(c.Store, name)
	if err != nil {
		return err
	}
	if name == acl.Root {
		u, found = User{Name: acl.Root, Owner: acl.Root, Privileges: acl.Privileges{acl.All}}, true
	}
	o := acl.Object{Name: name, Owner: name, Reseller: u.Owner}
	if !found || !p.Root && acl.Allow(p, acl.ReadUser, o) != nil {
		return noAccount(name)
	}
	if err := allow(p, v, o); err != nil {
		return err
	}
	becomes := v == acl.SetPassword || v == acl.OpenSession
	if becomes && !p.Root && p.User == name { // a token would become more than it is, a session would not need the old password
		return fail(CodeDenied, "", "%s oneself: %s may not", v, p.Account()).hint("the own password is changed under My account, with the old one")
	}
	if becomes && !p.Root && !u.Privileges.Within(p.Privileges) {
		return fail(CodeDenied, "", "%s as %s: %s may what %s may not", v, p.Account(), name, p.Account())
	}
	return nil
}

// ShowUser returns one user.
func (c *Control) ShowUser(_ context.Context, p acl.Principal, name string) (UserInfo, error) {
	if err := c.allowUser(p, acl.ReadUser, name); err != nil {
		return UserInfo{}, err
	}
	if name == acl.Root {
		return c.rootInfo()
	}
	return c.userInfo(name)
}

func (c *Control) rootInfo() (UserInfo, error) {
	u, err := c.userInfo(acl.Root)
	u.User = User{Name: acl.Root, Owner: acl.Root, Privileges: acl.Privileges{acl.All}}
	return u, err
}

// UserEdit changes a user; what is nil stays as it is.
type UserEdit struct {
	Name        string
	Owner       *string
	Contact     *string
	Privileges  *acl.Privileges
	Nameservers *[]Nameserver
	Unique      *bool
	Suspended   *bool
}

// maxOwnNameservers is WHM's: primary to quaternary.
const maxOwnNameservers = 4

// EditUser changes a user. Each part has its own right.
func (c *Control) EditUser(ctx context.Context, p acl.Principal, e UserEdit) (UserInfo, error) {
	if err := c.allowEdit(p, e); err != nil {
		return UserInfo{}, err
	}
	err := c.commitRecords(ctx, e.Name, func(tx *store.Tx) error {
		old, found, err := loadUser(tx, e.Name)
		if err != nil {
			return err
		}
		if !found {
			return noAccount(e.Name)
		}
		u, err := c.withEdit(tx, p, old, e)
		if err != nil {
			return err
		}
		tx.AppendEvent(c.userEvent(p, u.Name, "user-edited", strings.Join(whatChanged(old, u), ", ")))
		return saveUser(tx, old, u)
	})
	if err != nil {
		return UserInfo{}, err
	}
	c.MembersChanged() // a suspended user's links and tokens rest
	return c.userInfo(e.Name)
}

// allowEdit asks for the right to each part that is given.
func (c *Control) allowEdit(p acl.Principal, e UserEdit) error {
	if e.Name == acl.Root {
		return fail(CodeInvalid, "name", "root is built in: only its password and code can be set")
	}
	verbs := []acl.Verb{acl.ReadUser}
	if e.Contact != nil || e.Privileges != nil || e.Owner != nil {
		verbs = append(verbs, acl.EditUser)
	}
	if e.Suspended != nil {
		verbs = append(verbs, acl.SuspendUser)
	}
	if e.Nameservers != nil {
		verbs = append(verbs, acl.SetNameservers)
	}
	for _, v := range verbs {
		if err := c.allowUser(p, v, e.Name); err != nil {
			return err
		}
	}
	if e.Unique != nil {
		return allow(p, acl.ManageMembers, acl.Object{Name: e.Name, Owner: e.Name})
	}
	return nil
}

// withEdit is the user with the edit made, checked where nothing else writes.
func (c *Control) withEdit(tx records, p acl.Principal, u User, e UserEdit) (User, error) {
	if e.Contact != nil {
		u.Contact = *e.Contact
	}
	if e.Owner != nil && *e.Owner != u.Owner {
		if !p.Root {
			return u, fail(CodeDenied, "owner", "only root gives an account to another owner")
		}
		if accounts, err := c.accountsOf(u.Name); err != nil || len(accounts) > 0 && *e.Owner != acl.Root {
			return u, cmp.Or(err, error(fail(CodeConflict, "owner", "%s owns %d accounts itself", u.Name, len(accounts))))
		}
		if err := mayOwn(tx, *e.Owner); err != nil {
			return u, err
		}
		u.Owner = *e.Owner
	}
	if e.Privileges != nil {
		if !p.Root && p.User == u.Name {
			return u, fail(CodeDenied, "privileges", "nobody changes the own privileges")
		}
		if err := mayGive(p, u.Privileges, *e.Privileges); err != nil {
			return u, err
		}
		u.Privileges = *e.Privileges
	}
	if e.Nameservers != nil {
		if err := checkNameservers(*e.Nameservers); err != nil {
			return u, err
		}
		u.Nameservers = *e.Nameservers
	}
	if e.Unique != nil {
		u.Unique = *e.Unique
	}
	if e.Suspended != nil {
		if p.User == u.Name {
			return u, fail(CodeDenied, "suspended", "nobody suspends himself")
		}
		u.Suspended = *e.Suspended
	}
	return u, u.check()
}

func checkNameservers(list []Nameserver) error {
	if len(list) > maxOwnNameservers {
		return fail(CodeTooLarge, "nameservers", "at most %d nameservers, primary to quaternary", maxOwnNameservers)
	}
	seen := map[zone.Name]bool{}
	for _, n := range list {
		switch {
		case n.Name == "" || n.Name == zone.Root || n.Name.IsWildcard():
			return fail(CodeInvalid, "nameservers", "a nameserver needs a host name")
		case seen[n.Name]:
			return fail(CodeInvalid, "nameservers", "%s is given twice", n.Name.Text())
		case len(n.Addresses) > maxOwnNameservers:
			return fail(CodeTooLarge, "nameservers", "at most %d addresses of a nameserver", maxOwnNameservers)
		case slices.ContainsFunc(n.Addresses, func(a netip.Addr) bool { return !a.IsValid() || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() }):
			return fail(CodeInvalid, "nameservers", "an address of %s can be none of a nameserver", n.Name.Text())
		}
		seen[n.Name] = true
	}
	return nil
}

// whatChanged says in words what an edit did, for the log.
func whatChanged(old, u User) []string {
	list := []string{"user " + u.Name + " edited"}
	for what, differs := range map[string]bool{
		"contact": old.Contact != u.Contact, "owner is " + u.Owner + " now": old.Owner != u.Owner,
		"suspended": !old.Suspended && u.Suspended, "unsuspended": old.Suspended && !u.Suspended,
		"privileges are " + cmp.Or(strings.Join(u.Privileges.Names(), " "), "none"): !slices.Equal(old.Privileges, u.Privileges),
		"nameservers":                  !slices.Equal(namesOf(old.Nameservers), namesOf(u.Nameservers)),
		"unique DNS clustering is on":  !old.Unique && u.Unique,
		"unique DNS clustering is off": old.Unique && !u.Unique,
	} {
		if differs {
			list = append(list, what)
		}
	}
	slices.Sort(list[1:])
	return list
}

// UserDeletion is what deleting a user does, or would do.
type UserDeletion struct {
	User     string
	Zones    int // that it owns
	Accounts int // that pass to root
	Tokens   int // that are revoked
	Members  int // of its own, with which this server stops working
	Stays    []Stay
}

// DeleteRequestUser asks for it. Trash puts the user's zones into the trash on all servers; otherwise they stay, and are
// root's. Confirm is the number of zones that the person was shown.
type DeleteRequestUser struct {
	Name    string
	Trash   bool
	Confirm int
}

// PreviewDeleteUser says what deleting a user would do.
func (c *Control) PreviewDeleteUser(ctx context.Context, p acl.Principal, name string) (UserDeletion, error) {
	if err := c.allowUser(p, acl.DeleteUser, name); err != nil {
		return UserDeletion{}, err
	}
	u, err := c.userInfo(name)
	if err != nil {
		return UserDeletion{}, err
	}
	d := UserDeletion{User: name, Zones: u.Zones, Accounts: u.Accounts}
	tokens, err := c.allTokens()
	if err != nil {
		return d, err
	}
	for _, t := range tokens {
		if t.User == name && !t.Revoked {
			d.Tokens++
		}
	}
	members, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return d, err
	}
	for _, m := range members {
		if m.User == name {
			d.Members++
		}
	}
	now := User{Name: name, Owner: acl.Root}
	d.Stays, err = c.staysWith(ctx, func(m Member) (Member, bool) { return m, m.User != name }, edited{c, u.User, now})
	return d, err
}

// DeleteUser deletes a user: sessions end, tokens are revoked, own members go, accounts pass to root. Zones first, so that
// what was cut off is seen and can be done again.
func (c *Control) DeleteUser(ctx context.Context, p acl.Principal, r DeleteRequestUser) (UserDeletion, error) {
	d, err := c.PreviewDeleteUser(ctx, p, r.Name)
	if err != nil {
		return d, err
	}
	switch {
	case r.Name == acl.Root || r.Name == p.User:
		return d, fail(CodeDenied, "name", "nobody deletes himself, or root")
	case r.Trash && r.Confirm != d.Zones:
		return d, fail(CodeStale, "confirm", "%s has %d zones, %d are confirmed", r.Name, d.Zones, r.Confirm)
	}
	if r.Trash {
		if err := c.trashOf(ctx, p, r.Name); err != nil {
			return d, err
		}
	}
	err = c.commitRecords(ctx, r.Name, func(tx *store.Tx) error { return c.forgetUser(tx, p, r, d) })
	if err == nil {
		c.MembersChanged()
	}
	return d, err
}

// trashOf deletes all zones of an account.
func (c *Control) trashOf(ctx context.Context, p acl.Principal, account string) error {
	zones, err := c.Store.ZonesOf([]string{account})
	if err != nil {
		return fmt.Errorf("list zones of %s: %w", account, err)
	}
	for _, z := range zones {
		h, err := c.Store.Head(z)
		if err != nil || !h.Live {
			continue
		}
		if _, err := c.DeleteZone(ctx, p, DeleteRequest{Zone: z, Reason: "user " + account + " deleted", Meant: true}); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
	}
	return nil
}

func (c *Control) forgetUser(tx *store.Tx, p acl.Principal, r DeleteRequestUser, d UserDeletion) error {
	u, found, err := loadUser(tx, r.Name)
	if err != nil {
		return err
	}
	if !found {
		return noAccount(r.Name)
	}
	accounts, err := c.accountsOf(u.Name)
	if err != nil {
		return err
	}
	for _, name := range accounts {
		old, found, err := loadUser(tx, name)
		if err != nil || !found {
			return err
		}
		now := old
		now.Owner = acl.Root
		if err := saveUser(tx, old, now); err != nil {
			return err
		}
	}
	if err := c.endAll(tx, u.Name); err != nil {
		return err
	}
	if err := c.forgetTemplates(tx, u.Name); err != nil {
		return err
	}
	tx.DeleteRecord(kindUser, u.Name)
	tx.DeleteRecord(kindUserOf, accountID(u.Owner, u.Name))
	tx.DeleteRecord(kindSignIn, u.Name)
	zones := "its zones stay and are root's"
	if r.Trash {
		zones = "its zones are in the trash"
	}
	// The user is gone: who owned the account is to see it.
	tx.AppendEvent(c.userEvent(p, u.Owner, "user-deleted", fmt.Sprintf("user %s of %s deleted; %s (%d)", u.Name, u.Owner, zones, d.Zones)))
	return nil
}

// endAll ends what lets somebody act as the user, and what acts for the user.
func (c *Control) endAll(tx *store.Tx, user string) error {
	if _, err := c.endSessions(tx, user, func(string) bool { return true }); err != nil {
		return err
	}
	if err := c.endLinks(tx, user); err != nil {
		return err
	}
	tokens, err := c.allTokens()
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.User == user && !t.Revoked {
			t.Revoked = true
			if err := saveToken(tx, t); err != nil {
				return err
			}
		}
	}
	members, err := loadAll[Member](c.Store, kindMember)
	for _, m := range members {
		if m.User == user {
			tx.DeleteRecord(kindMember, m.id())
			tx.DeleteRecord(kindCredentials, m.id())
		}
	}
	return err
}

// addrOf is the address that a principal came from.
func addrOf(p acl.Principal) netip.Addr {
	a, _ := netip.ParseAddr(p.From)
	return a
}

var _ auth.Book = (*Control)(nil)
