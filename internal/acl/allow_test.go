package acl_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// onZones, forRoot, onUsers and peers are all verbs.
var (
	onZones = []acl.Verb{acl.ReadZone, acl.WriteZone, acl.CreateZone, acl.DeleteZone, acl.ReadHistory}
	onUsers = []acl.Verb{acl.ReadUser, acl.CreateUser, acl.EditUser, acl.SuspendUser, acl.DeleteUser, acl.SetPassword, acl.OpenSession, acl.OwnSignIn, acl.SetNameservers}
	others  = []acl.Verb{
		acl.ReadEvents, acl.ReadMembers, acl.ManageMembers, acl.ReadStatus, acl.ReadServer, acl.ManageCluster, acl.ManageTokens,
		acl.ReadNode, acl.ManageNode,
	}
	peers = []acl.Verb{acl.Push, acl.Follow, acl.Ask, acl.Trust, acl.Forget}
)

func verbs() []acl.Verb { return slices.Concat(onZones, onUsers, others, peers) }

// people are who may ask; seller owns the account shop, other is another reseller.
func people() map[string]acl.Principal {
	member := acl.Principal{User: "root", Kind: acl.KindMember, Grant: cluster.Grant{Kind: cluster.Relay, User: "root"}}
	trust := member
	trust.Grant.Trust = true
	rootMember := member
	rootMember.Root = true
	return map[string]acl.Principal{
		"nobody": {}, "root": acl.Local(), "the node": acl.Node(), "a user with all": acl.For("boss", acl.Privileges{acl.All}),
		"the account":   acl.For("shop", nil),
		"its reseller":  acl.For("seller", acl.Privileges{acl.EditDNS, acl.CreateDNS, acl.Clustering}),
		"a bare seller": acl.For("seller", nil),
		"another":       acl.For("other", acl.Privileges{acl.Clustering, acl.CreateDNS, acl.EditDNS, acl.KillDNS, acl.CreateAccount, acl.ChangePasswords}),
		"a member":      member, "a root member": rootMember, "a trust token": trust,
	}
}

// Every principal against every verb on a thing of the account shop: who may is listed, all else is denied.
func TestAllow(t *testing.T) {
	everything := slices.Concat(onZones, onUsers, others)
	may := map[string][]acl.Verb{
		"root": everything, "the node": everything, "a user with all": everything,
		"the account":   {acl.ReadZone, acl.ReadHistory, acl.ReadEvents, acl.ReadUser, acl.OwnSignIn},
		"its reseller":  {acl.ReadZone, acl.ReadHistory, acl.WriteZone, acl.CreateZone, acl.ReadEvents, acl.ReadMembers, acl.ReadStatus, acl.ReadServer, acl.ReadUser},
		"a bare seller": {acl.ReadZone, acl.ReadHistory, acl.ReadEvents, acl.ReadUser},
		"a member":      peers, "a root member": peers, "a trust token": {acl.Follow, acl.Ask, acl.Forget},
	}
	for who, p := range people() {
		for _, v := range append(verbs(), "unheard of") {
			err := acl.Allow(p, v, acl.Object{Name: "example.com", Owner: "shop", Reseller: "seller"})
			if v == "unheard of" && p.Root && p.Kind != acl.KindMember {
				continue // root's verbs are whatever there is
			}
			if (err == nil) != slices.Contains(may[who], v) {
				t.Errorf("%s, %s: %v", who, v, err)
			}
			if err != nil && !errors.Is(err, acl.ErrDenied) {
				t.Errorf("%s, %s: %v is no denial", who, v, err)
			}
		}
	}
}

// What is about nothing in particular is allowed only where the answer holds own things alone.
func TestWhatHasNoObjectIsAList(t *testing.T) {
	lists := []acl.Verb{acl.ReadZone, acl.ReadHistory, acl.ReadEvents, acl.ReadMembers, acl.ReadStatus, acl.ReadServer, acl.ReadUser}
	var every acl.Privileges
	for _, a := range acl.Known() {
		if a.Name != acl.All {
			every = append(every, a.Name)
		}
	}
	p := acl.For("seller", every)
	for _, v := range verbs() {
		if err := acl.Allow(p, v, acl.Object{}); (err == nil) != slices.Contains(lists, v) {
			t.Errorf("%s of nothing in particular: %v", v, err)
		}
	}
}

