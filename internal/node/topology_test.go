package node

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named is a node of that name.
func named(t *testing.T, server string) *Node {
	t.Helper()
	n := newTestNode(t)
	n.Config.Name = server
	return n
}

// sends makes each server a target of the node, under its own name.
func (n *Node) sends(servers ...string) {
	for _, s := range servers {
		n.tracker.Expect(s, s, 0, nil)
	}
}

// behind lists the servers that are waited for behind a target.
func (n *Node) behind(target string) []string {
	for _, s := range n.tracker.Status() {
		if s.ID == target {
			return s.Behind
		}
	}
	return nil
}

func TestAPathWithTheOwnNameIsDropped(t *testing.T) {
	n := named(t, "web1")
	n.sends("ns1")
	n.links.setBehind("ns1", []string{"web1", "ns2", "ns2/web1", "ns2/web1/ns4", "ns2/ns3", "ns5/ns3"})
	if diff := cmp.Diff([]string{"ns2", "ns3"}, n.behind("ns1")); diff != "" {
		t.Errorf("waited for (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns1", "ns1/ns2", "ns1/ns2/ns3", "ns1/ns5/ns3"}, n.links.pathsFor("web2")); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	n.links.setBehind("ns1", nil)
	if got := n.links.pathsFor("web2"); !slices.Equal(got, []string{"ns1"}) || len(n.behind("ns1")) != 0 || len(n.links.behind) != 0 {
		t.Errorf("when nobody is behind it any more: told %v", got)
	}
}

func TestAServerIsNotToldOfItself(t *testing.T) {
	n := named(t, "web1")
	n.sends("ns1", "ns2")
	n.links.setBehind("ns1", []string{"ns2", "ns2/ns3", "ns3"})
	if diff := cmp.Diff([]string{"ns1", "ns1/ns3"}, n.links.pathsFor("ns2")); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestPathsHaveALongestLength(t *testing.T) {
	n := named(t, "web1")
	n.sends("ns1")
	longest := strings.TrimSuffix(strings.Repeat("s/", maxPath), "/")
	n.links.setBehind("ns1", []string{longest, longest + "/far", "near"})
	if diff := cmp.Diff([]string{"near", "s"}, n.behind("ns1")); diff != "" {
		t.Errorf("waited for (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns1", "ns1/near"}, n.links.pathsFor("web2")); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// Three servers send to each other in a circle, and one of them to a fourth, which is removed.
func TestServersInACircleForgetOneThatIsGone(t *testing.T) {
	ring := []*Node{named(t, "web1"), named(t, "web2"), named(t, "web3")}
	for i, n := range ring {
		n.sends(ring[(i+1)%3].Config.Name, ring[(i+2)%3].Config.Name)
	}
	// tell passes topologies on until nobody has news, as links do, and says how often that took.
	tell := func() (rounds int) {
		for changed := true; changed; rounds++ {
			changed = false
			if rounds > 20 {
				t.Fatal("the news never ends")
			}
			for _, from := range ring {
				for _, to := range ring {
					paths := from.links.pathsFor(to.Config.Name)
					if from != to && !slices.Equal(paths, to.links.behind[from.Config.Name]) {
						before := slices.Clone(to.links.behind[from.Config.Name])
						to.links.setBehind(from.Config.Name, paths)
						changed = changed || !slices.Equal(before, to.links.behind[from.Config.Name])
					}
				}
			}
		}
		return rounds
	}
	knows := func(n *Node) bool {
		return slices.ContainsFunc(n.links.pathsFor("other"), func(p string) bool { return strings.HasSuffix(p, "ns4") })
	}
	ring[0].sends("ns4")
	tell()
	for _, n := range ring {
		if !knows(n) {
			t.Errorf("%s does not know of ns4: %v", n.Config.Name, n.links.pathsFor("other"))
		}
	}
	ring[0].links.dropTarget("ns4")
	tell()
	for _, n := range ring {
		if knows(n) {
			t.Errorf("%s keeps ns4: %v", n.Config.Name, n.links.pathsFor("other"))
		}
	}
}

func TestEachLinkIsToldOnceUntilThereIsNews(t *testing.T) {
	n, f := named(t, "web1"), linked(t)
	n.sends("ns1", "ns2")
	n.links.open["to/ns2"] = &opened{wire: f.link, name: "ns2"}
	n.links.tell(t.Context())
	n.links.tell(t.Context())
	n.links.setBehind("ns1", []string{"ns3"})
	n.links.tell(t.Context())
	var heard [][]string
	eventually(t, "the news", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		heard = slices.Clone(f.paths)
		return len(heard) > 0 && slices.Contains(heard[len(heard)-1], "ns1/ns3")
	})
	if diff := cmp.Diff([][]string{{"ns1"}, {"ns1", "ns1/ns3"}}, heard); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// What the greeting told is no news, but that nobody is behind this server any more is, if the greeting named somebody.
func TestALinkIsToldThatNobodyIsThereAnyMoreWhomItsGreetingNamed(t *testing.T) {
	n, f := named(t, "web1"), linked(t)
	n.links.open["to/ns2"] = &opened{wire: f.link, name: "ns2", told: []string{"ns1"}}
	n.links.tell(t.Context())
	eventually(t, "the news", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.paths) == 1 && len(f.paths[0]) == 0
	})
}

