package zone

import (
	"cmp"
	"fmt"
	"slices"
)

// finish settles which zone it is, puts the records together and lints them.
func (p *parser) finish(file, stamp string) (*File, error) {
	zone := p.settleZone()
	if zone == "" && len(p.errors) == 0 {
		p.errors = append(p.errors, Finding{Severity: Error, File: file, Message: "the file does not say which zone it is: it has no SOA, no $ORIGIN, and no domain name for a file name"})
	}
	if p.dropped != nil {
		p.dropped.Message = "RRSIG, NSEC, NSEC3 and NSEC3PARAM records are not taken over: signing is done here"
		p.warn(*p.dropped)
	}
	if len(p.errors) > 0 {
		return nil, p.errors
	}
	out := &File{Zone: zone, Stamp: stamp, RRsets: p.rrsets(zone)}
	for _, f := range Lint(zone, out.RRsets) {
		f = p.place(f, file)
		if f.Severity == Error {
			p.errors = append(p.errors, f)
		} else {
			p.warn(f)
		}
	}
	if len(p.errors) > 0 {
		return nil, p.errors
	}
	if p.soa.owner != "" {
		out.Serial, out.HasSerial = SOASerial(p.sets[p.soa].data[0]), true
	}
	out.Findings = p.warnings
	return out, nil
}

// settleZone prefers what the caller says, then the SOA, then the first $ORIGIN, then the name of the file.
func (p *parser) settleZone() Name {
	switch {
	case p.zone != "":
		return p.zone
	case p.soa.owner != "":
		return p.soa.owner
	}
	return p.named
}

// rrsets puts the gathered records into canonical order. What lies outside the zone is left out with a warning, as
// BIND does; a SOA there is another zone's, and the file is not what it was taken for.
func (p *parser) rrsets(zone Name) []RRset {
	sets := make([]RRset, 0, len(p.order))
	for _, key := range p.order {
		g := p.sets[key]
		place := Finding{File: g.file, Line: g.line, Owner: key.owner, Type: key.typ}
		if !key.owner.IsSubdomainOf(zone) {
			place.Message = fmt.Sprintf("%s %s is outside the zone %s and is left out", key.owner.Text(), key.typ, zone.Text())
			if key.typ == TypeSOA {
				place.Severity, place.Message = Error, fmt.Sprintf("the SOA is that of %s, not of %s", key.owner.Text(), zone.Text())
				p.errors = append(p.errors, place)
				continue
			}
			p.warn(place)
			continue
		}
		if g.differs {
			place.Message = fmt.Sprintf("%s %s has records with different ttls: the smallest, %d, counts for all (RFC 2181 section 5.2)", key.owner.Text(), key.typ, g.ttl)
			p.warn(place)
		}
		sets = append(sets, NewRRset(key.owner, key.typ, g.ttl, g.data))
	}
	slices.SortFunc(sets, compareRRsets)
	return sets
}

// compareRRsets is the order of a view: canonical order of the owners, then types.
func compareRRsets(a, b RRset) int {
	if c := a.Owner.Compare(b.Owner); c != 0 {
		return c
	}
	return cmp.Compare(a.Type, b.Type)
}

// place adds to a lint finding where its RRset began.
func (p *parser) place(f Finding, file string) Finding {
	f.File = file
	if g := p.sets[setKey{f.Owner, f.Type}]; g != nil {
		f.File, f.Line = g.file, g.line
	}
	return f
}
