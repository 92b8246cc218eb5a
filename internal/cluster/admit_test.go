package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

const (
	web1 = "web1.example key-1"
	web2 = "web2.example key-2"
	ns1  = "ns1.example key-9"
)

func life(node byte, owner, home string, ended bool) LifeFact {
	return LifeFact{Life: zone.Dot{Node: zone.NodeID{node}, Counter: 1}, Owner: owner, Home: home, Ended: ended}
}

func leaf() Grant { return Grant{Kind: Leaf, User: Root, Holder: web1} }

func TestAdmit(t *testing.T) {
	var (
		mine      = life(1, "anna", web1, false)
		mineEnded = life(1, "anna", web1, true)
		theirs    = life(2, "bert", web2, false)
		theirsEnd = life(2, "bert", web2, true)
		unowned   = life(9, Root, ns1, false)
		owned     = life(9, "cora", ns1, false)
		claiming  = Grant{Kind: Leaf, User: Root, Holder: web1, MayClaim: true}
		far       = zone.Vector{zone.NodeID{1}: MaxJump + 8}
		near      = zone.Vector{zone.NodeID{1}: MaxJump + 7}
		have      = zone.Vector{zone.NodeID{1}: 7}
	)
	for _, c := range []struct {
		name   string
		grant  Grant
		fact   ZoneFact
		reason string // part of it; empty: admitted
		claim  bool
	}{
		{"a leaf creates a name that nobody has", leaf(), ZoneFact{Touched: []LifeFact{mine}}, "", false},
		{"a leaf changes a zone whose home it is", leaf(), ZoneFact{Known: []LifeFact{mine}, Touched: []LifeFact{mine}}, "", false},
		{"a leaf brings nothing new of its zone", leaf(), ZoneFact{Known: []LifeFact{mine}}, "", false},
		{"a leaf deletes its zone", leaf(), ZoneFact{Known: []LifeFact{mine}, Touched: []LifeFact{mineEnded}}, "", false},
		{"a leaf creates a name that is deleted here", leaf(), ZoneFact{Touched: []LifeFact{theirsEnd, mine}}, "", false},
		{"a leaf creates a name that another has", leaf(), ZoneFact{Known: []LifeFact{theirs}, Touched: []LifeFact{mine}}, "home of shop.example is web2.example", false},
		{"a leaf changes a zone of another", leaf(), ZoneFact{Known: []LifeFact{theirs}, Touched: []LifeFact{theirs}}, "home of shop.example is web2.example", false},
		{"a leaf ends a zone of another", leaf(), ZoneFact{Known: []LifeFact{theirs}, Touched: []LifeFact{theirsEnd}}, "home of shop.example is web2.example", false},
		{"a leaf gives its zone another home", leaf(), ZoneFact{Known: []LifeFact{mine}, Touched: []LifeFact{life(1, "anna", web2, false)}}, "would get the home web2.example", false},
		{"a leaf creates a zone for another home", leaf(), ZoneFact{Touched: []LifeFact{theirs}}, "would get the home web2.example", false},
		{"a leaf creates a zone without a home", leaf(), ZoneFact{Touched: []LifeFact{life(1, "anna", "", false)}}, "would get the home unknown", false},
		{"a leaf that is not bound to a server", Grant{Kind: Leaf, User: Root}, ZoneFact{Touched: []LifeFact{life(1, "anna", "", false)}}, "not bound", false},
		{"a leaf may not claim unless it is given", leaf(), ZoneFact{Claiming: true, Known: []LifeFact{unowned}, Touched: []LifeFact{mine}}, "home of shop.example is ns1.example", false},
		{"a claim of an unowned zone", claiming, ZoneFact{Claiming: true, Known: []LifeFact{unowned}, Touched: []LifeFact{mine}}, "", true},
		{"a claim of an account's zone", claiming, ZoneFact{Claiming: true, Known: []LifeFact{owned}, Touched: []LifeFact{mine}}, "foreign write", false},
		{"a claim of another server's zone", claiming, ZoneFact{Claiming: true, Known: []LifeFact{theirs}, Touched: []LifeFact{mine}}, "foreign write", false},
		{"a claim outside the confirmed first synchronization", claiming, ZoneFact{Known: []LifeFact{unowned}, Touched: []LifeFact{mine}}, "foreign write", false},
		{"a counter at the bound", leaf(), ZoneFact{Have: have, Comes: near, Touched: []LifeFact{mine}}, "", false},
		{"a counter above the bound", leaf(), ZoneFact{Have: have, Comes: far, Touched: []LifeFact{mine}}, "counter 16777224", false},
		{"a counter of a node never heard of above the bound", leaf(), ZoneFact{Comes: far, Touched: []LifeFact{mine}}, "counter", false},
		{"a serial that jumps", leaf(), ZoneFact{Known: []LifeFact{mine}, Serial: Wish{Serial: 4_000_000_000, Have: 2_026_010_100}}, "serial 4000000000", false},
		{"a serial that jumps in a new zone", leaf(), ZoneFact{Touched: []LifeFact{mine}, Serial: Wish{Serial: 1_000_000_000, New: true}}, "", false},
		{"a serial that is behind", leaf(), ZoneFact{Known: []LifeFact{mine}, Serial: Wish{Serial: 5, Have: 2_026_010_100}}, "", false},
		{"a relay passes on a change of any zone", Grant{Kind: Relay, User: Root}, ZoneFact{Known: []LifeFact{theirs, owned}, Touched: []LifeFact{theirs}, Comes: far}, "", false},
		{"a reseller's relay brings an account of another", Grant{Kind: Relay, User: "rita"}, ZoneFact{ForeignOwner: "bert"}, "bert, which is no account of rita", false},
		{"a reseller's leaf brings an account of another", Grant{Kind: Leaf, User: "rita", Holder: web1}, ZoneFact{ForeignOwner: "bert", Touched: []LifeFact{mine}}, "no account of rita", false},
		{"a trust token changes nothing", Grant{Kind: Relay, User: Root, Trust: true}, ZoneFact{}, "reverse trust", false},
		{"a token of no kind changes nothing", Grant{User: Root, Holder: web1}, ZoneFact{Touched: []LifeFact{mine}}, "unknown kind", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.fact.Name, c.fact.Self = "shop.example", ns1
			c.fact.Now = zone.Millis(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixMilli())
			v := c.grant.Admit(c.fact)
			if v.OK != (c.reason == "") || !strings.Contains(v.Reason, c.reason) || v.Claim != c.claim {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

func TestMayRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		grant Grant
		fact  ZoneFact
		want  bool
	}{
		{"a leaf, a zone whose home it is", leaf(), ZoneFact{Home: web1}, true},
		{"a leaf, a zone of another", leaf(), ZoneFact{Home: web2, Owner: "bert"}, false},
		{"root's leaf, a zone that no account owns", leaf(), ZoneFact{Home: ns1, Owner: Root}, false},
		{"a reseller's leaf, a zone that it owns elsewhere", Grant{Kind: Leaf, User: "rita", Holder: web1}, ZoneFact{Home: ns1, Owner: "rita"}, true},
		{"a leaf without a server, a zone without a home", Grant{Kind: Leaf, User: Root}, ZoneFact{}, false},
		{"a relay", Grant{Kind: Relay, User: Root}, ZoneFact{Home: web2}, true},
		{"a reseller's relay, an account of another", Grant{Kind: Relay, User: "rita"}, ZoneFact{ForeignOwner: "bert"}, false},
		{"a trust token of root", Grant{User: Root, Trust: true}, ZoneFact{Home: web1}, true},
		{"a trust token of a reseller, its account's zone", Grant{User: "reseller", Trust: true}, ZoneFact{Home: web1}, true},
		{"a trust token of a reseller, another's zone", Grant{User: "reseller", Trust: true}, ZoneFact{Home: web1, ForeignOwner: "other"}, false},
		{"a token of no kind", Grant{User: Root, Holder: web1}, ZoneFact{Home: web1}, false},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, "may read", c.grant.MayRead(c.fact), c.want) })
	}
}

