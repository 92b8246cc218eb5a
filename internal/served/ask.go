package served

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// The bounds of asking one server for one zone.
const (
	timeout    = 2 * time.Second // of one question
	transfer   = 30 * time.Second
	udpBytes   = 1232                 // EDNS(0) size that passes everywhere unfragmented
	pace       = 2 * time.Millisecond // between two questions: 500 a second are nothing to a nameserver
	maxSets    = 500                  // RRsets that are asked for one by one; of a larger zone the first
	maxRecords = 5_000_000
)

// Found is what a server serves.
type Found struct {
	Serial uint32
	RRsets []zone.RRset
	// Whole says that RRsets is all of the zone; otherwise it is what there is of the RRsets that were asked for, Asked.
	Whole bool
	Asked []zone.RRset
}

// ErrNotServed says that the server does not answer for the zone.
var ErrNotServed = errors.New("it does not answer for the zone")

// Ask asks the server at an address for the zone that should have this content.
func Ask(ctx context.Context, at netip.AddrPort, z zone.Name, want []zone.RRset) (Found, error) {
	soa, err := exchange(ctx, at, z, zone.TypeSOA)
	if err != nil {
		return Found{}, fmt.Errorf("ask %s for %s: %w", at, z.Text(), err)
	}
	if soa.Rcode != dns.RcodeSuccess || !soa.Authoritative {
		return Found{}, fmt.Errorf("ask %s for %s: %w: %s", at, z.Text(), ErrNotServed, dns.RcodeToString[soa.Rcode])
	}
	f := Found{}
	for _, set := range setsOf(soa.Answer) {
		if set.Type == zone.TypeSOA {
			f.Serial = zone.SOASerial(set.Data[0])
		}
	}
	if sets, err := transferred(ctx, at, z, maxRecords); err == nil {
		f.RRsets, f.Whole = sets, true
		return f, nil
	}
	return f, f.askEach(ctx, at, z, want)
}

func (f *Found) askEach(ctx context.Context, at netip.AddrPort, z zone.Name, want []zone.RRset) error {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for _, set := range answerable(z, want) {
		if len(f.Asked) >= maxSets {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		m, err := exchange(ctx, at, set.Owner, set.Type)
		if err != nil {
			return fmt.Errorf("ask %s for %s %s: %w", at, set.Owner.Text(), set.Type, err)
		}
		section := m.Answer
		if len(m.Answer) == 0 && set.Type == zone.TypeNS {
			section = m.Ns // a delegation is answered by a referral (RFC 1034 section 4.3.2)
		}
		f.Asked = append(f.Asked, set)
		for _, got := range setsOf(section) {
			if got.Owner == set.Owner && got.Type == set.Type {
				f.RRsets = append(f.RRsets, got)
			}
		}
	}
	return nil
}

// answerable are the RRsets that a question finds: what lies below a delegation or a DNAME, glue for instance, does not.
func answerable(z zone.Name, sets []zone.RRset) []zone.RRset {
	cuts := map[zone.Name]bool{}
	below := map[zone.Name]bool{} // a DNAME covers what is below it, not its own name
	for _, set := range sets {
		cuts[set.Owner] = cuts[set.Owner] || set.Type == zone.TypeNS && set.Owner != z
		below[set.Owner] = below[set.Owner] || set.Type == zone.TypeDNAME
	}
	var out []zone.RRset
	for _, set := range sets {
		hidden := cuts[set.Owner] && set.Type != zone.TypeNS && set.Type != zone.TypeDS
		for up := parent(set.Owner); up != "" && len(up) >= len(z); up = parent(up) {
			hidden = hidden || cuts[up] || below[up]
		}
		if !hidden {
			out = append(out, set)
		}
	}
	return out
}

// parent is the name without its first label, empty above the root.
func parent(n zone.Name) zone.Name {
	if n == "" || n == zone.Root {
		return ""
	}
	return n[1+int(n[0]):]
}

func exchange(ctx context.Context, at netip.AddrPort, n zone.Name, t zone.Type) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(n.String(), uint16(t))
	q.RecursionDesired = false
	q.SetEdns0(udpBytes, false)
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: timeout, UDPSize: udpBytes}
		m, _, err := c.ExchangeContext(ctx, q.Copy(), at.String())
		if err != nil {
			return nil, err
		}
		if !m.Truncated {
			return m, nil
		}
	}
	return nil, errors.New("truncated over TCP")
}

func transferred(ctx context.Context, at netip.AddrPort, z zone.Name, most int) ([]zone.RRset, error) {
	ctx, cancel := context.WithTimeout(ctx, transfer)
	defer cancel()
	q := new(dns.Msg)
	q.SetAxfr(z.String())
	t := dns.Transfer{DialTimeout: timeout, ReadTimeout: timeout, WriteTimeout: timeout}
	in, err := t.In(q, at.String())
	if err != nil {
		return nil, err
	}
	var all []dns.RR
	for e := range in {
		if err == nil {
			err = errors.Join(e.Error, ctx.Err())
		}
		if err == nil && len(all)+len(e.RR) > most {
			err = errors.New("more records than a zone has")
		}
		if err != nil {
			continue // drained, so that the library's goroutine ends
		}
		all = append(all, e.RR...)
	}
	if err != nil || len(all) < 2 {
		return nil, errors.Join(err, errors.New("no transfer"))
	}
	return setsOf(all[:len(all)-1]), nil // the SOA stands at both ends (RFC 5936 section 2.2)
}

// setsOf gathers records to RRsets. What this software cannot read is none.
func setsOf(rrs []dns.RR) []zone.RRset {
	type key struct {
		owner zone.Name
		rtype zone.Type
	}
	at := map[key]int{}
	var sets []zone.RRset
	for _, rr := range rrs {
		h := rr.Header()
		owner, err := zone.ParseName(strings.ToLower(h.Name))
		data := dataOf(rr)
		t := zone.Type(h.Rrtype)
		if err != nil || data == nil || zone.ValidData(t, data) != nil {
			continue
		}
		k := key{owner, t}
		i, known := at[k]
		if !known {
			i = len(sets)
			at[k] = i
			sets = append(sets, zone.RRset{Owner: owner, Type: t, TTL: h.Ttl})
		}
		sets[i].TTL, sets[i].Data = min(sets[i].TTL, h.Ttl), append(sets[i].Data, data)
	}
	for i, set := range sets {
		sets[i] = zone.NewRRset(set.Owner, set.Type, set.TTL, set.Data)
	}
	return sets
}

// dataOf is a record's rdata in uncompressed wire form, nil if it has none.
func dataOf(rr dns.RR) []byte {
	b := make([]byte, dns.Len(rr)+64)
	end, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		return nil
	}
	_, start, err := dns.UnpackDomainName(b, 0)
	const fixed = 2 + 2 + 4 + 2 // type, class, TTL, length (RFC 1035 section 3.2.1)
	if err != nil || start+fixed > end {
		return nil
	}
	return b[start+fixed : end : end]
}
