package served_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/served"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// awkward has what a question for an RRset does not simply return: a delegation with glue and DS, a DNAME, a wildcard, a
// CNAME, data in capitals, an RRset that UDP does not hold.
const awkward = `$TTL 300
@ SOA ns1.Example.net. host 7 3600 600 86400 300
@ NS ns1.example.net.
@ MX 10 Mail
mail A 192.0.2.1
* A 192.0.2.2
alias CNAME MAIL.example.org.
sub NS ns.sub
sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000
ns.sub A 192.0.2.3
old DNAME new.example.org.
x.old A 192.0.2.4
big TXT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
`

const exampleOrg = zone.Name("\x07example\x03org\x00")

func contentOf(t *testing.T, text string) []zone.RRset {
	t.Helper()
	f, err := zone.ParseText(text, exampleOrg)
	if err != nil {
		t.Fatal(err)
	}
	return f.RRsets
}

// start runs a real nameserver with the content and returns its address.
func start(t *testing.T, content []zone.RRset, transfer ...netip.Prefix) netip.AddrPort {
	t.Helper()
	table := serve.NewTable()
	table.Swap(&zone.View{Zone: exampleOrg, Serial: 7, RRsets: content})
	s := serve.NewServer(table, serve.Options{Addrs: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, AllowTransfer: transfer})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	<-s.Ready()
	return s.Addrs()[0]
}

// differ lists the RRsets of one content that the other does not have.
func differ(a, b []zone.RRset) (names []string) {
	for _, set := range a {
		if !slices.ContainsFunc(b, func(other zone.RRset) bool {
			return other.Owner == set.Owner && other.Type == set.Type && other.TTL == set.TTL && slices.EqualFunc(other.Data, set.Data, func(x, y []byte) bool {
				return zone.CompareData(set.Type, x, y) == 0
			})
		}) {
			names = append(names, set.Owner.Text()+" "+set.Type.String())
		}
	}
	return names
}

func TestEachRRsetOfAZoneIsAskedFor(t *testing.T) {
	want := contentOf(t, awkward)
	found, err := served.Ask(t.Context(), start(t, want), exampleOrg, want)
	if err != nil || found.Whole || found.Serial != 7 {
		t.Fatalf("%+v, %v", found, err)
	}
	if d := append(differ(found.Asked, found.RRsets), differ(found.RRsets, found.Asked)...); len(d) != 0 {
		t.Errorf("they differ in %v", d)
	}
	// Glue and what a DNAME covers cannot be asked for.
	if d := differ(want, found.Asked); !slices.Equal(d, []string{"x.old.example.org A", "ns.sub.example.org A"}) && !slices.Equal(d, []string{"ns.sub.example.org A", "x.old.example.org A"}) {
		t.Errorf("not asked for: %v", d)
	}
}

func TestAZoneIsTransferredWhereThatIsAllowed(t *testing.T) {
	want := contentOf(t, awkward)
	more := contentOf(t, awkward+"extra A 192.0.2.9\n")
	found, err := served.Ask(t.Context(), start(t, more, netip.MustParsePrefix("127.0.0.0/8")), exampleOrg, want)
	if err != nil || !found.Whole {
		t.Fatalf("%+v, %v", found, err)
	}
	if d := differ(found.RRsets, want); !slices.Equal(d, []string{"extra.example.org A"}) || len(differ(want, found.RRsets)) != 0 {
		t.Errorf("too many: %v, too few: %v", d, differ(want, found.RRsets))
	}
}

func TestWhatIsServedOtherwiseIsFound(t *testing.T) {
	want := contentOf(t, awkward)
	other := slices.Clone(want)
	i := slices.IndexFunc(other, func(s zone.RRset) bool { return s.Type == zone.TypeMX })
	other[i].TTL = 301
	found, err := served.Ask(t.Context(), start(t, other), exampleOrg, want)
	if err != nil {
		t.Fatal(err)
	}
	if d := differ(found.Asked, found.RRsets); !slices.Equal(d, []string{"example.org MX"}) {
		t.Errorf("they differ in %v", d)
	}
}

func TestAZoneThatIsNotServedIsToldApartFromAServerThatDoesNotAnswer(t *testing.T) {
	at := start(t, contentOf(t, awkward))
	if _, err := served.Ask(t.Context(), at, zone.Name("\x07example\x03com\x00"), nil); !errors.Is(err, served.ErrNotServed) {
		t.Errorf("got %v", err)
	}
	gone := netip.AddrPortFrom(at.Addr(), 1)
	if _, err := served.Ask(t.Context(), gone, exampleOrg, nil); err == nil || errors.Is(err, served.ErrNotServed) {
		t.Errorf("got %v", err)
	}
}
