package deliver

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// node is one of several servers in the test: a feed, a tracker, and a nameserver of its own.
type node struct {
	*here
	name       string
	nameserver *member
}

func newNode(t *testing.T, name string) *node {
	j := newJournal()
	n := &node{here: &here{journal: j, Tracker: NewTracker(j, name, nil), t: t}, name: name, nameserver: newMember("table")}
	n.work(name, n.nameserver)
	return n
}

// link makes n send its changes to another node, and hear who serves them.
func (n *node) link(to *node, behind ...string) *link {
	l := &link{from: n, to: to}
	n.work(to.name, l)
	synctest.Wait()
	n.SetBehind(to.name, behind)
	return l
}

// link is a target that commits into another node's feed, as a member's session does.
type link struct {
	from, to *node
	mu       sync.Mutex
	down     bool
	lost     chan struct{}
}

func (l *link) Open(context.Context) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errDown
	}
	l.lost = make(chan struct{})
	return linkSession{l, l.lost}, nil
}

func (l *link) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down = down; down {
		close(l.lost)
	}
}

type linkSession struct {
	*link
	lost chan struct{}
}

func (s linkSession) Where() (string, store.Position) { return s.to.name, Unstated }
func (s linkSession) Done() <-chan struct{}           { return s.lost }
func (s linkSession) Close() error                    { s.to.Unlink(s.from.name); return nil }

func (s linkSession) Deliver(_ context.Context, items []Item) (outcomes []Outcome, err error) {
	for _, item := range items {
		d, p, err := item.Delta()
		if err != nil {
			return nil, err
		}
		head, _ := s.to.Head(item.Zone) // of a zone that is not known there: nothing
		changed := false
		for n := head.Vector[writer]; n < d.Vector[writer]; n++ {
			s.to.change(item.Zone)
			changed = true
		}
		head, err = s.to.Head(item.Zone)
		if err != nil {
			return nil, err
		}
		s.to.Forward(Arrival{Zone: item.Zone, Position: head.Position, Link: s.from.name, Changed: changed}, func(servers []string) {
			s.from.Report(s.to.name, Report{Zone: item.Zone, Position: p, Servers: servers})
		})
		outcomes = append(outcomes, Outcome{Zone: item.Zone, Position: p, Result: Stored})
	}
	return outcomes, nil
}

func served(r Reach) (names []string) {
	for _, s := range r.Servers {
		if s.State == ReachServed {
			names = append(names, s.Name)
		}
	}
	return names
}

func wantServed(t *testing.T, n *node, z zone.Name, p store.Position, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	r, err := n.Wait(ctx, z, p, 0)
	if err != nil || !r.All() || !slices.Equal(served(r), want) {
		t.Fatalf("%s: wait says %+v, %v, want served by %v", n.name, r, err, want)
	}
}

func chain(t *testing.T) (web, ns1, ns2 *node, first, second *link) {
	web, ns1, ns2 = newNode(t, "web"), newNode(t, "ns1"), newNode(t, "ns2")
	first = web.link(ns1, "ns2")
	second = ns1.link(ns2)
	return web, ns1, ns2, first, second
}

func TestAChainCountsServersAndNotLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web, ns1, ns2, _, _ := chain(t)
		ns2.nameserver.takes = 3 * time.Second
		z := name("shop")
		p := web.change(z)
		began := time.Now()
		wantServed(t, web, z, p, "ns1", "ns2", "web")
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %v, the last nameserver 3 s", took)
		}
		if ns1.nameserver.count(z) != 1 || ns2.nameserver.count(z) != 1 {
			t.Error("a server was counted that does not serve it")
		}
		r, err := web.Reached(z, p)
		if err != nil || r.Servers[1].Name != "ns2" || r.Servers[1].Took != 3*time.Second {
			t.Errorf("reach %+v, %v", r, err)
		}
	})
}

func TestAWaitGoesOnWhereTheChainWasCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web, _, _, first, second := chain(t)
		z := name("shop")
		wantServed(t, web, z, web.change(z), "ns1", "ns2", "web")
		second.cut(true)
		p := web.change(z)
		time.AfterFunc(10*time.Second, func() { first.cut(true) }) // the report's way is cut too, and comes back first
		time.AfterFunc(20*time.Second, func() { first.cut(false) })
		time.AfterFunc(100*time.Second, func() { second.cut(false) })
		wantServed(t, web, z, p, "ns1", "ns2", "web")
	})
}

