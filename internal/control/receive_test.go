package control_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestALeafChangesItsOwnZonesOnly(t *testing.T) {
	w := newWorld()
	web1, web2, ns := w.server(t, "web1.test"), w.server(t, "web2.test"), w.server(t, "ns.test")
	web1.create(t, "one.example.com", "www A 192.0.2.1")
	web2.create(t, "two.example.com", "www A 192.0.2.2")
	web1.sendTo(t, ns, leaf)
	web2.sendTo(t, ns, leaf)
	wantServed(t, "one.example.com", "www.one.example.com", zone.TypeA, "192.0.2.1", ns)
	wantServed(t, "two.example.com", "www.two.example.com", zone.TypeA, "192.0.2.2", ns)

	// web1 gets hold of web2's zone, edits it, and pushes both: one is refused, the other goes on.
	ns.sendTo(t, web1)
	web1.edit(t, "two.example.com", set("www.two.example.com", zone.TypeA, "203.0.113.1"))
	web1.edit(t, "one.example.com", set("www.one.example.com", zone.TypeA, "192.0.2.10"))
	out := web1.sendTo(t, ns, leaf)
	if o := out[name("one.example.com")]; o.Result != control.Stored || !o.New {
		t.Errorf("its own zone: %+v", o)
	}
	if o := out[name("two.example.com")]; o.Result != control.Refused || o.Reason != "foreign write: home of two.example.com is web2.test" {
		t.Errorf("the foreign zone: %+v", o)
	}
	wantServed(t, "one.example.com", "www.one.example.com", zone.TypeA, "192.0.2.10", ns)
	wantServed(t, "two.example.com", "www.two.example.com", zone.TypeA, "192.0.2.2", ns)

	events, err := ns.Events(ctx(), root, 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != "foreign-write" || !strings.Contains(events[0].Text, "two.example.com refused from web1.test") {
		t.Errorf("events are %+v, %v", events, err)
	}
	if status, err := ns.Status(ctx(), root); err != nil || status.Foreign != 1 {
		t.Errorf("status counts %d foreign writes, %v", status.Foreign, err)
	}
	w.now += zone.Millis((24 * time.Hour).Milliseconds())
	if status, err := ns.Status(ctx(), root); err != nil || status.Foreign != 0 {
		t.Errorf("a day later status counts %d foreign writes, %v", status.Foreign, err)
	}
	// A leaf cannot end a foreign zone by making it anew either.
	if _, err := web1.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name("two.example.com")}); err != nil {
		t.Fatal(err)
	}
	web1.create(t, "two.example.com", "www A 203.0.113.2")
	if o := web1.sendTo(t, ns, leaf)[name("two.example.com")]; o.Result != control.Refused {
		t.Errorf("the foreign zone made anew: %+v", o)
	}
	wantServed(t, "two.example.com", "www.two.example.com", zone.TypeA, "192.0.2.2", ns)
}

func TestALeafMayNotTakePublicSuffixesOrTheServersOwnName(t *testing.T) {
	w := newWorld()
	web, ns := w.server(t, "web1.test"), w.server(t, "ns1.example.org")
	web.create(t, "co.uk")
	web.create(t, "ns1.example.org")
	for z, o := range web.sendTo(t, ns, leaf) {
		if o.Result != control.Refused || !strings.HasPrefix(o.Reason, "held: ") {
			t.Errorf("%s: %+v", z.Text(), o)
		}
	}
}

func TestATrustTokenPushesNothing(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example)
	out := a.sendTo(t, b, func(src *control.LinkSource) { src.Grant.Trust = true })
	if o := out[name(example)]; o.Result != control.Refused {
		t.Errorf("a trust token: %+v", o)
	}
}

func TestAClaimMovesTheHomeOfZonesThatNobodyOwns(t *testing.T) {
	w := newWorld()
	web, ns := w.server(t, "web1.test"), w.server(t, "ns.test")
	ns.create(t, example, "www A 192.0.2.1")
	web.create(t, example, "www A 192.0.2.2")
	if o := web.sendZone(t, ns, name(example), leaf); o.Result != control.Refused {
		t.Fatalf("without may-claim: %+v", o)
	}
	token, err := ns.CreateToken(ctx(), root, control.TokenRequest{Name: "web1", Kind: auth.KindMember, Claims: 1})
	if err != nil {
		t.Fatal(err)
	}
	claim := func(src *control.LinkSource) { src.Grant.MayClaim, src.Token = true, token.ID }
	if o := web.sendZone(t, ns, name(example), leaf, claim); o.Result != control.Stored {
		t.Fatalf("with may-claim: %+v", o)
	}
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", ns)
	if home := ns.show(t, example).View.Home; home != web.home() {
		t.Errorf("home is %s", home)
	}
	none(t, ns)

	const second = "second.example"
	ns.create(t, second, "www A 192.0.2.1")
	web.create(t, second, "www A 192.0.2.2")
	if o := web.sendZone(t, ns, name(second), leaf, claim); o.Result != control.Refused {
		t.Errorf("one zone more than was confirmed: %+v", o)
	}
}

