package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// DNSSEC is which zones are meant to be signed, and which servers would answer them without signatures.
type DNSSEC struct {
	Signed int      // zones
	Some   []string // their names, signedShown of them at most
	Cannot []string // servers whose nameserver software cannot do DNSSEC, this one first; those that have not said are in none
}

// capabilitySigns is how a server says whether its nameserver software signs: the value is yes or no.
const capabilitySigns = "dnssec="

// The values of Member.DNSSEC. A server that has not said is neither.
const (
	SignsYes = "yes"
	SignsNo  = "no"
)

// signedShown is how many names the warning has: a sentence, not a list.
const signedShown = 5

// signs is what a server said of its nameserver software.
func (f Facts) signs() string {
	for _, c := range f.Capabilities {
		if said, ok := strings.CutPrefix(c, capabilitySigns); ok && (said == SignsYes || said == SignsNo) {
			return said
		}
	}
	return ""
}

// Warning says in one sentence what is wrong; empty if nothing is.
func (d DNSSEC) Warning() string {
	if d.Signed == 0 || len(d.Cannot) == 0 {
		return ""
	}
	names := strings.Join(d.Some, ", ")
	if d.Signed > len(d.Some) {
		names += ", …"
	}
	return fmt.Sprintf("%s DNSKEY records and %s be signed (%s), and %s %s without signatures: where the parent has a DS, resolvers that validate refuse such answers",
		plural(d.Signed, "zone")+verb(d.Signed, " has", " have"), verb(d.Signed, "is to", "are to"), names, strings.Join(d.Cannot, ", "), verb(len(d.Cannot), "answers", "answer"))
}

// NameserverOf is the nameserver of a member, and what has to be done so that it can do DNSSEC.
type NameserverOf struct {
	Member Member
	Where  string   // the page of that server at which its nameserver software is chosen
	Zones  DNSSEC   // that are signed, as this server knows; no servers
	Steps  []string // empty where nothing has to be done
}

// MemberNameserver returns it. The member is not asked: it says what it can when a link opens.
func (c *Control) MemberNameserver(ctx context.Context, p acl.Principal, host string) (NameserverOf, error) {
	m, err := c.ShowMember(ctx, p, host)
	if err != nil {
		return NameserverOf{}, err
	}
	v := NameserverOf{Member: m, Where: "https://" + m.at() + "/settings#software"}
	if v.Zones, err = c.signedZones(p); err != nil || m.DNSSEC != SignsNo {
		return v, err
	}
	also := c.Self.Version + ", which signs nothing either"
	if c.Self.Signs {
		also = c.Self.Version
	}
	v.Steps = []string{
		"update " + m.Label() + " to a release whose nameserver software can do DNSSEC: this server has " + also,
		"there, on the page Settings, choose nameserver software that can do DNSSEC, where another than " + m.Software + " is offered",
		"until then publish no DS for a zone that it answers; where there is one, remove it at the registrar and wait for its TTL, at most some days, before the DNSKEY records go",
		"a zone that has to stay signed until then is delegated to nameservers alone that take it by transfer (AXFR) from here and sign it",
	}
	return v, nil
}

// kindSigned marks zones that are meant to be signed, so that naming them reads no other zones.
const kindSigned = "signed"

// isSigned says whether what a state serves is meant to be signed. A part of a state that has not the zone's own name, where
// there always is an NS, does not know.
func isSigned(s *zone.State) (yes, known bool) {
	life, lives := s.Life()
	if !lives {
		return false, true
	}
	has := func(t zone.Type) bool {
		return slices.ContainsFunc(s.Keys[zone.Key{Life: life.Life, Owner: s.Zone, Type: t}], func(v zone.Version) bool { return !v.Absent })
	}
	if yes = has(zone.TypeDNSKEY) || has(zone.TypeRRSIG); yes {
		return true, true
	}
	return false, has(zone.TypeNS) || has(zone.TypeSOA)
}

// markSigned keeps the mark in step with a state that is about to be put.
func markSigned(tx *store.Tx, s *zone.State) error {
	signed, known := isSigned(s)
	if !known {
		return nil
	}
	_, err := tx.Record(kindSigned, string(s.Zone))
	marked := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("read whether zone %s is signed: %w", textOf(s.Zone), err)
	}
	switch {
	case signed && !marked:
		tx.PutRecord(kindSigned, string(s.Zone), []byte{rowFormat})
	case !signed && marked:
		tx.DeleteRecord(kindSigned, string(s.Zone))
	}
	return nil
}

// markOld marks a zone that an older release wrote; Expire comes by each zone once a day.
func (c *Control) markOld(ctx context.Context, s *zone.State) error {
	if signed, _ := isSigned(s); !signed {
		return nil
	}
	if _, err := c.Store.Record(kindSigned, string(s.Zone)); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return c.commitRecords(ctx, textOf(s.Zone), func(tx *store.Tx) error {
		h, err := c.Store.Head(s.Zone)
		if err == nil && h.Live {
			tx.PutRecord(kindSigned, string(s.Zone), []byte{rowFormat})
		}
		return err
	})
}

// signedZones are those that p sees.
func (c *Control) signedZones(p acl.Principal) (d DNSSEC, err error) {
	rows, err := c.Store.Records(kindSigned)
	if err != nil {
		return d, fmt.Errorf("read zones that are signed: %w", err)
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return d, err
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		seen, err := c.seesZone(sight, zone.Name(id))
		if err != nil {
			return d, err
		}
		if !seen {
			continue
		}
		if d.Signed++; len(d.Some) < signedShown {
			d.Some = append(d.Some, textOf(zone.Name(id)))
		}
	}
	return d, nil
}

// dnssec is what Status says of it, with the members that it shows.
func (c *Control) dnssec(p acl.Principal, members []MemberStatus) (DNSSEC, error) {
	d, err := c.signedZones(p)
	if !c.Self.Signs {
		d.Cannot = append(d.Cannot, c.Self.Name)
	}
	for _, m := range members {
		if m.DNSSEC == SignsNo && !slices.Contains(d.Cannot, m.Label()) {
			d.Cannot = append(d.Cannot, m.Label())
		}
	}
	return d, err
}
