package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// MemberRequest is the form of a new member.
type MemberRequest struct {
	Backend      string // BackendZonefleet if empty
	Host         string // name or address
	Port         int    // DefaultPort if 0
	Username     string // "root" if empty
	Token        string // empty: the server with the key Fingerprint joined another and was told of this one's key
	ReverseTrust bool
	SyncNow      bool // synchronize zones immediately
	Debug        bool
	Role         cluster.Role // empty: as the profiles of both servers suggest, and reverse trust with it
	Zones        cluster.Zones
	Fingerprint  string // expected key; empty: the key proved with the token is pinned
	Leaf         bool   // let it change only its own zones here
}

// MemberResult is a saved member with what a person should know.
type MemberResult struct {
	Member  Member
	Facts   Facts
	Notices []string // reverse trust failed, clock skew, clustering is off, a circle with a write-only link
	Does    []string // what the link does from now on
}

// What a form leaves empty.
const (
	BackendZonefleet = "zonefleet"
	DefaultPort      = 2087
)

const (
	probeTimeout = 20 * time.Second
	maxSkew      = zone.Millis(5000) // from here on people would see effects before causes
)

// AddMember checks a remote server and adds it. Each check has its own message; nothing is saved if one fails. Clock skew
// and a failed reverse trust leave the member added, with a notice.
func (c *Control) AddMember(ctx context.Context, p acl.Principal, r MemberRequest) (MemberResult, error) {
	if err := allow(p, acl.ManageMembers, mine(p, r.Host)); err != nil {
		return MemberResult{}, err
	}
	m, facts, err := c.candidate(ctx, p, &r)
	if err != nil {
		return MemberResult{}, err
	}
	m.meets(facts)
	start(&m, r.SyncNow, c.Store.Synced())
	err = c.commitRecords(ctx, m.Host, func(tx *store.Tx) error {
		if err := c.makePlace(tx, p, m); err != nil {
			return err
		}
		c.saveSecret(tx, m, r.Token)
		e := c.event(p, "member-added", fmt.Sprintf("%s added as %s", m.Label(), m.Role))
		e.Member = m.Label()
		tx.AppendEvent(e)
		return saveMember(tx, m)
	})
	if err != nil {
		return MemberResult{}, err
	}
	result := MemberResult{Facts: facts, Notices: c.notices(m, facts), Does: append(starts(m), does(m)...)}
	if r.ReverseTrust {
		if err := c.reverseTrust(ctx, p, &m, r.Token); err != nil {
			result.Notices = append(result.Notices, noWayBack(m, err))
		}
	}
	c.MembersChanged()
	result.Member = m
	return result, nil
}

// candidate makes the row of a new member with all checks. It fills in what the request leaves to be found out.
func (c *Control) candidate(ctx context.Context, p acl.Principal, r *MemberRequest) (Member, Facts, error) {
	asked := *r
	if r.Role == "" {
		asked.Role = cluster.Synchronize // until the other server has said its profile
	}
	m, err := c.newMember(p, asked)
	if err != nil {
		return m, Facts{}, err
	}
	if err := c.needsUnique(m); err != nil {
		return m, Facts{}, err
	}
	others, err := c.added()
	if err != nil {
		return m, Facts{}, err
	}
	if r.Token == "" {
		if r.Token, err = c.tokenByKey(ctx, m, others, r.Fingerprint); err != nil {
			return m, Facts{}, err
		}
	}
	facts, err := c.checkMember(ctx, &m, others, r.Token, r.Fingerprint)
	if err != nil {
		return m, facts, err
	}
	if r.Role == "" {
		s, err := c.suggest(m)
		if err != nil {
			return m, facts, err
		}
		r.Role, r.ReverseTrust = s.Role, s.ReverseTrust
		m.Role, m.ReverseTrust = s.Role, s.ReverseTrust
	}
	if _, err := c.mayHave(m); err != nil {
		return m, facts, err
	}
	return m, facts, c.checkServerName(m, others)
}

