package serve

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// viewOf makes a view from zone-file text, by the library's parser: this package has none of its own to be fooled by.
func viewOf(t testing.TB, origin, text string) *zone.View {
	t.Helper()
	p := dns.NewZoneParser(strings.NewReader(text), origin, "")
	var rrs []dns.RR
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		rrs = append(rrs, rr)
	}
	if err := p.Err(); err != nil {
		t.Fatalf("zone %s: %v", origin, err)
	}
	return viewOfRecords(t, origin, rrs)
}

func viewOfRecords(t testing.TB, origin string, rrs []dns.RR) *zone.View {
	t.Helper()
	type key struct {
		owner zone.Name
		typ   zone.Type
	}
	sets := map[key]*zone.RRset{}
	v := &zone.View{Zone: wireName(t, origin)}
	for _, rr := range rrs {
		h := rr.Header()
		k := key{wireName(t, h.Name), zone.Type(h.Rrtype)}
		if sets[k] == nil {
			sets[k] = &zone.RRset{Owner: k.owner, Type: k.typ, TTL: h.Ttl}
		}
		sets[k].Data = append(sets[k].Data, wireData(t, rr))
		if soa, ok := rr.(*dns.SOA); ok {
			v.Serial = soa.Serial
		}
	}
	for _, s := range sets {
		slices.SortFunc(s.Data, func(a, b []byte) int { return strings.Compare(string(a), string(b)) })
		v.RRsets = append(v.RRsets, *s)
	}
	slices.SortFunc(v.RRsets, func(a, b zone.RRset) int {
		return cmp.Or(a.Owner.Compare(b.Owner), cmp.Compare(a.Type, b.Type))
	})
	return v
}

func wireName(t testing.TB, s string) zone.Name {
	t.Helper()
	b := make([]byte, maxName+1)
	n, err := dns.PackDomainName(dns.Fqdn(s), b, 0, nil, false)
	if err != nil {
		t.Fatalf("name %s: %v", s, err)
	}
	return zone.Name(lower(nil, b[:n]))
}

func wireData(t testing.TB, rr dns.RR) []byte {
	t.Helper()
	b := make([]byte, 70000)
	n, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		t.Fatalf("record %s: %v", rr, err)
	}
	at, ok := skipName(b[:n], 0)
	if !ok {
		t.Fatalf("record %s: packed owner", rr)
	}
	return slices.Clone(b[at+10 : n])
}

// tableOf serves zones: origin and text in turn.
func tableOf(t testing.TB, originsAndTexts ...string) *Table {
	t.Helper()
	table := NewTable()
	for i := 0; i < len(originsAndTexts); i += 2 {
		table.Swap(viewOf(t, originsAndTexts[i], originsAndTexts[i+1]))
	}
	return table
}
