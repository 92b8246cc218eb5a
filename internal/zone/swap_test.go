package zone_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

const swapped = `$ORIGIN example.com.
$TTL 300
@ SOA old.example.net. hostmaster.example.com. 1 3600 1800 1209600 300
@ NS Old.Example.net.
@ NS ns2.example.net.
@ MX 10 old.example.net.
@ A 203.0.113.10
www A 203.0.113.10
www A 198.51.100.7
six AAAA 2001:db8::10
alias CNAME old.example.net.
_sip._udp SRV 1 2 5060 OLD.example.net.
@ TXT "v=spf1 ip4:203.0.113.10 -all"
near A 203.0.113.100
`

// A value is replaced where it stands as a value of its kind, and nowhere else.
func TestASwapReplacesAValueWhereItStands(t *testing.T) {
	f, err := zone.ParseText(swapped, "")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		from, to string
		want     string
		records  int
	}{
		"an IPv4 address":            {"203.0.113.10", "192.0.2.9", "@ A 192.0.2.9 | www A 192.0.2.9 198.51.100.7", 2},
		"one that is there already":  {"203.0.113.10", "198.51.100.7", "@ A 198.51.100.7 | www A 198.51.100.7", 2},
		"an IPv6 address":            {"2001:DB8:0::10", "2001:db8::99", "six AAAA 2001:db8::99", 1},
		"a host name, in any case":   {"old.example.NET", "new.example.net.", "@ NS new.example.net. ns2.example.net. | @ MX 10 new.example.net. | _sip._udp SRV 1 2 5060 new.example.net. | alias CNAME new.example.net.", 4},
		"what stands nowhere":        {"192.0.2.200", "192.0.2.201", "", 0},
		"a name that only begins so": {"example.net", "example.org", "", 0},
	} {
		s, err := zone.ParseSwap(c.from, c.to)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		sets, n := s.In(f.RRsets)
		var got []string
		for _, set := range sets {
			text := set.Owner.Relative(f.Zone) + " " + set.Type.String()
			for _, d := range set.Data {
				text += " " + zone.DataString(set.Type, d)
			}
			got = append(got, text)
		}
		if strings.Join(got, " | ") != c.want || n != c.records {
			t.Errorf("%s: %d records, %s", what, n, strings.Join(got, " | "))
		}
	}
	for _, c := range [][2]string{
		{"203.0.113.10", "203.0.113.10"},
		{"203.0.113.10", "2001:db8::1"},
		{"203.0.113.10", "host.example"},
		{"host.example", "192.0.2.1"},
		{"Host.example", "host.example."},
		{"", "host.example"},
		{"host.example", ".."},
		{"host.example", "."},
		{"fe80::1%eth0", "fe80::2"},
	} {
		if s, err := zone.ParseSwap(c[0], c[1]); err == nil {
			t.Errorf("%q to %q is taken: %v", c[0], c[1], s)
		}
	}
}

func TestWithTTLSetsAllOfThem(t *testing.T) {
	f, err := zone.ParseText(swapped, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := zone.WithTTL(f.RRsets, 14400); len(got) != len(f.RRsets) || got[0].TTL != 14400 {
		t.Errorf("%d of %d RRsets get the TTL", len(got), len(f.RRsets))
	}
	if got := zone.WithTTL(f.RRsets, 300); len(got) != 0 {
		t.Errorf("what has it is written again: %v", got)
	}
}
