package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// RemoveResult says what removing a member did.
type RemoveResult struct {
	Member      Member
	ZonesKept   int // all zones stay here
	ZonesAtHome int // of them, those whose home is the removed member: shown as "not a member"
	Trashed     int // zones that are in the trash now, on all servers
	Notices     []string
}

// forgetTimeout bounds how long a removal waits for a member that may be dead.
const forgetTimeout = 10 * time.Second

// RemoveRequest removes a member.
type RemoveRequest struct {
	Host string // host, host:port or name
	// Trash moves the zones whose home is that server to the trash, on all servers, before it is removed. Confirm is how
	// many a person was shown: with another number nothing is done.
	Trash   bool
	Confirm int
	Drain   time.Duration // how long to wait at most until it has what waits for it; 0: not at all
}

// RemovalPreview is what removing a member would do.
type RemovalPreview struct {
	Member  Member
	Link    LinkStatus
	Zones   int // on this server
	AtHome  int // of them, those whose home is that server
	Here    []string
	There   []string
	Replace string // how a replacement comes in
	Stays   []Stay // what would be left behind there
}

// PreviewRemoval says what removing a member would do, on each side. Nothing is changed, and nobody is asked.
func (c *Control) PreviewRemoval(ctx context.Context, p acl.Principal, host string) (RemovalPreview, error) {
	if err := allow(p, acl.ManageMembers, mine(p, host)); err != nil {
		return RemovalPreview{}, err
	}
	m, err := c.member(c.Store, p, host)
	if err != nil {
		return RemovalPreview{}, err
	}
	v := RemovalPreview{Member: m, Link: c.linkStatus(m.Target)}
	if v.Zones, v.AtHome, err = c.countAtHome(p, m); err != nil {
		return RemovalPreview{}, err
	}
	name := m.Label()
	v.Here = []string{
		"all zones stay here and are answered, unless you choose otherwise",
		"nothing is sent to " + name + " or taken from it any more; the token for it is forgotten",
	}
	v.There = []string{name + " keeps the zones that it has, and answers them as they are: to empty it, delete them there, or its data folder"}
	v.Stays, err = c.staysWith(ctx, func(row Member) (Member, bool) { return row, row.Target != m.Target }, c)
	if err != nil {
		return RemovalPreview{}, err
	}
	v.There = append(v.There, stayTexts(v.Stays)...)
	var there, here lines
	there.add(m.Reverse || m.ByTrust != "", "its entry of this server is removed, if it can be reached")
	there.add(!m.Reverse && m.ByTrust == "", "an entry that a person made there of this server stays: remove it there")
	here.add(v.Link.Waiting > 0 && v.Link.Connected, plural(v.Link.Waiting, "change")+" that it has not yet are sent first")
	here.add(v.Link.Waiting > 0 && !v.Link.Connected, plural(v.Link.Waiting, "change")+" that it has not yet do not reach it: it is not connected")
	v.Here, v.There = append(v.Here, here...), append(v.There, there...)
	v.Replace = "a server that replaces it under the same name can be added at once; with a join code that says whose place it takes, it gets these zones as their home"
	return v, nil
}

// RemoveMember drops the link, its progress, its credentials and, if the member can be reached, the reverse trust there.
// All zones stay, unless those at home there are to go.
func (c *Control) RemoveMember(ctx context.Context, p acl.Principal, r RemoveRequest) (RemoveResult, error) {
	if err := allow(p, acl.ManageMembers, mine(p, r.Host)); err != nil {
		return RemoveResult{}, err
	}
	m, err := c.member(c.Store, p, r.Host)
	if err != nil {
		return RemoveResult{}, err
	}
	result := RemoveResult{Member: m}
	if r.Trash {
		if result.Trashed, err = c.trashAtHome(ctx, p, m, r.Confirm); err != nil {
			return result, err
		}
	}
	if left := c.drain(ctx, m, r.Drain); left > 0 {
		result.Notices = append(result.Notices, fmt.Sprintf("%s did not reach %s", plural(left, "change"), m.Label()))
	}
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
	result.ZonesKept, result.ZonesAtHome, err = c.countAtHome(p, m)
	return result, err
}

// trashAtHome deletes the zones whose home is the member, as many as a person was shown.
func (c *Control) trashAtHome(ctx context.Context, p acl.Principal, m Member, confirmed int) (deleted int, err error) {
	zones, err := c.zonesAtHome(p, m)
	if err != nil {
		return 0, err
	}
	if len(zones) != confirmed {
		return 0, fail(CodeStale, m.Label(), "is the home of %s now, and %d were confirmed", plural(len(zones), "zone"), confirmed).
			hint("look at it again; nothing was changed")
	}
	for batch := range slices.Chunk(zones, homesAtOnce) {
		group, ctx := errgroup.WithContext(ctx)
		for _, z := range batch {
			group.Go(func() error {
				_, err := c.DeleteZone(ctx, p, DeleteRequest{Zone: z, Meant: true, Reason: m.Label() + " was removed from the DNS cluster"})
				if CodeOf(err) == CodeNotFound {
					return nil // somebody else was faster
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return deleted, err
		}
		deleted += len(batch)
	}
	return deleted, nil
}

// drainLook is how often it is looked whether a member has everything.
const drainLook = 50 * time.Millisecond

// drain waits until a member that is connected has what waits for it, and returns what does not reach it.
func (c *Control) drain(ctx context.Context, m Member, patience time.Duration) (left int) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		l := c.linkStatus(m.Target)
		if l.Waiting == 0 || !l.Connected || sleep(ctx, drainLook) != nil {
			return l.Waiting
		}
	}
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
	if at, err = c.zonesAt(home); err != nil {
		return 0, 0, err
	}
	all, err = c.liveZones()
	return all, at, err
}