// suggest is what fits the pair of servers, and is possible for who acts.
func (c *Control) suggest(m Member) (cluster.Suggestion, error) {
	s := cluster.Suggest(c.profile(), profileOf(m))
	if m.User == acl.Root {
		return s, nil
	}
	root, err := c.rootRoleAt(m.Fingerprint)
	if root == "" {
		s = cluster.Suggestion{Role: cluster.Standalone, Why: "root has not added that server, so only standalone is possible"}
	}
	return s, err
}

// profile is what this server is for.
func (c *Control) profile() cluster.Profile {
	if c.Profile == nil {
		return cluster.ProfileStandard
	}
	return c.Profile()
}

func profileOf(m Member) cluster.Profile {
	if m.PureNameserver {
		return cluster.ProfileNameserver
	}
	return cluster.ProfileStandard
}

// makePlace looks once more, now that nothing else writes: two people may add the same server at once. A row that the
// server added itself by reverse trust gives way to the one that a person adds.
func (c *Control) makePlace(tx *store.Tx, p acl.Principal, m Member) error {
	old, found, err := load[Member](tx, kindMember, m.id())
	if err != nil {
		return err
	}
	if found && old.ByTrust == "" {
		return alreadyMember(m.at(), old.at())
	}
	if !found {
		if old, found, err = c.knownKey(m.User, m.Fingerprint); err != nil || !found || old.ByTrust == "" {
			return err
		}
	}
	return c.dropMember(tx, p, old)
}

// newMember makes the row from the form, with all that can be checked without the network.
func (c *Control) newMember(p acl.Principal, r MemberRequest) (Member, error) {
	m := Member{Relay: !r.Leaf, Member: cluster.Member{
		User: p.Account(), Host: cluster.NormalizeHost(r.Host), Port: r.Port, Username: r.Username,
		Backend: r.Backend, Role: r.Role, Zones: r.Zones, Debug: r.Debug, ReverseTrust: r.ReverseTrust, Added: c.Now(),
	}}
	if m.Backend == "" {
		m.Backend = BackendZonefleet
	}
	if m.Port == 0 {
		m.Port = DefaultPort
	}
	if m.Username == "" {
		m.Username = acl.Root
	}
	if m.Zones == "" {
		m.Zones = cluster.Common
	}
	m.Target = newTarget(m)
	if _, err := backendNamed(m.Backend); err != nil {
		return m, err
	}
	if err := m.Validate(); err != nil {
		return m, fail(CodeInvalid, "member", "%v", err)
	}
	if r.Token == "" && r.Fingerprint != "" {
		return m, nil
	}
	return m, c.checkToken(r.Token)
}

// tokenByKey asks a server that expects this one for a token: it joined a member, which told it of this server's key.
func (c *Control) tokenByKey(ctx context.Context, m Member, others []cluster.Member, key string) (string, error) {
	if err := c.checkNew(m, others, cluster.Seen{Fingerprint: key}); err != nil {
		return "", err
	}
	if c.Members == nil {
		return "", fail(CodeUnavailable, m.Host, "this node reaches no members")
	}
	host, port := c.advertised()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	offer, err := c.Members.Join(ctx, Endpoint{Host: m.Host, Port: m.Port, Fingerprint: key}, JoinCall{Name: c.Self.Name, Host: host, Port: port, BackID: auth.NewID()})
	switch {
	case errors.Is(err, ErrTokenRefused):
		return "", fail(CodeRefused, m.Host, "it does not expect this server: %v", err).
			hint("give a token made there: zonefleet token create --kind relay").because(err)
	case err != nil:
		return "", probeError(m.Host, err)
	}
	return offer.Token, nil
}

func (c *Control) checkToken(token string) error {
	if token == "" {
		return fail(CodeInvalid, "token", "the remote server's API token is missing").
			hint("make one there: zonefleet token create --kind relay --name %s", c.Self.Name)
	}
	if _, err := auth.IDOf(token); err != nil {
		return fail(CodeInvalid, "token", "%v", err).hint("copy the whole token, from zf_ to its end")
	}
	return nil
}

