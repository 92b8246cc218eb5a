package control

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
)

// NewUser asks for an account.
type NewUser struct {
	Name       string
	Owner      string // who owns the account; default: who asks
	Contact    string // mail address, may be empty
	Privileges acl.Privileges
	Password   string // may be set later
}

// maxContact is RFC 5321 section 4.5.3.1.3, without the brackets.
const maxContact = 254

// AddUser makes an account. Without a password here, SetPassword or a link made by MakeLink gives it one.
func (c *Control) AddUser(ctx context.Context, p acl.Principal, r NewUser) (User, error) {
	u := User{Name: r.Name, Owner: cmp.Or(r.Owner, p.Account()), Contact: r.Contact, Privileges: r.Privileges, Created: c.Now()}
	if err := allow(p, acl.CreateUser, acl.Object{Name: u.Name, Owner: u.Owner, Reseller: acl.Root}); err != nil {
		return User{}, err
	}
	if err := u.check(); err != nil {
		return User{}, err
	}
	if err := mayGive(p, nil, u.Privileges); err != nil {
		return User{}, err
	}
	var password string
	if r.Password != "" {
		if err := auth.CheckPassword(u.Name, r.Password); err != nil {
			return User{}, fail(CodeInvalid, "password", "%v", err)
		}
		var err error
		if password, err = c.hasher.Hash(ctx, r.Password); err != nil {
			return User{}, unavailable(ctx, u.Name, err)
		}
	}
	err := c.commitRecords(ctx, u.Name, func(tx *store.Tx) error {
		if err := c.nameFree(tx, p, u.Name); err != nil {
			return err
		}
		if err := mayOwn(tx, u.Owner); err != nil {
			return err
		}
		tx.AppendEvent(c.userEvent(p, u.Name, "user-added", fmt.Sprintf("user %s added, of %s", u.Name, u.Owner)))
		if password != "" {
			if err := save(tx, kindSignIn, u.Name, signInRow{Password: password, Set: c.Now()}); err != nil {
				return err
			}
		}
		return saveUser(tx, User{}, u)
	})
	if err == nil {
		c.MembersChanged() // zones of that name may be on their way here, and go by the links of the owner now
	}
	return u, err
}

// check refuses what no user can be.
func (u User) check() error {
	if err := checkUserName(u.Name); err != nil {
		return err
	}
	if u.Contact == "" {
		return nil
	}
	a, err := mail.ParseAddress(u.Contact)
	if err != nil || a.Address != u.Contact || len(u.Contact) > maxContact {
		return fail(CodeInvalid, "contact", "%q is not a mail address", u.Contact)
	}
	return nil
}

// checkUserName takes names that are safe in paths, commands and mail: letters, digits, dot, dash and underscore.
func checkUserName(name string) error {
	ok := len(name) > 0 && len(name) <= maxAccount && name[0] != '-' && name[0] != '.'
	for _, ch := range []byte(name) {
		ok = ok && (ch >= 'a' && ch <= 'z' || ch >= '0' && ch <= '9' || strings.ContainsRune("-._", rune(ch)))
	}
	if !ok {
		return fail(CodeInvalid, "name", "a user's name is 1 to %d small letters, digits, dots, dashes and underscores, and begins with none of . and -", maxAccount)
	}
	return nil
}

// nameFree refuses a name that is taken. Zones of a name that has no user are root's, so only root brings them to one.
func (c *Control) nameFree(tx *store.Tx, p acl.Principal, name string) error {
	_, found, err := loadUser(tx, name)
	if err != nil {
		return err
	}
	if found || name == acl.Root {
		return nameTaken(name)
	}
	if p.Root {
		return nil
	}
	zones, err := c.Store.ZonesOf([]string{name})
	if err == nil && len(zones) > 0 {
		err = nameTaken(name)
	}
	return err
}

// nameTaken does not say to a reseller whose the name is.
func nameTaken(name string) error {
	return fail(CodeExists, "user "+name, "the name cannot be used").hint("take another: somebody has it, or had")
}

// mayOwn refuses an owner who is none: accounts belong to root or to one of root's users.
func mayOwn(r records, owner string) error {
	if owner == acl.Root {
		return nil
	}
	u, found, err := loadUser(r, owner)
	switch {
	case err != nil:
		return err
	case !found:
		return noAccount(owner)
	case u.Owner != acl.Root:
		return fail(CodeInvalid, "owner", "%s is an account of %s, and owns none itself", owner, u.Owner)
	}
	return nil
}

// mayGive refuses to give what p does not have. What the user has already stays as it is.
func mayGive(p acl.Principal, had, given acl.Privileges) error {
	if p.Root {
		return nil
	}
	for _, g := range given {
		if !p.Privileges.Has(g) && !had.Has(g) {
			return fail(CodeDenied, "privileges", "%s cannot give %s: nobody gives what he does not have", p.Account(), g)
		}
	}
	return nil
}

// userEvent is an event about a user, seen by the user and by who owns the account.
func (c *Control) userEvent(p acl.Principal, name, kind, text string) store.Event {
	e := c.event(p, kind, text)
	e.Fields = map[string]string{fieldUser: name}
	return e
}
