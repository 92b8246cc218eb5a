package serve

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// fetch transfers a zone and returns its records as text and the number of messages.
func fetch(t *testing.T, server string, q *dns.Msg) (rrs []string, messages int, err error) {
	t.Helper()
	conn, err := dns.DialTimeout("tcp", server, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, err := (&dns.Transfer{Conn: conn}).In(q, server)
	if err != nil {
		t.Fatal(err)
	}
	for e := range ch {
		if e.Error != nil {
			err = e.Error
			continue
		}
		messages++
		for _, rr := range e.RR {
			rrs = append(rrs, normalRR(rr))
		}
	}
	return rrs, messages, err
}

func TestZoneTransferGivesTheWholeZone(t *testing.T) {
	for _, z := range awkwardZones(t) {
		t.Run(z.origin, func(t *testing.T) {
			table := NewTable()
			table.Swap(viewOf(t, z.origin, z.text))
			s := runServer(t, table, Options{AllowTransfer: loopback})
			q := new(dns.Msg).SetAxfr(z.origin)
			got, _, err := fetch(t, s.Addrs()[0].String(), q)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, rr := range parsed(t, z.origin, z.text) {
				want = append(want, normalRR(repacked(t, rr)))
			}
			soa := want[0]
			if got[0] != soa || got[len(got)-1] != soa {
				t.Errorf("begins with %s and ends with %s, not with the SOA", got[0], got[len(got)-1])
			}
			got = got[1:]
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// repacked has its names escaped as names from the wire are.
func repacked(t *testing.T, rr dns.RR) dns.RR {
	t.Helper()
	b := make([]byte, maxTCP)
	n, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	rr, _, err = dns.UnpackRR(b[:n], 0)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

func TestALargeZoneTakesManyMessages(t *testing.T) {
	v := viewOf(t, "example.", "@ 60 SOA ns host 1 1 1 1 1\n@ 60 NS ns\n")
	for i := range 5000 {
		owner := wireName(t, fmt.Sprintf("host%04d.example.", i))
		v.RRsets = append(v.RRsets, zone.RRset{Owner: owner, Type: zone.TypeA, TTL: 60, Data: [][]byte{{192, 0, 2, byte(i)}}})
	}
	large := zone.RRset{Owner: wireName(t, "large.example."), Type: 65400, TTL: 60, Data: [][]byte{make([]byte, 60000)}}
	v.RRsets = append(v.RRsets, large)
	table := NewTable()
	table.Swap(v)
	s := runServer(t, table, Options{AllowTransfer: loopback})
	q := withEDNS(new(dns.Msg).SetAxfr("example."), 1232)
	rrs, messages, err := fetch(t, s.Addrs()[0].String(), q)
	if err != nil || len(rrs) != 5000+4 || messages < 6 || messages > 20 {
		t.Errorf("%d records in %d messages, %v", len(rrs), messages, err)
	}
	if got := s.Stats().Transfers; got != 1 {
		t.Errorf("%d transfers counted", got)
	}
}

func TestWhoMayTransfer(t *testing.T) {
	table := zones("\nzone example.\n").table(t)
	closed := runServer(t, table, Options{})
	other := runServer(t, table, Options{AllowTransfer: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	open := runServer(t, table, Options{AllowTransfer: loopback})
	ask := func(s *Server, network string, q *dns.Msg) string {
		c := dns.Client{Net: network, Timeout: 2 * time.Second}
		m, _, err := c.Exchange(q, s.Addrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(show(m), "\n")
		return fmt.Sprint(head, " ", len(m.Answer))
	}
	axfr := func(z string) *dns.Msg { return new(dns.Msg).SetAxfr(z) }
	ixfr := func(z string, serial uint32) *dns.Msg {
		return new(dns.Msg).SetIxfr(z, serial, "ns.example.", "h.example.")
	}
	for _, c := range []struct {
		s       *Server
		network string
		q       *dns.Msg
		want    string
	}{
		{closed, "tcp", axfr("example."), "REFUSED 0"},
		{other, "tcp", axfr("example."), "REFUSED 0"},
		{closed, "tcp", ixfr("example.", 0), "REFUSED 0"},
		{closed, "udp", ixfr("example.", 0), "REFUSED 0"},
		{closed, "tcp", axfr("unknown."), "REFUSED 0"}, // who may not, learns nothing
		{open, "tcp", axfr("unknown."), "NOTAUTH 0"},
		{open, "tcp", axfr("www.example."), "NOTAUTH 0"},
		{open, "tcp", axfr("ExAmple."), "NOERROR AA 4"},
		{open, "udp", axfr("example."), "FORMERR 0"},
		{open, "udp", ixfr("example.", 0), "NOERROR AA 1"}, // come by TCP: RFC 1995 section 2
		{open, "tcp", ixfr("example.", 0), "NOERROR AA 4"},
		{open, "tcp", ixfr("example.", 1), "NOERROR AA 1"}, // current
		{open, "tcp", ixfr("example.", 2), "NOERROR AA 1"}, // newer than ours
	} {
		if got := ask(c.s, c.network, c.q); got != c.want {
			t.Errorf("%s by %s: %s, want %s", c.q.Question[0].String(), c.network, got, c.want)
		}
	}
}

// A transfer is one version from the first SOA to the last, whatever happens to the table meanwhile.
func TestATransferIsASnapshot(t *testing.T) {
	version := func(i int) *zone.View {
		var text strings.Builder
		fmt.Fprintf(&text, "@ 60 SOA ns host %d 1 1 1 1\n@ 60 NS ns\n", i)
		for j := range 2000 {
			fmt.Fprintf(&text, "h%d 60 A 192.0.2.%d\n", j, i)
		}
		return viewOf(t, "example.", text.String())
	}
	views := []*zone.View{version(1), version(2), version(3)}
	table := NewTable()
	table.Swap(views[0])
	s := runServer(t, table, Options{AllowTransfer: loopback})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				table.Swap(views[i%3])
			}
		}
	}()
	for range 10 {
		rrs, _, err := fetch(t, s.Addrs()[0].String(), new(dns.Msg).SetAxfr("example."))
		if err != nil || len(rrs) != 2003 || rrs[0] != rrs[len(rrs)-1] {
			t.Fatalf("%d records, %v", len(rrs), err)
		}
		want := "192.0.2." + strings.Fields(rrs[0])[6]
		for _, rr := range rrs[1 : len(rrs)-1] {
			if f := strings.Fields(rr); f[3] == "A" && f[4] != want {
				t.Fatalf("%s in the version of %s", rr, rrs[0])
			}
		}
	}
	close(stop)
	<-done
}

// A standard secondary takes every zone and then holds the same records.
func TestBINDAsSecondary(t *testing.T) {
	all := awkwardZones(t)
	table := NewTable()
	for _, z := range all {
		table.Swap(viewOf(t, z.origin, z.text))
	}
	s := runServer(t, table, Options{AllowTransfer: loopback})
	secondary := runBIND(t, t.TempDir(), all, func(z zoneText) string {
		return fmt.Sprintf("type secondary; primaries { 127.0.0.1 port %d; }; masterfile-format text", s.Addrs()[0].Port())
	})
	for _, z := range all {
		want, _, err := fetch(t, s.Addrs()[0].String(), new(dns.Msg).SetAxfr(z.origin))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := fetch(t, secondary.addr, new(dns.Msg).SetAxfr(z.origin))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-ours +BIND's):\n%s", z.origin, diff)
		}
	}
}
