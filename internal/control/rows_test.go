package control

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

var update = flag.Bool("update", false, "rewrite the rows in testdata")

// Rows that this version wrote are read by every later one: a field that is renamed in the code would be lost
// without a word. A format that changes gets another first octet and keeps reading this one.
func TestRowsOfFormat1AreRead(t *testing.T) {
	member := Member{
		Target: "root@ns1.test:2087/0123456789abcdef", PushFrom: 7, PullAll: true, PullOthers: true, Overwrite: true, Relay: true,
		TrustToken: "abcdefghij", ByTrust: "klmnopqrst",
		Member: cluster.Member{
			User: "root", Host: "ns1.test", Port: 2087, Name: "ns1.test", Address: "192.0.2.1:2087", Username: "root",
			Backend: "zonefleet", Role: cluster.Synchronize, Zones: cluster.All, Scope: cluster.Scope{Owners: []string{"alice"}},
			PureNameserver: true, Debug: true, ReverseTrust: true, Reverse: true, Fingerprint: "key", Version: "1.0",
			Software: "embedded", Added: 1790000000000,
		},
	}
	token := auth.Token{
		ID: "abcdefghij", Name: "web1", Kind: auth.KindMember, User: "root", Hash: auth.HashOf("zf_"),
		Grant:   cluster.Grant{Kind: cluster.Leaf, User: "root", Holder: "web1.test key", MayClaim: true, Trust: true},
		Created: time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 9, 21, 0, 0, 0, 0, time.UTC),
		Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Revoked: true,
	}
	health := cluster.Health{State: cluster.DisabledFailures, Since: 1, Failures: 2, LastError: "no answer", LastTry: 3, Answered: 4}
	threshold := cluster.Threshold{Count: 5, KeepOnline: true, Quiet: true, Reenable: cluster.ReenableByHand}
	settings := settingsRow{Nameservers: []string{"ns1.test."}, Contact: "hostmaster.test.", AllowTransfer: token.Addresses}

	golden(t, "member", member)
	golden(t, "token", token)
	golden(t, "health", health)
	golden(t, "threshold", threshold)
	golden(t, "settings", settings)
}

func golden[T any](t *testing.T, name string, want T) {
	t.Helper()
	path := filepath.Join("testdata", "rows", name+".1")
	if *update {
		b, err := encodeRow(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := decodeRow(b, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}
