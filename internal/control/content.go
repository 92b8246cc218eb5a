package control

import (
	"errors"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// SOA holds the fields of a new zone's SOA; zero fields get the defaults.
type SOA struct {
	MName, RName                    zone.Name
	Refresh, Retry, Expire, Minimum uint32
	TTL                             uint32
}

// The defaults are those of WHM's zone template.
const (
	defaultRefresh = 3600
	defaultRetry   = 1800
	defaultExpire  = 1209600
	defaultMinimum = 86400
	defaultTTL     = 86400
)

// content makes the RRsets of a new zone from the request and the settings.
func (c *Control) content(r CreateRequest) ([]zone.RRset, error) {
	settings, err := c.settings()
	if err != nil {
		return nil, err
	}
	ns := r.Nameservers
	if len(ns) == 0 {
		ns = settings.Nameservers
	}
	if len(ns) == 0 {
		own, err := zone.ParseName(c.Self.Name)
		if err != nil {
			return nil, fail(CodeInvalid, textOf(r.Zone), "no nameservers are given and none are set")
		}
		ns = []zone.Name{own}
	}
	have := map[zone.Type]bool{}
	for _, set := range r.RRsets {
		have[set.Type] = have[set.Type] || set.Owner == r.Zone
	}
	var sets []zone.RRset
	if !have[zone.TypeSOA] {
		soa, err := r.SOA.rrset(r.Zone, ns[0], settings.Contact)
		if err != nil {
			return nil, err
		}
		sets = append(sets, soa)
	}
	if !have[zone.TypeNS] {
		data := make([][]byte, 0, len(ns))
		for _, n := range ns {
			data = append(data, []byte(n))
		}
		sets = append(sets, zone.NewRRset(r.Zone, zone.TypeNS, or(r.TTL, defaultTTL), data))
	}
	return append(sets, r.RRsets...), nil
}

func (s SOA) rrset(z, primary, contact zone.Name) (zone.RRset, error) {
	if s.MName == "" {
		s.MName = primary
	}
	if s.RName == "" {
		s.RName = contact
	}
	if s.RName == "" {
		s.RName = zone.Name("\x0ahostmaster") + z
	}
	number := func(n, usual uint32) string { return strconv.FormatUint(uint64(or(n, usual)), 10) }
	data, err := zone.ParseData(zone.TypeSOA, z, []string{
		s.MName.String(), s.RName.String(), "0",
		number(s.Refresh, defaultRefresh), number(s.Retry, defaultRetry),
		number(s.Expire, defaultExpire), number(s.Minimum, defaultMinimum),
	})
	if err != nil {
		return zone.RRset{}, fail(CodeInvalid, textOf(z), "SOA: %v", err)
	}
	return zone.NewRRset(z, zone.TypeSOA, or(s.TTL, defaultTTL), [][]byte{data}), nil
}

func or(n, usual uint32) uint32 {
	if n == 0 {
		return usual
	}
	return n
}

// parseZone reads the text of a zone file, which is linted by that: errors refuse it, with all of them as details.
func parseZone(text string, z zone.Name) (*zone.File, error) {
	f, err := zone.ParseText(text, z)
	if err != nil {
		return nil, parseError(textOf(z), err)
	}
	return f, nil
}

func parseError(subject string, err error) error {
	var wrong zone.ParseErrors
	if !errors.As(err, &wrong) || len(wrong) == 0 {
		return fail(CodeInvalid, subject, "%v", err).because(err)
	}
	lines := make([]string, len(wrong))
	for i, f := range wrong {
		lines[i] = f.String()
	}
	if wrong[0].File != "" {
		subject = "" // the line says it
	}
	return fail(CodeInvalid, subject, "%s", lines[0]).details(lines).because(err)
}
