package control

import (
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

// User is somebody with an account at this server. Users are local to a server; zones carry their account wherever they
// go. Root is a user too, without a row of this kind.
type User struct {
	Name       string
	Owner      string         // who owns the account: root or a reseller
	Contact    string         // mail address
	Privileges acl.Privileges // in the order of their names
	// Nameservers are what new zones of the account, and of the accounts that it owns, are delegated to; empty: its
	// owner's, and in the end those of the settings.
	Nameservers []Nameserver
	// Unique says that the user's zones are clustered with members of the user's own: unique DNS clustering.
	Unique    bool
	Suspended bool
	Created   zone.Millis
}

// Nameserver is a name that zones are delegated to, with its addresses where they are known.
type Nameserver struct {
	Name      zone.Name
	Addresses []netip.Addr
}

// userRow is how a User is stored: names as text, since wire form is no valid JSON string.
type userRow struct {
	User
	Nameservers []nameserverRow
}

type nameserverRow struct {
	Name      string
	Addresses []netip.Addr
}

// Rows of users.
const (
	kindUser   = "user"    // name → userRow
	kindUserOf = "user-of" // owner NUL name → nothing: an index of accounts by their owner
)

func accountID(owner, name string) string { return owner + "\x00" + name }

// loadUser reads a user; found is false if there is no such row, as for root.
func loadUser(r records, name string) (u User, found bool, err error) {
	row, found, err := load[userRow](r, kindUser, name)
	if err != nil || !found {
		return u, found, err
	}
	u = row.User
	u.Nameservers = nil
	for _, n := range row.Nameservers {
		parsed, err := zone.ParseName(n.Name)
		if err != nil {
			return u, false, fmt.Errorf("read user %s: %w", name, err)
		}
		u.Nameservers = append(u.Nameservers, Nameserver{parsed, n.Addresses})
	}
	return u, true, nil
}

// saveUser writes a user's row and keeps the index by owner in step; old is the row before, the zero User for none.
func saveUser(tx *store.Tx, old, u User) error {
	row := userRow{User: u}
	row.User.Nameservers = nil
	for _, n := range u.Nameservers {
		row.Nameservers = append(row.Nameservers, nameserverRow{n.Name.String(), n.Addresses})
	}
	if old.Owner != u.Owner {
		if old.Name != "" {
			tx.DeleteRecord(kindUserOf, accountID(old.Owner, old.Name))
		}
		tx.PutRecord(kindUserOf, accountID(u.Owner, u.Name), []byte{rowFormat})
	}
	return save(tx, kindUser, u.Name, row)
}

// accountsOf lists the accounts that somebody owns, by name.
func (c *Control) accountsOf(owner string) ([]string, error) {
	names, err := c.Store.RecordIDs(kindUserOf, owner+"\x00")
	if err != nil {
		return nil, fmt.Errorf("read accounts of %s: %w", owner, err)
	}
	for i, id := range names {
		_, names[i], _ = strings.Cut(id, "\x00")
	}
	return names, nil
}

// resellerOf is who owns an account: root, where it has no row.
func (c *Control) resellerOf(account string) (string, error) {
	if account == "" || account == acl.Root {
		return acl.Root, nil
	}
	u, found, err := loadUser(c.Store, account)
	if err != nil || !found {
		return acl.Root, err
	}
	return u.Owner, nil
}

// Account is what a user may now; Control is auth's Book.
func (c *Control) Account(_ context.Context, name string) (auth.Account, error) {
	if name == acl.Root {
		return auth.Account{Privileges: acl.Privileges{acl.All}}, nil
	}
	u, found, err := loadUser(c.Store, name)
	switch {
	case err != nil:
		return auth.Account{}, err
	case !found:
		return auth.Account{}, auth.ErrNobody
	}
	suspended := u.Suspended
	if owner, found, err := loadUser(c.Store, u.Owner); err != nil {
		return auth.Account{}, err
	} else if found {
		suspended = suspended || owner.Suspended // with a reseller all its accounts stand still
	}
	return auth.Account{Privileges: u.Privileges, Suspended: suspended}, nil
}

// nameserversOf returns what a new zone of the account is delegated to: the account's own nameservers, else those of who
// owns it, else those of the settings; none where none are set.
func (c *Control) nameserversOf(account string) ([]Nameserver, error) {
	for range 2 { // the account, and its owner; who owns that is root
		u, found, err := loadUser(c.Store, account)
		if err != nil {
			return nil, err
		}
		if !found {
			break
		}
		if len(u.Nameservers) > 0 {
			return slices.Clone(u.Nameservers), nil
		}
		account = u.Owner
	}
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	fresh, err := c.newZones(c.Store)
	if err != nil {
		return nil, err
	}
	list := make([]Nameserver, len(s.Nameservers))
	for i, n := range s.Nameservers {
		list[i] = Nameserver{Name: n, Addresses: fresh.addressesOf(n)}
	}
	return list, nil
}

// namesOf are the names alone.
func namesOf(list []Nameserver) []zone.Name {
	names := make([]zone.Name, len(list))
	for i, n := range list {
		names[i] = n.Name
	}
	return names
}
