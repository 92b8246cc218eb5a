package control

import (
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// RemoveResult says what removing a member did.
type RemoveResult struct {
	Member      Member
	ZonesKept   int // all zones stay here
	ZonesAtHome int // of them, those whose home is the removed member: shown as "not a member"
	Notices     []string
}

// forgetTimeout bounds how long a removal waits for a member that may be dead.
const forgetTimeout = 10 * time.Second

// RemoveMember drops the link, its progress, its credentials and, if the member can be reached, the reverse trust there.
// All zones stay.
func (c *Control) RemoveMember(ctx context.Context, p acl.Principal, host string) (RemoveResult, error) {
	if err := allow(p, acl.ManageMembers, acl.Object{Name: host}); err != nil {
		return RemoveResult{}, err
	}
	m, err := c.member(c.Store, p, host)
	if err != nil {
		return RemoveResult{}, err
	}
	result := RemoveResult{Member: m}
	e, untold := c.Endpoint(ctx, m) // the credentials go with the row
	err = c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error { return c.dropMember(tx, p, m) })
	if err != nil {
		return RemoveResult{}, err
	}
	c.forgetTarget(m.Target)
	c.MembersChanged()
	if untold == nil { // it is told when the link is no more: otherwise that would come back at once
		untold = c.forgetAt(ctx, e, false)
	}
	if untold != nil && (m.Reverse || m.ByTrust != "") {
		result.Notices = append(result.Notices, fmt.Sprintf("%s could not be told (%v); run there: %s", m.Label(), untold, c.removeCommand()))
	}
	result.ZonesKept, result.ZonesAtHome, err = c.countHome(m.Name + " " + m.Fingerprint)
	return result, err
}

// forgetAt tells a member that it need not know this node any more.
func (c *Control) forgetAt(ctx context.Context, e Endpoint, leave bool) error {
	if c.Members == nil {
		return ErrUnreachable
	}
	ctx, cancel := context.WithTimeout(ctx, forgetTimeout)
	defer cancel()
	return c.Members.Forget(ctx, e, leave)
}

// dropMember removes what is stored of a link, and revokes the token that its reverse trust used here.
func (c *Control) dropMember(tx *store.Tx, p acl.Principal, m Member) error {
	tx.DeleteRecord(kindMember, m.id())
	tx.DeleteRecord(kindCredentials, m.id())
	tx.DeleteRecord(kindHealth, m.Target)
	e := c.event(p, "member-removed", m.Label()+" removed, all zones stay")
	e.Member = m.Label()
	tx.AppendEvent(e)
	if m.TrustToken == "" {
		return nil
	}
	if err := c.revoke(tx, p, m.TrustToken); CodeOf(err) != CodeNotFound {
		return err
	}
	return nil
}

// removeCommand is what a person runs at a member that could not be told.
func (c *Control) removeCommand() string {
	return "zonefleet member remove " + c.Self.Name
}

// countHome counts the zones here and those whose home is the given one.
func (c *Control) countHome(home string) (all, at int, err error) {
	for after := ""; ; {
		heads, next, _, err := c.Store.Heads(store.Query{After: after, Limit: 1000})
		if err != nil {
			return 0, 0, fmt.Errorf("count zones: %w", err)
		}
		for _, h := range heads {
			all++
			if h.Home == home {
				at++
			}
		}
		if after = next; next == "" {
			return all, at, nil
		}
	}
}