func TestAStandaloneLinkTakesNoZonesThatOnlyTheMemberHas(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1")
	if o := a.sendTo(t, b, common)[name(example)]; o.Result != control.Ignored {
		t.Fatalf("a zone that only the member has: %+v", o)
	}
	a.sent[b] = 0
	exchange(t, a, b)
	if _, err := b.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2"))
	if o := a.sendZone(t, b, name(example), common); o.Result != control.Stored {
		t.Errorf("what is left of a deleted zone counts as having it: %+v", o)
	}
}

func TestAJoinThatChangesNothingCommitsNothing(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example)
	a.sendTo(t, b)
	at := b.Store.Synced()
	for range 2 {
		if o := a.sendZone(t, b, name(example)); o.Result != control.Stored || o.New || o.Here != at {
			t.Errorf("the same again: %+v", o)
		}
	}
	b.sendTo(t, a)
	if b.Store.Synced() != at || a.Store.Synced() != 1 {
		t.Error("an echo was committed")
	}
}

func TestADeltaThatNoNodeCanHoldIsRefused(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1")
	d, _, err := a.Store.Delta(name(example), 0)
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]func(d *zone.Delta){
		"a zone without a name":     func(d *zone.Delta) { d.Zone = "" },
		"a zone with a broken name": func(d *zone.Delta) { d.Zone = "\x07exam\x00" },
		"the root":                  func(d *zone.Delta) { d.Zone = zone.Root },
		"a record outside":          func(d *zone.Delta) { d.Keys[len(d.Keys)-1].Key.Owner = name("www.example.org") },
		"broken rdata":              func(d *zone.Delta) { breakValue(d) },
		"a dot beyond its vector":   func(d *zone.Delta) { d.Vector = zone.Vector{} },
	}
	for title, f := range broken {
		copied := d
		copied.Keys = nil
		for _, k := range d.Keys {
			k.Versions = append([]zone.Version(nil), k.Versions...)
			copied.Keys = append(copied.Keys, k)
		}
		f(&copied)
		out, err := b.Receive(ctx(), a.link(), []control.Incoming{{Delta: copied, Position: 7}})
		if err != nil || out[0].Result != control.Refused || !strings.HasPrefix(out[0].Reason, "not valid: ") || out[0].Position != 7 {
			t.Errorf("%s: %+v, %v", title, out, err)
		}
	}
	if b.Store.Synced() != 0 {
		t.Error("something was committed")
	}
}

func breakValue(d *zone.Delta) {
	for i, k := range d.Keys {
		if k.Key.Type == zone.TypeA {
			d.Keys[i].Versions[0].Value = zone.EncodeRRset(300, [][]byte{{1, 2, 3}})
		}
	}
}

func TestWhatAWriteOnlySenderWroteReplaces(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2")
	a.sendTo(t, b, writeOnly)
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"), set("mail.example.com", zone.TypeA, "192.0.2.30"))
	a.sendTo(t, b, writeOnly)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.10", b)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.30", b)
	none(t, b)

	changes, err := b.History(ctx(), root, name(example), 0, 1)
	if err != nil || changes[0].Kind != "replace" || changes[0].Source != "a.test" {
		t.Fatalf("history is %+v, %v", changes, err)
	}
	events, err := b.Events(ctx(), root, 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != "overwritten" || !strings.Contains(events[0].Text, "overwritten by a.test") {
		t.Errorf("events are %+v, %v", events, err)
	}
	b.undo(t, changes[0].Position)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.20", b)

	a.acked[b] = nil // an overwrite sends everything
	a.sendZone(t, b, name(example), overwrite)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.10", b)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", b)
}

func TestARingOfThreeWriteOnlyLinksEnds(t *testing.T) {
	w := newWorld()
	a, b, c := w.server(t, "a.test"), w.server(t, "b.test"), w.server(t, "c.test")
	a.create(t, example, "www A 192.0.2.1")
	exchange(t, a, b, c)
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"))
	c.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.30"))
	rounds, still := 0, true
	for still {
		if rounds++; rounds > 10 {
			t.Fatal("the circle does not end")
		}
		still = false
		for _, link := range [][2]*server{{a, b}, {b, c}, {c, a}} {
			for _, o := range link[0].sendTo(t, link[1], writeOnly) {
				still = still || o.New
			}
		}
	}
	wantEqual(t, example, a, b, c)
}

