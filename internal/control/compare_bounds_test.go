package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// alone is a Control over a real store, without a network.
func alone(t *testing.T, dir string) *Control {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	running, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return New(Deps{Store: s, Now: func() zone.Millis { return zone.Millis(time.Now().UnixMilli()) }, Self: Identity{Name: "ns1.test", Fingerprint: strings.Repeat("ab", 32)}})
}

func (c *Control) zones(t *testing.T, n int, lines string) (names []zone.Name) {
	t.Helper()
	for i := range n {
		z, err := zone.ParseName(fmt.Sprintf("z%04d.test", i))
		if err != nil {
			t.Fatal(err)
		}
		text := "$TTL 300\n@ SOA ns1.example.net. host.example.net. 1 1 1 1 1\n@ NS ns1.example.net.\n" + lines
		if _, err := c.CreateZone(t.Context(), acl.Node(), CreateRequest{Zone: z, Text: text}); err != nil {
			t.Fatal(err)
		}
		names = append(names, z)
	}
	return names
}

// watched is the port to a member that has the zones of another Control, and watches how it is asked.
type watched struct {
	Comparing
	there   *Control
	fetched func(n int)
	n       int
	resent  []int
}

func (w *watched) Fetch(_ context.Context, _ string, z zone.Name) (Incoming, error) {
	w.n++
	w.fetched(w.n)
	s, at, err := w.there.Store.State(z)
	if err != nil {
		return Incoming{}, err
	}
	return Incoming{Delta: s.Whole(), Position: uint64(at)}, nil
}

func (w *watched) Resend(_ string, _ bool, zones []zone.Name) {
	w.resent = append(w.resent, len(zones))
}

func (w *watched) Stand(context.Context, string, []zone.Name) ([]Standing, error) { return nil, nil }

func TestStatesOfARepairAreTakenAFewAtATime(t *testing.T) {
	here, there := alone(t, t.TempDir()), alone(t, t.TempDir())
	names := there.zones(t, 2*takeAtOnce+1, "")
	if err := here.commitRecords(t.Context(), "", func(tx *store.Tx) error { return here.putClustering(tx, acl.Node(), true) }); err != nil {
		t.Fatal(err)
	}
	here.Comparing = &watched{there: there, fetched: func(n int) {
		if have, err := here.liveZones(); err != nil || have < (n-1)/takeAtOnce*takeAtOnce {
			t.Errorf("the state of zone %d is fetched when %d are joined, %v", n, have, err)
		}
	}}
	k := &comparing{Control: here, member: Member{Relay: true, Member: cluster.Member{User: acl.Root, Name: "ns2.test", Fingerprint: strings.Repeat("cd", 32)}}}
	refused, err := k.take(t.Context(), names)
	have, _ := here.liveZones()
	if err != nil || have != len(names) {
		t.Errorf("%d of %d zones taken, %v, %v", have, len(names), refused, err)
	}
}

func TestZonesAreBroughtAgainSoManyAtATime(t *testing.T) {
	c := alone(t, t.TempDir())
	w := &watched{}
	c.Comparing = w
	drifts := make([]ZoneDrift, mendAtOnce+1)
	for i := range drifts {
		z, err := zone.ParseName(fmt.Sprintf("z%04d.test", i))
		if err != nil {
			t.Fatal(err)
		}
		drifts[i] = ZoneDrift{Zone: z, Drift: cluster.Drift{Send: true}}
	}
	k := &comparing{Control: c, here: map[zone.Name]bool{}, there: map[zone.Name]bool{}}
	if _, err := k.mend(t.Context(), drifts); err != nil {
		t.Fatal(err)
	}
	if len(w.resent) != 2 || w.resent[0] != mendAtOnce || w.resent[1] != 1 {
		t.Errorf("brought again: %v", w.resent)
	}
}

func TestRecordsOfDifferencesAreShownUpToABound(t *testing.T) {
	c := alone(t, t.TempDir())
	var lines strings.Builder
	for i := range maxRecords - 1 { // with SOA and NS one more than is shown
		fmt.Fprintf(&lines, "n%d A 192.0.2.1\n", i)
	}
	var drifts []ZoneDrift
	for _, z := range c.zones(t, maxDescribed+1, lines.String()) {
		drifts = append(drifts, ZoneDrift{Zone: z, Drift: cluster.Drift{Kind: cluster.MissingThere}})
	}
	k := &comparing{Control: c}
	k.describe(t.Context(), drifts)
	for i, d := range drifts {
		if want := maxRecords; i < maxDescribed && (len(d.Records) != want || d.Further != 1) || i >= maxDescribed && d.Records != nil {
			t.Errorf("zone %d: %d RRsets and %d further", i, len(d.Records), d.Further)
		}
	}
}

func TestTheSettingsOfComparingHaveBounds(t *testing.T) {
	c := alone(t, t.TempDir())
	policies := map[string]cluster.DriftPolicy{}
	for i := range maxDriftPolicies {
		policies[fmt.Sprintf("u%d", i)] = cluster.DriftReport
	}
	for what, tc := range map[string]struct {
		s    Comparisons
		more bool
		want Code
	}{
		"a week":                  {Comparisons{Every: maxCompareEvery, Policy: cluster.DriftReport}, false, ""},
		"a second more":           {Comparisons{Every: maxCompareEvery + time.Second, Policy: cluster.DriftReport}, false, CodeInvalid},
		"a minute":                {Comparisons{Every: minCompareEvery, Policy: cluster.DriftReport}, false, ""},
		"less than a minute":      {Comparisons{Every: minCompareEvery - 1, Policy: cluster.DriftReport}, false, CodeInvalid},
		"as many as there may be": {Comparisons{Policy: cluster.DriftReport, Policies: policies}, false, ""},
		"one account more":        {Comparisons{Policy: cluster.DriftReport, Policies: policies}, true, CodeTooLarge},
	} {
		if tc.more {
			tc.s.Policies["one more"] = cluster.DriftReport
		}
		if err := c.SetComparisons(t.Context(), acl.Node(), tc.s); CodeOf(err) != tc.want {
			t.Errorf("%s: %v", what, err)
		}
		delete(policies, "one more")
	}
}

func TestWhyABackupFailedIsCut(t *testing.T) {
	c := alone(t, t.TempDir())
	for _, n := range []int{maxBackupErr, maxBackupErr + 1} {
		if err := c.NoteBackup(t.Context(), BackupDone{At: c.Now(), Err: errors.New(strings.Repeat("x", n))}); err != nil {
			t.Fatal(err)
		}
		if b, err := c.backups(); err != nil || len(b.Error) != maxBackupErr {
			t.Errorf("of %d octets %d are kept, %v", n, len(b.Error), err)
		}
	}
}
