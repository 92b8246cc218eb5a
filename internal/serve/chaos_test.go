package serve

import (
	"testing"

	"github.com/miekg/dns"
)

func TestQuestionsAboutTheServer(t *testing.T) {
	table := NewTable()
	silent, open := newAsker(t, table, settings{}), newAsker(t, table, settings{nsid: []byte("ns1"), version: []byte("zf 1")})
	for _, c := range []struct {
		asker *asker
		name  string
		qtype uint16
		want  string
	}{
		{silent, "version.bind.", dns.TypeTXT, "REFUSED"},
		{silent, "id.server.", dns.TypeTXT, "REFUSED"},
		{open, "version.bind.", dns.TypeTXT, "NOERROR AA\n= version.bind. 0 CH TXT \"zf 1\""},
		{open, "Version.Server.", dns.TypeANY, "NOERROR AA\n= Version.Server. 0 CH TXT \"zf 1\""},
		{open, "hostname.bind.", dns.TypeTXT, "NOERROR AA\n= hostname.bind. 0 CH TXT \"ns1\""},
		{open, "id.server.", dns.TypeTXT, "NOERROR AA\n= id.server. 0 CH TXT \"ns1\""},
		{open, "id.server.", dns.TypeA, "REFUSED"},
		{open, "authors.bind.", dns.TypeTXT, "REFUSED"},
		{open, ".", dns.TypeTXT, "REFUSED"},
	} {
		q := question(c.name, c.qtype)
		q.Question[0].Qclass = dns.ClassCHAOS
		if got := show(c.asker.exchange(q, minUDP)); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