// checkMember asks the network about a candidate and fills in what the remote server says of itself. others are the rows
// that it must not be the same server as.
func (c *Control) checkMember(ctx context.Context, m *Member, others []cluster.Member, token, want string) (Facts, error) {
	e, err := c.resolve(ctx, *m)
	if err != nil {
		return Facts{}, c.asToldTo(*m, err)
	}
	if e.Allow != nil {
		for _, a := range e.Addresses {
			if err := e.Allow(a); err != nil {
				return Facts{}, c.asToldTo(*m, err)
			}
		}
	}
	if err := c.checkNew(*m, others, cluster.Seen{Addresses: ports(e)}); err != nil {
		return Facts{}, err
	}
	if c.Members == nil {
		return Facts{}, fail(CodeUnavailable, m.Host, "this node reaches no members")
	}
	e.Token, e.Fingerprint = token, want
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	f, err := c.Members.Probe(ctx, e)
	if err != nil {
		return Facts{}, c.asToldTo(*m, probeError(m.Host, err))
	}
	if f.Instance != "" && f.Instance == c.Store.Instance() {
		return Facts{}, selfError(m.Host, "it answers with this server's own data folder")
	}
	if err := c.checkNew(*m, others, cluster.Seen{Fingerprint: f.Fingerprint, Addresses: ports(e)}); err != nil {
		return Facts{}, err
	}
	if f.Grant.Trust || f.Grant.Kind == "" {
		return Facts{}, probeError(m.Host, ErrNotAllowed)
	}
	if f.Name == "" || len(f.Name) > 255 || !printable(f.Name) {
		return Facts{}, fail(CodeRefused, m.Host, "it says no name that a server can have").hint("give it one there: zonefleet serve --name")
	}
	m.learn(f)
	return f, nil
}

// learn takes over what the remote server says of itself.
func (m *Member) learn(f Facts) {
	m.Name, m.Fingerprint = f.Name, f.Fingerprint
	m.Version, m.Software, m.DNSSEC = f.Version, f.Software, f.signs()
	m.PureNameserver = f.Profile == string(cluster.ProfileNameserver)
	if len(f.Addresses) > 0 {
		m.Address, m.Addresses = f.Addresses[0], f.Addresses[:min(len(f.Addresses), maxAddresses)]
	}
	if f.Reached != "" {
		m.Reached = f.Reached
	}
}

func noWayBack(m Member, err error) string {
	return fmt.Sprintf("reverse trust was not established: %v; say with serve --advertise by which address members reach this server, "+
		"or add it by hand on %s", err, m.Label())
}

func (c *Control) checkNew(m Member, table []cluster.Member, seen cluster.Seen) error {
	err := cluster.CheckNew(m.Member, c.self(), table, seen)
	switch {
	case errors.Is(err, cluster.ErrSelf):
		return selfError(m.Host, err.Error())
	case errors.Is(err, cluster.ErrAlreadyMember):
		return fail(CodeExists, m.Host, "%v", err).hint("remove the old one first, or edit it").because(err)
	}
	return err
}

// checkServerName refuses a second server that calls itself as another: homes, reports and people know servers by name.
func (c *Control) checkServerName(m Member, others []cluster.Member) error {
	taken := m.Name == c.Self.Name
	for _, o := range others {
		taken = taken || m.Name == o.Name && m.Fingerprint != o.Fingerprint
	}
	if !taken {
		return nil
	}
	return fail(CodeConflict, m.Host, "calls itself %s, as another server of this cluster does", m.Name).
		hint("give one of them another name: zonefleet serve --name; a server that was replaced is removed first")
}

func selfError(host, why string) error {
	return fail(CodeConflict, host, "%s", why).hint("give the address of another server").because(cluster.ErrSelf)
}