// Each privilege opens what the table of privileges says, and a privilege without an effect opens nothing.
func TestEachPrivilegeOpensItsVerbs(t *testing.T) {
	opens := map[acl.Privilege][]acl.Verb{
		acl.ManageDNSRecords: {acl.WriteZone}, acl.EditDNS: {acl.WriteZone}, acl.EditMX: {acl.WriteZone},
		acl.CreateDNS: {acl.CreateZone}, acl.KillDNS: {acl.DeleteZone}, acl.NSConfig: {acl.SetNameservers},
		acl.ManageAPITokens: {acl.ManageTokens}, acl.BasicSystemInfo: {acl.ReadServer}, acl.Status: {acl.ReadStatus, acl.ReadServer},
		acl.Clustering:    {acl.ReadMembers, acl.ManageMembers, acl.ReadStatus, acl.ReadServer},
		acl.CreateAccount: {acl.CreateUser}, acl.EditAccount: {acl.EditUser}, acl.SuspendAccount: {acl.SuspendUser},
		acl.KillAccount: {acl.DeleteUser}, acl.ChangePasswords: {acl.SetPassword, acl.OpenSession}, acl.CreateSession: {acl.OpenSession},
	}
	own := acl.Object{Name: "x", Owner: "seller", Reseller: "root"}
	without := acl.For("seller", nil)
	for _, a := range acl.Known() {
		if a.Name == acl.All {
			continue
		}
		p := acl.For("seller", acl.Privileges{a.Name})
		var opened []acl.Verb
		for _, v := range verbs() {
			if acl.Allow(p, v, own) == nil && acl.Allow(without, v, own) != nil {
				opened = append(opened, v)
			}
		}
		want := slices.Clone(opens[a.Name])
		slices.Sort(opened)
		slices.Sort(want)
		if !slices.Equal(opened, want) {
			t.Errorf("%s opens %q, want %q", a.Name, opened, want)
		}
		if (len(want) > 0) != (a.Does != "") {
			t.Errorf("%s opens %d verbs, and pages say %q", a.Name, len(want), a.Does)
		}
	}
}

func TestAMemberOfAnAccountIsNotItsResellers(t *testing.T) {
	p := acl.For("seller", acl.Privileges{acl.Clustering, acl.ManageAPITokens})
	for _, v := range []acl.Verb{acl.ManageMembers, acl.ManageTokens} {
		if acl.Allow(p, v, acl.Object{Owner: "shop", Reseller: "seller"}) == nil {
			t.Errorf("%s of an account is allowed to its reseller", v)
		}
	}
}

func TestATokenHasWhatItsOwnerStillHas(t *testing.T) {
	root := acl.For(acl.Root, nil)
	if p := root.Narrowed(nil, acl.Scope{}); !p.Root {
		t.Error("a token of root that is narrowed to nothing is not root")
	}
	p := root.Narrowed(acl.Privileges{acl.EditDNS}, acl.Scope{})
	theirs := acl.Object{Name: "example.com", Owner: "shop", Reseller: "seller"}
	if p.Root || acl.Allow(p, acl.WriteZone, theirs) != nil || acl.Allow(p, acl.DeleteZone, theirs) == nil || acl.Allow(p, acl.ManageNode, acl.Object{}) == nil {
		t.Errorf("a token of root with edit-dns alone: %+v", p)
	}
	if p := acl.For("shop", acl.Privileges{acl.EditMX}).Narrowed(acl.Privileges{acl.EditDNS, acl.All}, acl.Scope{}); p.Root || p.Privileges.Has(acl.EditDNS) || !p.Privileges.Has(acl.EditMX) {
		t.Errorf("a token has more than its owner: %v", p.Privileges)
	}
}

func TestATokenDoesNotChangeHowItsOwnerSignsIn(t *testing.T) {
	p := acl.For("shop", nil)
	p.TokenID = "abcdefghij"
	if acl.Allow(p, acl.OwnSignIn, acl.Object{Owner: "shop", Reseller: "seller"}) == nil {
		t.Error("it does")
	}
}

func TestEditMXIsForMXAlone(t *testing.T) {
	own, apex := acl.Object{Name: "example.com", Owner: "seller", Reseller: "root"}, mustName(t, "example.com")
	for rtype, may := range map[zone.Type]bool{zone.TypeMX: true, zone.TypeA: false, zone.TypeTXT: false} {
		if err := acl.AllowRecord(acl.For("seller", acl.Privileges{acl.EditMX}), own, apex, rtype); (err == nil) != may {
			t.Errorf("edit-mx, %s: %v", rtype, err)
		}
		if err := acl.AllowRecord(acl.For("seller", acl.Privileges{acl.ManageDNSRecords}), own, apex, rtype); err != nil {
			t.Errorf("manage-dns-records, %s: %v", rtype, err)
		}
	}
}

func TestPrivilegesAreASet(t *testing.T) {
	set, err := acl.ParsePrivileges("edit-dns", " Clustering", "edit-dns", "")
	if err != nil || !slices.Equal(set.Names(), []string{"clustering", "edit-dns"}) {
		t.Errorf("%v, %v", set, err)
	}
	if _, err := acl.ParsePrivileges("edit-dns", "fly"); err == nil {
		t.Error("an unknown one was taken")
	}
	all := acl.Privileges{acl.All}
	if !set.Within(all) || all.Within(set) || !set.Within(set) || !slices.Equal(set.And(all), set) || len(set.And(nil)) != 0 {
		t.Error("who has all has each, and nobody else has all")
	}
}

func TestAPrincipalIsNamedWithoutSecrets(t *testing.T) {
	for want, p := range map[string]acl.Principal{
		"root":          acl.Local(),
		"root (deploy)": {User: "root", Root: true, Kind: acl.KindAPI, TokenID: "abcdefghij", TokenName: "deploy"},
		"member web1":   {User: "root", Kind: acl.KindMember, TokenName: "web1"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