func TestAdoptSerial(t *testing.T) {
	now := zone.Millis(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli())
	for _, c := range []struct {
		name string
		wish Wish
		want bool
	}{
		{"the same", Wish{Serial: 7, Have: 7}, false},
		{"one behind", Wish{Serial: 6, Have: 7}, false},
		{"one ahead", Wish{Serial: 8, Have: 7}, true},
		{"ahead around the end", Wish{Serial: 3, Have: 1<<32 - 3}, true},
		{"half the circle away, not comparable", Wish{Serial: 1 << 31, Have: 0}, false},
		{"at the bound", Wish{Serial: MaxJump + 7, Have: 7}, true},
		{"above the bound", Wish{Serial: MaxJump + 8, Have: 7}, false},
		{"above the bound, root asks", Wish{Serial: MaxJump + 8, Have: 7, Root: true}, true},
		{"behind, root asks", Wish{Serial: 6, Have: 7, Root: true}, false},
		{"above the bound, new here", Wish{Serial: MaxJump + 8, New: true}, true},
		{"to today's date form", Wish{Serial: 2026112301, Have: 7}, true},
		{"to a date of some years ago", Wish{Serial: 2009043042, Have: 7}, true},
		{"to a date far ahead", Wish{Serial: 2031010100, Have: 7}, false},
		{"to the 31st of April", Wish{Serial: 2026043101, Have: 7}, false},
		{"to month 13", Wish{Serial: 2025130101, Have: 7}, false},
		{"to unix time", Wish{Serial: uint32(now / 1000), Have: 7}, true},
		{"to unix time far ahead", Wish{Serial: uint32(now/1000) + 5*365*86400, Have: 7}, false},
		{"from unix time to the date form", Wish{Serial: 2026112301, Have: uint32(now / 1000)}, true},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, "adopt", Adopt(c.wish, now), c.want) })
	}
}
