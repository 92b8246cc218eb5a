package serve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestTruncation(t *testing.T) {
	var text strings.Builder
	text.WriteString("\nzone example.\n")
	for i := range 20 {
		fmt.Fprintf(&text, "many 60 A 192.0.2.%d\n", i)
		fmt.Fprintf(&text, "more 60 MX %d host%d\nhost%d 60 AAAA 2001:db8::%x\n", i, i, i, i)
	}
	for i := range 8 {
		fmt.Fprintf(&text, "txt 60 TXT \"%d%s\"\n", i, strings.Repeat("x", 180))
		fmt.Fprintf(&text, "del 60 NS ns%d.del\nns%d.del 60 A 192.0.2.%d\nns%d.del 60 AAAA 2001:db8::%d\n", i, i, i, i, i)
	}
	for i := range 12 {
		fmt.Fprintf(&text, "sib 60 NS ns%d.other\nns%d.other 60 AAAA 2001:db8::%x\n", i, i, i)
	}
	text.WriteString("alias 60 CNAME txt\n")
	a := newAsker(t, zones(text.String()).table(t), settings{nsid: []byte(strings.Repeat("n", maxNSID))})
	for _, c := range []struct {
		name    string
		qtype   uint16
		size    uint16 // 0: no EDNS
		tc      bool
		answers int
	}{
		{"many.example.", dns.TypeA, 0, false, 20},
		{"txt.example.", dns.TypeTXT, 0, true, 0}, // no part of an RRset
		{"txt.example.", dns.TypeTXT, 1232, true, 0},
		{"txt.example.", dns.TypeTXT, 65535, true, 0}, // a client's size does not raise ours
		{"alias.example.", dns.TypeTXT, 512, true, 1},
		{"more.example.", dns.TypeMX, 512, false, 20}, // additional records are left out in silence
		{"del.example.", dns.TypeA, 512, true, 0},     // needed glue is not: RFC 9471 section 3.1
		{"del.example.", dns.TypeA, 1232, false, 0},
		{"sib.example.", dns.TypeA, 512, false, 0},
		{"many.example.", dns.TypeA, 100, false, 20}, // less than 512 counts as 512
	} {
		t.Run(fmt.Sprint(c.name, c.size), func(t *testing.T) {
			q := question(c.name, c.qtype)
			if c.size > 0 {
				withEDNS(q, c.size)
			}
			m := a.exchange(q, 0)
			if m.Truncated != c.tc || len(m.Answer) != c.answers {
				t.Errorf("TC %t with %d answers, want %t with %d:\n%s", m.Truncated, len(m.Answer), c.tc, c.answers, m)
			}
			if c.size > 0 && m.IsEdns0() == nil {
				t.Error("OPT was left out")
			}
		})
	}
	t.Run("by TCP everything comes", func(t *testing.T) {
		for name, want := range map[string]int{"txt.example.": 8, "alias.example.": 9} {
			if m := a.exchange(question(name, dns.TypeTXT), maxTCP); m.Truncated || len(m.Answer) != want {
				t.Errorf("%s: got\n%s", name, m)
			}
		}
	})
	t.Run("the longest question has room with all options", func(t *testing.T) {
		long := strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("y", 53) + ".example."
		q := withEDNS(question(long, dns.TypeA), 512, &dns.EDNS0_NSID{}, &dns.EDNS0_LOCAL{Code: optionZoneVersion})
		if m := a.exchange(q, 0); m.Rcode != dns.RcodeNameError || len(m.IsEdns0().Option) != 2 {
			t.Errorf("got\n%s", m)
		}
	})
}
