package control

import (
	"context"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// PrivilegeList is a set of privileges with a name, to be given to several users. Who has it keeps what was given when the
// list changes.
type PrivilegeList struct {
	Name       string
	Privileges acl.Privileges
}

const (
	kindPrivilegeList = "privilege-list" // name → PrivilegeList
	maxPrivilegeLists = 100              // a menu that can still be looked through
)

// PrivilegeLists lists those that are saved, by name, for whoever may add or edit accounts. Root makes them.
func (c *Control) PrivilegeLists(_ context.Context, p acl.Principal) ([]PrivilegeList, error) {
	if err := c.allowOwned(p, acl.EditUser, "", p.Account()); err != nil {
		if c.allowOwned(p, acl.CreateUser, "", p.Account()) != nil {
			return nil, err
		}
	}
	rows, err := loadAll[PrivilegeList](c.Store, kindPrivilegeList)
	if err != nil {
		return nil, err
	}
	list := make([]PrivilegeList, 0, len(rows))
	for _, l := range rows {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b PrivilegeList) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// SavePrivilegeList keeps a list, in the place of one of the same name.
func (c *Control) SavePrivilegeList(ctx context.Context, p acl.Principal, l PrivilegeList) error {
	if err := allowed(p, acl.ManageNode); err != nil {
		return err
	}
	if err := checkUserName(l.Name); err != nil {
		return fail(CodeInvalid, "name", "a list's name is made of small letters, digits, dots, dashes and underscores")
	}
	return c.commitRecords(ctx, l.Name, func(tx *store.Tx) error {
		names, err := c.Store.RecordIDs(kindPrivilegeList, "")
		if err != nil {
			return err
		}
		if len(names) >= maxPrivilegeLists && !slices.Contains(names, l.Name) {
			return fail(CodeTooLarge, "name", "there are %d lists, the most that are kept", len(names)).hint("delete one")
		}
		tx.AppendEvent(c.event(p, "privileges-saved", "list of privileges "+l.Name+" saved"))
		return save(tx, kindPrivilegeList, l.Name, l)
	})
}

// DeletePrivilegeList forgets a list; users keep what they have.
func (c *Control) DeletePrivilegeList(ctx context.Context, p acl.Principal, name string) error {
	if err := allowed(p, acl.ManageNode); err != nil {
		return err
	}
	return c.commitRecords(ctx, name, func(tx *store.Tx) error {
		if _, found, err := load[PrivilegeList](tx, kindPrivilegeList, name); err != nil || !found {
			if err == nil {
				err = fail(CodeNotFound, name, "there is no such list of privileges")
			}
			return err
		}
		tx.AppendEvent(c.event(p, "privileges-deleted", "list of privileges "+name+" deleted"))
		tx.DeleteRecord(kindPrivilegeList, name)
		return nil
	})
}
