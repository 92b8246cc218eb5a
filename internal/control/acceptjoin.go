package control

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// JoinCall is what a server that wants a place says of itself.
type JoinCall struct {
	Name   string
	Host   string // by which it is reached
	Port   int
	DryRun bool
	BackID string // id of the token that it gives us
}

// JoinOffer is what it gets.
type JoinOffer struct {
	Name     string
	Version  string
	Role     cluster.Role
	Relay    bool
	Zones    int
	Replaces string // key of the server whose place it takes
	Peers    []Peer // other servers that it may expect
	TokenID  string // empty with DryRun
	Token    string // at the joining side only
	Back     string // at the joining side only
}

// Peer is a server that a member of ours vouches for: it may introduce itself by its key.
type Peer struct {
	Name  string
	Key   string
	Relay bool
	By    string // who vouches
	Until time.Time
	// TokenIDs are the tokens that it got, at most maxPeerTokens.
	TokenIDs []string
}

// kindPeer rows: key → Peer.
const kindPeer = "peer"

const (
	maxPeers = 256
	// maxPeerTokens is far above the accounts that have a link of their own to one server.
	maxPeerTokens = 64
	peerTime      = 30 * 24 * time.Hour // that a server has to introduce itself after we joined
)

// Caller is a server that proved a key, and by what it has the right to call.
type Caller struct {
	Key    string
	Invite string // id of the code that it proved too; "" if it calls by its key alone
	// Token makes the text of a token out of the session's secret.
	Token func(id string) string
	Back  func(id string) string
}

// entitled is the right by which a server joins.
type entitled struct {
	p      acl.Principal // for events
	invite Invite        // zero if it is expected
	role   cluster.Role
	relay  bool
}

// MayJoin says why a server may not, nil if it may.
func (c *Control) MayJoin(ctx context.Context, who Caller) error {
	_, err := c.entitled(who)
	return err
}

func (c *Control) entitled(who Caller) (entitled, error) {
	if who.Invite == "" {
		peer, found, err := load[Peer](c.Store, kindPeer, who.Key)
		if err == nil && (!found || c.time().After(peer.Until)) {
			err = fail(CodeUnauthenticated, "", "the key %s is not expected here", who.Key)
		}
		return entitled{p: acl.Principal{Kind: acl.KindMember, User: acl.Root, TokenName: peer.Name}, relay: peer.Relay}, err
	}
	i, err := c.Invite(context.Background(), who.Invite)
	if err == nil {
		err = i.usable(c.time(), who.Key)
	}
	return entitled{acl.Principal{Kind: acl.KindMember, User: i.User, TokenID: i.ID, TokenName: orUnnamed(i.Name)}, i, i.Role, i.Relay}, err
}

// AcceptJoin gives a server its place: a token of its own, bound to its key, and where it replaces a member, that one's rows.
func (c *Control) AcceptJoin(ctx context.Context, who Caller, r JoinCall) (JoinOffer, error) {
	right, err := c.entitled(who)
	if err != nil {
		return JoinOffer{}, err
	}
	if err := c.requireClustering(); err != nil {
		return JoinOffer{}, err
	}
	offer := JoinOffer{Name: c.Self.Name, Version: c.Self.Version, Role: right.role, Relay: right.relay}
	if offer.Replaces, err = c.checkJoining(who, right, r); err != nil {
		return JoinOffer{}, err
	}
	if offer.Zones, err = c.liveZones(); err == nil && right.relay && right.invite.ID != "" {
		offer.Peers, err = c.vouchFor(who.Key, offer.Replaces)
	}
	if err != nil || r.DryRun {
		return offer, err
	}
	if _, err := auth.IDOf(who.Back(r.BackID)); err != nil {
		return JoinOffer{}, fail(CodeInvalid, "join", "it names no token to be called with")
	}
	offer.TokenID = auth.NewID()
	if err := c.admit(ctx, who, right, r, offer); err != nil {
		return JoinOffer{}, err
	}
	c.MembersChanged()
	// Also what is left of an earlier try that ended in the middle.
	_, err = c.moveHomes(ctx, acl.Node(), who.Key)
	return offer, err
}

// checkJoining checks what the server says of itself, and finds whose place it takes.
func (c *Control) checkJoining(who Caller, right entitled, r JoinCall) (replaces string, err error) {
	switch {
	case r.Name == "" || len(r.Name) > 255 || !printable(r.Name):
		return "", fail(CodeInvalid, "join", "the joining server says no name")
	case who.Key == c.Self.Fingerprint:
		return "", selfError(c.Self.Name, "it is this server itself")
	case cluster.NormalizeHost(r.Name) == cluster.NormalizeHost(c.Self.Name):
		return "", fail(CodeConflict, r.Name, "is the name of the server that it wants to join").hint("give it another: zonefleet serve --name")
	}
	old, err := c.knownServer(right.p, r.Name)
	wanted, unknown := right.invite.Replaces, CodeOf(err) == CodeNotFound
	switch {
	case err != nil && !unknown:
		return "", err
	case wanted != "" && cluster.NormalizeHost(cmp.Or(old.name, r.Name)) != cluster.NormalizeHost(wanted):
		return "", fail(CodeConflict, r.Name, "the code is for a server of the name %s, which takes that one's place", wanted).
			hint("give it that name: zonefleet serve --name")
	case unknown, old.key == who.Key:
		return "", nil
	case wanted != "":
		return old.key, nil
	}
	return "", keyChanged(old, who.Key, c.Self.Name)
}