func TestAWaitIsAnsweredAfterANewStartOfTheFirstNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web, ns1, _, _, _ := chain(t)
		z := name("shop")
		p := web.change(z)
		wantServed(t, web, z, p, "ns1", "ns2", "web")

		pass(2 * settleEvery)
		web.halt()
		again := &node{here: &here{journal: web.journal, Tracker: NewTracker(web.journal, "web", nil), t: t}, name: "web", nameserver: web.nameserver}
		again.work("web", again.nameserver)
		again.link(ns1, "ns2")
		if r, err := again.Reached(z, p); err != nil || !slices.Equal(served(r), []string{"ns1", "web"}) {
			t.Fatalf("by the cursors: %+v, %v", r, err)
		}
		wantServed(t, again, z, p, "ns1", "ns2", "web")
	})
}

func TestACircleOfServersDoesNotWaitForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newNode(t, "a"), newNode(t, "b"), newNode(t, "c")
		a.link(b, "c", "a")
		b.link(c, "a", "b")
		c.link(a, "b", "c")
		for _, n := range []*node{a, b, c} {
			z := name("made-at-" + n.name)
			wantServed(t, n, z, n.change(z), "a", "b", "c")
		}
	})
}

func TestAChangeThatComesAgainFromElsewhereHearsOfThisServerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "ns1")
		other := newMember("a")
		other.takes = time.Second
		n.work("ns2", other)
		z := name("shop")
		p := n.change(z)
		heard := map[string][]string{}
		var mu sync.Mutex
		tell := func(link string) func([]string) {
			return func(servers []string) {
				mu.Lock()
				defer mu.Unlock()
				heard[link] = append(heard[link], servers...)
			}
		}
		n.Forward(Arrival{Zone: z, Position: p, Link: "web1", Changed: true}, tell("web1"))
		n.Forward(Arrival{Zone: z, Position: p, Link: "web2"}, tell("web2"))
		pass(2 * time.Second)
		n.Forward(Arrival{Zone: z, Position: p, Link: "web3"}, tell("web3"))
		n.Forward(Arrival{Zone: z, Position: p, Link: "web1"}, tell("web1 again"))
		slices.Sort(heard["web1 again"])
		for link, want := range map[string][]string{
			"web1": {"ns1", "ns2"}, "web2": {"ns1"}, "web3": {"ns1"}, "web1 again": {"ns1", "ns2"},
		} {
			if !slices.Equal(heard[link], want) {
				t.Errorf("%s heard %v, want %v", link, heard[link], want)
			}
		}
	})
}

// A server that fetches from a member starts to be sent the same by it, and gives up fetching.
func TestAnotherLinkTakesThePlaceOfAnUpstreamThatIsOver(t *testing.T) {
	for _, order := range []string{"it brought the change before", "it brings the change afterwards"} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNode(t, "ns1")
				other := newMember("a")
				other.takes = time.Second
				n.work("ns2", other)
				z := name("shop")
				p := n.change(z)
				var mu sync.Mutex
				var heard []string
				again := func() {
					n.Forward(Arrival{Zone: z, Position: p, Link: "pushed"}, func(servers []string) {
						mu.Lock()
						defer mu.Unlock()
						heard = append(heard, servers...)
					})
				}
				n.Forward(Arrival{Zone: z, Position: p, Link: "fetched", Changed: true}, func([]string) {})
				if order == "it brought the change before" {
					again()
				}
				n.Unlink("fetched")
				if order != "it brought the change before" {
					again()
				}
				pass(2 * time.Second)
				slices.Sort(heard)
				if !slices.Equal(heard, []string{"ns1", "ns2"}) {
					t.Errorf("the link that is left heard %v", heard)
				}
			})
		})
	}
}

func TestANodeWithoutANameserverCountsWhatItStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHere(t)
		z := name("shop")
		var heard []string
		h.Forward(Arrival{Zone: z, Position: h.change(z), Link: "web", Changed: true}, func(s []string) { heard = s })
		if !slices.Equal(heard, []string{"self"}) {
			t.Errorf("heard %v", heard)
		}
	})
}

func TestAnUnlinkedUpstreamHearsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "ns1")
		n.nameserver.takes = time.Second
		synctest.Wait()
		z := name("shop")
		n.Forward(Arrival{Zone: z, Position: n.change(z), Link: "web", Changed: true}, func([]string) {
			t.Error("told over a link that is gone")
		})
		n.Unlink("web")
		pass(time.Minute)
	})
}
