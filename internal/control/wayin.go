package control

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// StepName is one of the steps of the way in, in their order.
type StepName string

// The steps.
const (
	StepServer      StepName = "server"
	StepClustering  StepName = "clustering"
	StepNameservers StepName = "nameservers"
	StepTrusted     StepName = "trusted-ips"
	StepMember      StepName = "member"
	StepSync        StepName = "synchronization"
	StepTest        StepName = "test"
)

// Step is one of them, as it stands.
type Step struct {
	Name    StepName
	Done    bool
	State   string
	Command string // that does it, or looks at it
	About   string // the member or zone that it is about, empty if none
}

// WayIn is how far this server is on its way into a cluster. Each step is looked up, none is remembered but the test.
func (c *Control) WayIn(ctx context.Context, p acl.Principal) ([]Step, error) {
	members, err := c.MemberStatus(ctx, p)
	if err != nil {
		return nil, err
	}
	servers, err := c.nameserversOf(p.Account())
	if err != nil {
		return nil, err
	}
	trusted, err := c.trustedIPs()
	if err != nil {
		return nil, err
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return nil, err
	}
	zones, err := c.Store.Page(store.PageQuery{Query: store.Query{Limit: 1, Owners: sight.within("")}, Count: 1})
	if err != nil {
		return nil, err
	}
	return []Step{
		c.serverStep(), c.clusteringStep(), nameserversStep(namesOf(servers)), trustedStep(trusted), memberStep(members), c.syncStep(members), c.testStep(zones.Heads),
	}, nil
}

// serverStep asks for a name below a domain, and an address that is not of this host alone.
func (c *Control) serverStep() Step {
	s := Step{Name: StepServer, Command: "zonefleet settings list"}
	var addresses []string
	reached := false
	for _, a := range c.Self.Addresses {
		addresses = append(addresses, a.String())
		reached = reached || !a.IsLoopback() && !a.IsUnspecified()
	}
	host, _, err := net.SplitHostPort(c.Self.Advertise)
	if err != nil {
		host = c.Self.Advertise
	}
	if a, err := netip.ParseAddr(host); err == nil {
		reached = reached || !a.IsLoopback() && !a.IsUnspecified()
	} else {
		reached = reached || strings.Contains(host, ".")
	}
	s.State = c.Self.Name + ", reached by members at " + c.Self.Advertise
	if len(addresses) > 0 && !strings.Contains(c.Self.Advertise, addresses[0]) {
		s.State += " (" + strings.Join(addresses, ", ") + ")"
	}
	named := strings.Contains(strings.TrimSuffix(c.Self.Name, "."), ".")
	if s.Done = named && reached; !s.Done {
		s.Command = "zonefleet serve --name ns1.example.net --advertise 192.0.2.1"
	}
	switch {
	case !named:
		s.State += ": give it a name with a domain"
	case !reached:
		s.State += ": only this host reaches that; say by which address members do"
	}
	return s
}

func (c *Control) clusteringStep() Step {
	if c.Clustering() {
		return Step{Name: StepClustering, Done: true, State: "enabled on this server", Command: "zonefleet cluster status"}
	}
	return Step{Name: StepClustering, State: "disabled on this server", Command: "zonefleet cluster enable"}
}

func nameserversStep(names []zone.Name) Step {
	s := Step{Name: StepNameservers, Command: "zonefleet settings set nameservers ns1.example.net ns2.example.net"}
	if len(names) == 0 {
		s.State = "none yet: new zones name this server alone"
		return s
	}
	var texts []string
	for _, n := range names {
		texts = append(texts, n.Text())
	}
	s.Done, s.State = true, "new zones name "+strings.Join(texts, ", ")
	return s
}

// trustedStep looks for an address that is not this server's own: one of a member, or kept by hand.
func trustedStep(list []TrustedIP) Step {
	s := Step{Name: StepTrusted, State: "none but this server's own: they are learned from members, and kept by hand where a nameserver is none", Command: "zonefleet trusted-ip list"}
	n := 0
	for _, t := range list {
		if t.ByHand || len(t.Sources) > 1 || len(t.Sources) == 1 && t.Sources[0] != "this server" {
			n++
		}
	}
	if n > 0 {
		s.Done, s.State = true, "of other nameservers: "+plural(n, "IP")
	}
	return s
}

func memberStep(members []MemberStatus) Step {
	s := Step{Name: StepMember, State: "none yet: add one with a token made there, or make a code here and use it there", Command: "zonefleet member invite"}
	if len(members) > 0 {
		s.Done, s.State, s.Command = true, plural(len(members), "member")+" in the table", "zonefleet member list"
		s.About = hostPort(members[0].Host, members[0].Port)
	}
	return s
}

// syncStep is done when a member has everything that is here, and everything of its first pass is here.
func (c *Control) syncStep(members []MemberStatus) Step {
	s := Step{Name: StepSync, State: "begins when a server has joined; its progress can be watched", Command: "zonefleet wait"}
	done := 0
	for _, m := range members {
		switch {
		case m.Link.Connected && m.Link.Waiting == 0 && !m.PullAll && !m.PullOthers:
			done++
		case s.About == "":
			s.About = hostPort(m.Host, m.Port)
			s.State = m.Label() + " has " + plural(m.Link.Waiting, "change") + " to get"
			if !m.Link.Connected {
				s.State = m.Label() + " is not connected"
			}
		}
	}
	if len(members) > 0 && !c.Clustering() {
		s.State = "clustering is off: nothing moves"
		return s
	}
	if s.Done = len(members) > 0 && done == len(members); s.Done {
		s.State, s.About = "everything that is here has arrived at "+plural(done, "member"), hostPort(members[0].Host, members[0].Port)
	}
	return s
}

// testedRegister holds when all servers were last asked one question and answered alike; a lost one asks for another test.
const testedRegister = "tested"

// noteTest remembers that several servers were asked and said the same.
func (c *Control) noteTest(servers int) {
	c.Store.SetRegister(testedRegister, []byte(strconv.FormatInt(int64(c.Now()), 10)+" "+strconv.Itoa(servers)))
}

func (c *Control) testStep(zones []store.Head) Step {
	s := Step{Name: StepTest, State: "ask every server for a name of one of your zones, and compare", Command: "zonefleet ask www.example.com A --all"}
	if len(zones) > 0 {
		s.About = zones[0].Zone.Text()
		s.Command = "zonefleet ask " + s.About + " SOA --all"
	}
	text, _ := c.Store.Register(testedRegister)
	at, servers, _ := strings.Cut(string(text), " ")
	if ms, err := strconv.ParseInt(at, 10, 64); err == nil {
		s.Done, s.State = true, servers+" servers were asked and answered alike at "+time.UnixMilli(ms).UTC().Format("2006-01-02 15:04")+" UTC"
	}
	return s
}