func TestADisabledLinkAndDisabledClusteringAnswerNothing(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example)
	if err := b.DisableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	d, _, err := a.Store.Delta(name(example), 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Receive(ctx(), a.link(), []control.Incoming{{Delta: d}})
	wantCode(t, err, control.CodeClusteringOff)
	if err := b.EnableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	if out, err := b.Receive(ctx(), a.link(), []control.Incoming{{Delta: d}}); err != nil || out[0].Result != control.Stored {
		t.Errorf("after enabling: %+v, %v", out, err)
	}
}

func TestACopiedDataFolderIsAnAlarmAndLosesNothing(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1")
	a.sendTo(t, b)
	d, _, err := a.Store.Delta(name(example), 0)
	if err != nil {
		t.Fatal(err)
	}
	// The same dot with another change, as a copied folder would make it.
	clone := d
	clone.Vector = d.Vector.Clone()
	clone.Keys = append([]zone.KeyVersions(nil), d.Keys...)
	for i, k := range clone.Keys {
		v := k.Versions[0]
		v.Hash++
		if k.Key.Type == zone.TypeA {
			v.Value = zone.EncodeRRset(300, data(zone.TypeA, "192.0.2.77"))
		}
		clone.Keys[i].Versions = []zone.Version{v}
	}
	if _, err := b.Receive(ctx(), a.link(), []control.Incoming{{Delta: clone}}); err != nil {
		t.Fatal(err)
	}
	events, err := b.Events(ctx(), root, 0, 10)
	if err != nil || len(events) != 2 || events[1].Kind != "conflict" || events[0].Kind != "clone" || events[0].Severity != "alarm" {
		t.Errorf("events are %+v, %v", events, err)
	}
	listed := false
	for _, found := range b.conflicts(t) {
		listed = listed || found.Kind == zone.ConflictClone
	}
	if !listed {
		t.Error("the second change is not listed")
	}
	said := func() bool {
		t.Helper()
		status, err := b.Status(ctx(), root)
		if err != nil {
			t.Fatal(err)
		}
		return status.Exit == 2 && slices.ContainsFunc(status.Alarms, func(a string) bool {
			return strings.Contains(a, "two data folders write under one node id") && strings.Contains(a, example+" from a.test")
		})
	}
	if !said() {
		t.Error("the status does not say so")
	}
	w.now += zone.Millis((25 * time.Hour).Milliseconds())
	if said() {
		t.Error("the status says so for ever")
	}
}

func TestResellersTokensReachOnlyTheirAccounts(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example)
	out := a.sendTo(t, b, func(src *control.LinkSource) { src.Grant = cluster.Grant{Kind: cluster.Relay, User: "reseller"} })
	if o := out[name(example)]; o.Result != control.Refused {
		t.Errorf("a zone of root by a reseller's token: %+v", o)
	}
}

func TestAMergeThatBreaksAZoneIsServedAndAnEvent(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "ns A 192.0.2.53")
	exchange(t, a, b)
	a.edit(t, example, set("example.com", zone.TypeNS, "ns.example.com."))
	b.edit(t, example, del("ns.example.com", zone.TypeA))
	exchange(t, a, b)
	wantEqual(t, example, a, b)
	wantServed(t, example, "example.com", zone.TypeNS, "ns.example.com.", a, b)
	events, err := b.Events(ctx(), root, 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != "merge-broke-zone" || !strings.Contains(events[0].Text, "ns.example.com has no address") {
		t.Errorf("events are %+v, %v", events, err)
	}
	// What a merge broke forbids no edit elsewhere.
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2"))
	exchange(t, a, b)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", a, b)
}

func TestAMergeOfRecordsThatGoTogetherIsNoEvent(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "ns.sub A 192.0.2.53", "mail A 192.0.2.25")
	exchange(t, a, b)
	a.edit(t, example, set("sub.example.com", zone.TypeNS, "ns.sub.example.com."), set("example.com", zone.TypeMX, "10 mail.example.com."))
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.1"))
	exchange(t, a, b)
	for _, s := range []*server{a, b} {
		if events, err := s.Events(ctx(), root, 0, 10); err != nil || len(events) != 0 {
			t.Errorf("events are %+v, %v", events, err)
		}
	}
}