func alreadyMember(host, as string) error {
	return fail(CodeExists, host, "is already a member, as %s", as).hint("remove the old one first, or edit it").
		because(cluster.ErrAlreadyMember)
}

// probeError says in the words of the form why a candidate was not accepted.
func probeError(host string, err error) error {
	switch {
	case errors.Is(err, ErrTokenRefused):
		return fail(CodeRefused, host, "the token is not accepted there").
			hint("check that it was made on %s and is not revoked or expired; the log there says why", host).because(err)
	case errors.Is(err, ErrNotAllowed):
		return fail(CodeRefused, host, "the token is accepted, but not allowed to cluster").
			hint("make one there: zonefleet token create --kind relay (or leaf)").because(err)
	case errors.Is(err, ErrIncompatible):
		return fail(CodeRefused, host, "its version is not compatible with this one: %v", err).because(err)
	case errors.Is(err, ErrPinChanged):
		return fail(CodeRefused, host, "its key is not the expected one: %v", err).
			hint("compare the fingerprint on that server; a changed key is never accepted silently").because(err)
	case errors.Is(err, ErrClusteringOff):
		return fail(CodeRefused, host, "clustering is off there").hint("run there: zonefleet cluster enable").because(err)
	case errors.Is(err, ErrNotZoneFleet):
		return fail(CodeRefused, host, "%v", ErrNotZoneFleet).hint("give the HTTPS port of a ZoneFleet server").because(err)
	}
	return fail(CodeUnavailable, host, "does not answer: %v", err).hint("check host, port and firewall").because(err)
}

// notices is what a person should know of a member that was added all the same.
func (c *Control) notices(m Member, f Facts) []string {
	var list []string
	if skew := f.Clock - c.Now(); f.Clock != 0 && (skew > maxSkew || skew < -maxSkew) {
		list = append(list, fmt.Sprintf("clock skew: the clock of %s is %s away from this server's; changes are ordered by "+
			"their times, set both by NTP", m.Host, time.Duration(skew)*time.Millisecond))
	}
	if !c.Clustering() {
		list = append(list, "clustering is off here, nothing is sent: zonefleet cluster enable")
	}
	if !f.Clustering && !m.ReverseTrust { // which switches it on
		list = append(list, fmt.Sprintf("clustering is off at %s; run there: zonefleet cluster enable", m.Label()))
	}
	if m.Policy().NeedsReverseTrust && !m.ReverseTrust {
		list = append(list, fmt.Sprintf("%s needs reverse trust in the role %s", m.Host, m.Role))
	}
	if note, err := c.mayHave(m); err == nil && note != "" {
		list = append(list, "ignored: "+note)
	}
	return append(list, c.circles(m, f.Edges)...)
}

// circles warns of circles with a write-only link, and of two write-only writers, as far as this node knows the links of
// the cluster: its own, what other servers have stated, and what the member states now.
func (c *Control) circles(m Member, stated []cluster.Edge) []string {
	edges, err := c.edges()
	if err != nil {
		return nil
	}
	edges = append(edges, stated...)
	saved := cluster.Edge{From: c.Self.Name, To: m.Name, Role: m.Role}
	var list []string
	for _, w := range []string{cluster.CircleWarning(edges, saved), cluster.WritersWarning(edges, saved)} {
		if w != "" {
			list = append(list, w)
		}
	}
	return list
}

func (c *Control) edges() ([]cluster.Edge, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	var edges []cluster.Edge
	for _, r := range rows {
		edges = append(edges, cluster.Edge{From: c.Self.Name, To: r.Name, Role: r.Role})
	}
	if c.Edges != nil {
		edges = append(edges, c.Edges()...)
	}
	return edges, nil
}

// added is the rows that people added, as cluster sees them.
func (c *Control) added() ([]cluster.Member, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	var list []cluster.Member
	for _, m := range rows {
		if m.ByTrust == "" {
			list = append(list, m.Member)
		}
	}
	return list, nil
}