func TestNewsOfWhoIsBehindAreNotUndoneByAGreetingThatIsReadLater(t *testing.T) {
	n := named(t, "web1")
	n.sends("ns1")
	b := &behind{links: n.links, target: "ns1"}
	b.told([]string{"ns2"})
	b.greeted([]string{"ns2", "ns3"})
	if diff := cmp.Diff([]string{"ns2"}, n.behind("ns1")); diff != "" {
		t.Errorf("behind it (-want +got):\n%s", diff)
	}
	later := &behind{links: n.links, target: "ns1"}
	later.greeted([]string{"ns2", "ns3"})
	later.told(nil)
	if got := n.behind("ns1"); len(got) != 0 {
		t.Errorf("behind it are still %v", got)
	}
}

// A server that fetched at first, and is fed over this node's own link since, is two targets with one link.
func TestWhatAServerTellsHoldsForItsClosedLinksToo(t *testing.T) {
	n := named(t, "ns1")
	n.follow(follower{ID: "from/ns2", Name: "ns2", Fingerprint: "key2"})
	n.sends("row", "elsewhere")
	n.links.targets["row"], n.links.targets["elsewhere"] = "key2", "key3"
	n.links.setBehind("elsewhere", []string{"web"})
	link := func(target string) *opened {
		return &opened{wire: linked(t).link, name: "ns2", fingerprint: "key2", behind: &behind{links: n.links, target: target, fingerprint: "key2"}}
	}
	fetching, feeding := link("from/ns2"), link("row")
	n.links.entered("from/ns2", fetching)
	fetching.behind.greeted([]string{"web"})
	n.links.entered("to/row", feeding)
	feeding.behind.greeted([]string{"web"})

	feeding.behind.told(nil)
	if got := n.behind("from/ns2"); !slices.Equal(got, []string{"web"}) {
		t.Errorf("an open link says for itself, and said %v", got)
	}
	n.links.left("from/ns2", fetching)
	if got := n.behind("from/ns2"); len(got) != 0 {
		t.Errorf("behind the closed link are %v still", got)
	}
	feeding.behind.told([]string{"web3"})
	if got := n.behind("from/ns2"); !slices.Equal(got, []string{"web3"}) {
		t.Errorf("behind the closed link are %v", got)
	}
	if got := n.behind("elsewhere"); !slices.Equal(got, []string{"web"}) {
		t.Errorf("behind another server are %v", got)
	}
	n.links.left("to/row", feeding)
	if got := n.behind("row"); !slices.Equal(got, []string{"web3"}) {
		t.Errorf("with no link at all, what was told last stands, and is %v", got)
	}
}
