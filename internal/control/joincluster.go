package control

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// JoinRequest lets this server join a cluster with a code.
type JoinRequest struct {
	Code      string
	DryRun    bool
	Confirmed bool // a person was shown what happens to the zones that are here already
}

// JoinResult says what joining does, or did.
type JoinResult struct {
	MemberResult
	Server      string // that made the code
	Address     string // by which it answered
	Fingerprint string
	Role        cluster.Role
	Relay       bool // this server may change any zone there
	Zones       int  // there
	Own         int  // here
	Replaces    string
	Others      []Peer // relays that the server knows: they may make a link of their own to this one, by its key
	Resumed     bool   // an earlier try got as far as a token or the link: a person has confirmed it then
}

// JoinCluster gives this server its place in the cluster of the server that made the code: each side proves the code's secret,
// which never travels, the other's key is the one in the code, and both get tokens of their own.
func (c *Control) JoinCluster(ctx context.Context, p acl.Principal, r JoinRequest) (JoinResult, error) {
	if err := allowed(p, acl.ManageMembers); err != nil {
		return JoinResult{}, err
	}
	code, err := auth.ParseCode(r.Code)
	if err != nil {
		return JoinResult{}, fail(CodeInvalid, "join code", "%v", err)
	}
	if c.Members == nil {
		return JoinResult{}, fail(CodeUnavailable, "", "this node reaches no members")
	}
	c.joining.Lock()
	defer c.joining.Unlock()
	host, port := c.advertised()
	call := JoinCall{Name: c.Self.Name, Host: host, Port: port, DryRun: true}
	e, offer, err := c.firstThatAnswers(ctx, code, call)
	row, known, rowErr := c.knownKey(p.Account(), e.Fingerprint)
	switch {
	case rowErr != nil:
		return JoinResult{}, rowErr
	case known && row.ByTrust == "":
		return c.resume(ctx, p, joinTry{r, code, e, call, row, offer, err})
	case err != nil:
		return JoinResult{}, err
	}
	out := JoinResult{
		Server: offer.Name, Address: e.String(), Fingerprint: e.Fingerprint, Role: offer.Role, Relay: offer.Relay, Zones: offer.Zones,
		Replaces: offer.Replaces,
	}
	if out.Own, err = c.liveZones(); err != nil {
		return JoinResult{}, err
	}
	if out.Resumed, err = c.tookOffer(p, e.Fingerprint); err != nil {
		return JoinResult{}, err
	}
	m, err := c.joinRow(p, e, offer)
	if err != nil {
		return JoinResult{}, err
	}
	out.Does, out.Others = append(starts(m), does(m)...), othersFor(m, offer.Peers)
	switch {
	case r.DryRun:
		return out, nil
	case out.Own > 0 && !r.Confirmed && !out.Resumed:
		return out, fail(CodeConflict, "", "this server has %s already; they are joined with the %d of %s", plural(out.Own, "zone"), offer.Zones, offer.Name).
			details(out.Does).hint("look at --dry-run, then confirm it: zonefleet join --yes")
	}
	return c.join(ctx, p, e, code, call, out)
}

// othersFor are the servers that should have links of their own with this one, if it is one that writes and is written to.
func othersFor(m Member, peers []Peer) (list []Peer) {
	if p := m.Policy(); !p.Follow || p.Send != cluster.SendJoin {
		return nil
	}
	for _, p := range peers {
		if p.Relay {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Peer) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// firstThatAnswers asks for the offer by each of the code's addresses.
func (c *Control) firstThatAnswers(ctx context.Context, code auth.Code, call JoinCall) (e Endpoint, offer JoinOffer, err error) {
	err = fail(CodeInvalid, "join code", "it names no address")
	for _, address := range code.Addresses {
		host, text, _ := net.SplitHostPort(address)
		port, _ := strconv.Atoi(text)
		e = Endpoint{
			Host: cluster.NormalizeHost(host), Port: port, Token: code.TokenText(),
			Fingerprint: "SHA256:" + hex.EncodeToString(code.Fingerprint[:]),
		}
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		offer, err = c.Members.Join(ctx, e, call)
		cancel()
		if err == nil || !errors.Is(err, ErrUnreachable) {
			break
		}
	}
	return e, offer, c.joinError(e, code, err)
}

// joinError says in a person's words why a code brought nothing.
func (c *Control) joinError(e Endpoint, code auth.Code, err error) error {
	expired := c.time().After(code.Expires)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrPinChanged):
		return fail(CodeRefused, e.String(), "another server answers there than the one that made the code: %v", err).
			hint("nothing was sent; compare the key with what zonefleet version says on that server").because(err)
	case errors.Is(err, ErrTokenRefused) && expired:
		return fail(CodeRefused, "join code", "it expired at %s", code.Expires.Format(time.RFC3339)).hint("make a new one there: zonefleet member invite").because(err)
	case errors.Is(err, ErrTokenRefused):
		return fail(CodeRefused, "join code", "it is not accepted: %v", err).hint("make a new one there: zonefleet member invite").because(err)
	case errors.Is(err, ErrUnreachable):
		return fail(CodeUnavailable, e.String(), "does not answer: %v", err).hint("check port and firewall; member invite --address names another address").because(err)
	case errors.Is(err, ErrClusteringOff):
		return fail(CodeRefused, e.String(), "clustering is off there").hint("run there: zonefleet cluster enable").because(err)
	}
	return fail(CodeRefused, e.String(), "%v", err).because(err)
}

