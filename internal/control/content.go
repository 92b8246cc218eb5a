package control

import (
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// What the SOA and the NS of a new zone say where no setting does: the values of WHM's zone template.
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
	fresh, err := c.newZones(c.Store)
	if err != nil {
		return nil, err
	}
	var known []Nameserver // those with addresses
	ns := r.Nameservers
	for _, n := range ns {
		known = append(known, Nameserver{n, fresh.addressesOf(n)})
	}
	if len(ns) == 0 {
		own, err := c.nameserversOf(r.Owner)
		if err != nil {
			return nil, err
		}
		ns, known = namesOf(own), own
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
		soa, err := newSOA(r.Zone, ns[0], settings.Contact, fresh)
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
		sets = append(sets, zone.NewRRset(r.Zone, zone.TypeNS, fresh.TTL, data))
		sets = append(sets, fresh.ownAddresses(r.Zone, known, r.RRsets)...)
	}
	return append(sets, r.RRsets...), nil
}

func newSOA(z, primary, contact zone.Name, n NewZones) (zone.RRset, error) {
	if contact == "" {
		contact = zone.Name("\x0ahostmaster") + z
	}
	data, err := zone.ParseData(zone.TypeSOA, z, []string{
		primary.String(), contact.String(), "0",
		fmt.Sprint(n.Refresh), fmt.Sprint(n.Retry), fmt.Sprint(n.Expire), fmt.Sprint(n.Minimum),
	})
	if err != nil {
		return zone.RRset{}, fail(CodeInvalid, textOf(z), "SOA: %v", err)
	}
	return zone.NewRRset(z, zone.TypeSOA, n.TTL, [][]byte{data}), nil
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
