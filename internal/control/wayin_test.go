package control_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Each step of the way in is done when what it asks for is so, and not done again when that is no more.
func TestTheWayInFollowsWhatIs(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	done := func() (list map[control.StepName]bool) {
		t.Helper()
		steps, err := web.WayIn(ctx(), root)
		if err != nil || len(steps) != 7 {
			t.Fatalf("%+v %v", steps, err)
		}
		list = map[control.StepName]bool{}
		for _, s := range steps {
			list[s.Name] = s.Done
			if s.State == "" || s.Command == "" {
				t.Errorf("a step without words: %+v", s)
			}
		}
		return list
	}
	want := func(when string, names ...control.StepName) {
		t.Helper()
		got, expected := done(), map[control.StepName]bool{}
		for _, name := range names {
			expected[name] = true
		}
		for name := range got {
			if got[name] != expected[name] {
				t.Errorf("%s: step %s is done: %v", when, name, got[name])
			}
		}
	}
	web.Self.Name, web.Self.Advertise = "web1", "127.0.0.1:2087"
	want("a new server", control.StepClustering)
	web.Self.Name = "web1.test"
	want("with an address of this host alone", control.StepClustering)
	web.Self.Advertise = "[2001:db8::7]:2087"
	want("with a name and an IPv6 address", control.StepServer, control.StepClustering)
	web.Self.Advertise = "192.0.2.7:2087"
	want("with a name and an address", control.StepServer, control.StepClustering)
	if err := web.DisableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	want("clustering off", control.StepServer)
	if err := web.EnableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	if err := web.SetSettings(ctx(), root, control.Settings{Nameservers: []zone.Name{name("ns1.example")}}); err != nil {
		t.Fatal(err)
	}
	want("with nameservers", control.StepServer, control.StepClustering, control.StepNameservers)
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.53"), ""); err != nil {
		t.Fatal(err)
	}
	want("with a trusted address", control.StepServer, control.StepClustering, control.StepNameservers, control.StepTrusted)
	m := web.join(t, ns).Member
	want("with a member that is not connected yet", control.StepServer, control.StepClustering, control.StepNameservers, control.StepTrusted, control.StepMember)
	web.Reach = linked{m.Target: {Target: m.Target, Connected: true, Waiting: 1}}
	want("while it gets what is here", control.StepServer, control.StepClustering, control.StepNameservers, control.StepTrusted, control.StepMember)
	web.Reach = linked{m.Target: {Target: m.Target, Connected: true}}
	if err := web.FirstPassDone(ctx(), m.Target, true, true); err != nil {
		t.Fatal(err)
	}
	want("when it has everything", control.StepServer, control.StepClustering, control.StepNameservers, control.StepTrusted, control.StepMember, control.StepSync)

	web.Nameservers = func(context.Context) []control.NameserverAt {
		at := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:53")}
		return []control.NameserverAt{{Name: "web1.test", Addrs: at}, {Name: "ns1.test", Addrs: at}}
	}
	web.Question = func(context.Context, netip.AddrPort, zone.Name, zone.Type, bool) (control.Answer, error) {
		return control.Answer{Rcode: "NOERROR"}, nil
	}
	if _, same, err := web.Ask(ctx(), root, control.AskRequest{Name: name("a.example"), Type: zone.TypeA, All: true}); !same || err != nil {
		t.Fatal(same, err)
	}
	want("when both have answered alike", control.StepServer, control.StepClustering, control.StepNameservers, control.StepTrusted, control.StepMember, control.StepSync, control.StepTest)
}

// linked is how links stand, by target.
type linked map[string]control.LinkStatus

func (l linked) Links() (list []control.LinkStatus) {
	for _, s := range l {
		list = append(list, s)
	}
	return list
}

func (linked) Wait(context.Context, zone.Name, store.Position, int) (control.Reached, error) {
	return control.Reached{}, nil
}

func (linked) Reached(zone.Name, store.Position) (control.Reached, error) {
	return control.Reached{}, nil
}