// joinRow is the row that the link will have, checked as far as that goes without it.
func (c *Control) joinRow(p acl.Principal, e Endpoint, offer JoinOffer) (Member, error) {
	m := Member{Relay: true, Member: cluster.Member{
		User: p.Account(), Host: e.Host, Port: e.Port, Name: offer.Name, Username: acl.Root, Backend: BackendZonefleet,
		Role: offer.Role, Zones: cluster.All, Fingerprint: e.Fingerprint,
	}}
	if err := m.Validate(); err != nil {
		return m, fail(CodeInvalid, "join", "%v", err)
	}
	others, err := c.added()
	if err != nil {
		return m, err
	}
	if err := c.checkNew(m, others, cluster.Seen{Fingerprint: e.Fingerprint}); err != nil {
		return m, err
	}
	start(&m, true, c.Store.Synced())
	return m, c.checkServerName(m, others)
}

// join uses the code up.
func (c *Control) join(ctx context.Context, p acl.Principal, e Endpoint, code auth.Code, call JoinCall, out JoinResult) (JoinResult, error) {
	offer, err := c.useCode(ctx, p, e, code, call)
	if err != nil {
		return JoinResult{}, err
	}
	out.MemberResult, err = c.AddMember(ctx, p, MemberRequest{
		Host: e.Host, Port: e.Port, Token: offer.Token, Role: offer.Role, Zones: cluster.All, Fingerprint: e.Fingerprint,
		ReverseTrust: true, SyncNow: true,
	})
	return out, err
}

// useCode gets the place, and keeps what comes with it.
func (c *Control) useCode(ctx context.Context, p acl.Principal, e Endpoint, code auth.Code, call JoinCall) (JoinOffer, error) {
	call.DryRun, call.BackID = false, auth.NewID()
	asking, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	offer, err := c.Members.Join(asking, e, call)
	switch {
	case errors.Is(err, ErrUnreachable):
		return JoinOffer{}, fail(CodeUnavailable, e.String(), "%v", err).hint("run it again: the same server may use the code again until it expires").because(err)
	case err != nil:
		return JoinOffer{}, c.joinError(e, code, err)
	}
	return offer, c.takeOffer(ctx, p, e, call.BackID, offer)
}

// takeOffer keeps what joining brings beside the link: the token by which the other server calls, the servers that it vouches
// for, and that clustering is on.
func (c *Control) takeOffer(ctx context.Context, p acl.Principal, e Endpoint, backID string, offer JoinOffer) error {
	back := auth.Token{
		ID: backID, Name: "joined " + offer.Name, Kind: auth.KindMember, User: p.Account(), Hash: auth.HashOf(offer.Back),
		Grant: cluster.Grant{Kind: cluster.Relay, User: p.Account(), Holder: offer.Name + " " + e.Fingerprint}, Created: c.time(),
		Joined: true,
	}
	back.Name = back.Name[:min(len(back.Name), maxTokenName)]
	return c.commitRecords(ctx, offer.Name, func(tx *store.Tx) error {
		for _, peer := range offer.Peers[:min(len(offer.Peers), maxPeers)] {
			peer.By, peer.Until = offer.Name, c.time().Add(peerTime)
			if err := save(tx, kindPeer, peer.Key, peer); err != nil {
				return err
			}
		}
		if err := c.putClustering(tx, p, true); err != nil {
			return err
		}
		tx.AppendEvent(c.event(p, "joined", fmt.Sprintf("joined the cluster of %s, key %s", offer.Name, e.Fingerprint)))
		return save(tx, kindToken, back.ID, back)
	})
}

// Renew gets a token for a link whose server has taken the place of another and does not know the one that the link has. It
// works if that server was told of this one when it joined. The reverse trust that the old one had is made anew.
func (c *Control) Renew(ctx context.Context, target string) error {
	m, found, err := c.link(c.Store, target)
	if err != nil || !found || !m.Renew || c.Members == nil {
		return err
	}
	host, port := c.advertised()
	e := Endpoint{Host: m.Host, Port: m.Port, Fingerprint: m.Fingerprint}
	offer, err := c.Members.Join(ctx, e, JoinCall{Name: c.Self.Name, Host: host, Port: port, BackID: auth.NewID()})
	if err != nil {
		return err
	}
	p := acl.Principal{Kind: acl.KindNode, Root: true, User: m.User}
	reverse := m.Reverse
	err = c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		row, found, err := c.link(tx, target)
		if err != nil || !found {
			return err
		}
		row.Renew, row.Reverse = false, false
		if row.TrustToken != "" {
			if err := c.revoke(tx, p, row.TrustToken); err != nil && CodeOf(err) != CodeNotFound {
				return err
			}
			row.TrustToken = ""
		}
		c.saveSecret(tx, row, offer.Token)
		e := c.event(p, "member-renewed", row.Label()+" gave this server a new token")
		e.Member = row.Label()
		tx.AppendEvent(e)
		m = row
		return saveMember(tx, row)
	})
	if err == nil && reverse {
		err = c.reverseTrust(ctx, p, &m, offer.Token)
	}
	c.MembersChanged()
	return err
}