// admit commits the place.
func (c *Control) admit(ctx context.Context, who Caller, right entitled, r JoinCall, offer JoinOffer) error {
	holder := r.Name + " " + who.Key
	grant := cluster.Grant{Kind: cluster.Leaf, User: right.p.User, Holder: holder}
	if right.relay {
		grant.Kind = cluster.Relay
	}
	t := auth.Token{
		ID: offer.TokenID, Name: "joined: " + r.Name, Kind: auth.KindMember, User: right.p.User,
		Hash: auth.HashOf(who.Token(offer.TokenID)), Grant: grant, Created: c.time(),
	}
	t.Name = t.Name[:min(len(t.Name), maxTokenName)]
	var place place
	err := c.commitRecords(ctx, r.Name, func(tx *store.Tx) (err error) {
		if err := c.spend(tx, right, who.Key, holder, t.ID); err != nil {
			return err
		}
		if offer.Replaces != "" {
			if place, err = c.takePlace(tx, right.p, offer.Replaces, holder); err != nil {
				return err
			}
		}
		if err := c.renewed(tx, who, r.BackID, place.rows); err != nil {
			return err
		}
		e := c.event(right.p, "server-joined", fmt.Sprintf("%s joined, as %s, key %s", r.Name, grant.Kind, who.Key))
		e.Member = r.Name
		tx.AppendEvent(e)
		return save(tx, kindToken, t.ID, t)
	})
	c.forgetTargets(place.dropped)
	return err
}

// spend uses a code up. It looks once more, now that nothing else writes: two servers may come at once. The token of an
// earlier try of the same server ends, since nobody has it.
func (c *Control) spend(tx *store.Tx, right entitled, key, holder, tokenID string) error {
	if right.invite.ID == "" {
		return c.renew(tx, key, tokenID)
	}
	i, found, err := load[Invite](tx, kindInvite, right.invite.ID)
	if err == nil && !found {
		err = fail(CodeUnauthenticated, "join code", "it is not known")
	}
	if err != nil {
		return err
	}
	if err := i.usable(c.time(), key); err != nil {
		return err
	}
	if i.TokenID != "" {
		if err := c.revoke(tx, right.p, i.TokenID); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
	}
	i.Used, i.UsedBy, i.TokenID = c.time(), holder, tokenID
	return save(tx, kindInvite, i.ID, i)
}

// renew notes the token of a server that calls by its key, and ends the oldest of those that it got before where there are
// many: a server has one for each account with a link.
func (c *Control) renew(tx *store.Tx, key, tokenID string) error {
	peer, found, err := load[Peer](tx, kindPeer, key)
	if err == nil && !found {
		err = fail(CodeUnauthenticated, "", "the key %s is not expected here", key)
	}
	if err != nil {
		return err
	}
	peer.TokenIDs = append(peer.TokenIDs, tokenID)
	if len(peer.TokenIDs) > maxPeerTokens {
		tx.DeleteRecord(kindToken, peer.TokenIDs[0])
		peer.TokenIDs = peer.TokenIDs[1:]
	}
	return save(tx, kindPeer, key, peer)
}

// renewed gives the rows of the server that joined a token that it knows, where they wait for one: those that it takes over
// now, and of an earlier try those whose token has not worked yet, because the server ended before it had noted it.
func (c *Control) renewed(tx *store.Tx, who Caller, backID string, taken []Member) error {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return err
	}
	for id := range rows {
		m, found, err := load[Member](tx, kindMember, id)
		if err != nil {
			return err
		}
		if found && m.Fingerprint == who.Key && m.Renew {
			taken = append(taken, m)
		}
	}
	for _, m := range taken {
		c.saveSecret(tx, m, who.Back(backID))
	}
	return nil
}

// AddCommand is what a person runs at a server that was named to this one when it joined, for a link between the two.
func (c *Control) AddCommand() string {
	host, port := c.advertised()
	return fmt.Sprintf("zonefleet member add %s --member-fingerprint %s --role %s --zones %s --reverse-trust --sync-now",
		hostPort(host, port), c.Self.Fingerprint, cluster.Synchronize, cluster.All)
}

// vouchFor lists the servers that this node knows, for one that joins: members, and servers that hold a token.
func (c *Control) vouchFor(joining, replaced string) ([]Peer, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return nil, err
	}
	known := map[string]Peer{}
	for _, t := range tokens {
		if key := keyOf(t.Grant.Holder); t.Kind == auth.KindMember && !t.Revoked && !t.Grant.Trust && key != "" {
			known[key] = Peer{Name: nameOf(t.Grant.Holder), Key: key, Relay: t.Grant.Kind == cluster.Relay}
		}
	}
	for _, m := range rows {
		known[m.Fingerprint] = Peer{Name: m.Name, Key: m.Fingerprint, Relay: m.Relay}
	}
	var list []Peer
	for key, p := range known {
		if key != joining && key != replaced && key != "" && p.Name != "" && len(list) < maxPeers {
			list = append(list, p)
		}
	}
	return list, nil
}
