package zone

import (
	"fmt"
	"slices"
	"strings"
)

// Lint finds what is wrong with the records of a zone. The yardstick is BIND's named-checkzone, because operators know
// it and secondaries run it: an Error is what it refuses to load, or what no answer could carry; a Warning is what
// loads and does not work, or not as it reads. Findings come in the order of sets, those of the whole zone first.
func Lint(zone Name, sets []RRset) []Finding {
	l := newLinter(zone, sets)
	l.apex()
	for i := range sets {
		set := &sets[i]
		if !set.Owner.IsSubdomainOf(zone) {
			l.report(Error, set, "it is outside the zone %s", zone.Text())
			continue
		}
		l.place(set)
		l.size(set)
		l.beside(set)
		l.occluded(set)
		l.targets(set)
	}
	return l.findings
}

// linter is an index of a zone's records.
type linter struct {
	zone     Name
	sets     map[setKey]*RRset
	types    map[Name][]Type // at each owner
	empty    map[Name]bool   // names that exist only because one below them has records (RFC 4592 section 2.2.2)
	glue     map[Name]bool   // targets of delegations
	cuts     bool            // there are delegations or DNAMEs at all
	findings []Finding
}

func newLinter(zone Name, sets []RRset) *linter {
	l := &linter{zone: zone, sets: make(map[setKey]*RRset, len(sets)), types: map[Name][]Type{}, empty: map[Name]bool{}, glue: map[Name]bool{}}
	for i := range sets {
		set := &sets[i]
		if len(set.Data) == 0 || !set.Owner.IsSubdomainOf(zone) {
			continue
		}
		l.sets[setKey{set.Owner, set.Type}] = set
		l.types[set.Owner] = append(l.types[set.Owner], set.Type)
		for n := set.Owner; n != zone && !l.empty[n.Parent()]; n = n.Parent() {
			l.empty[n.Parent()] = true
		}
		l.cuts = l.cuts || set.Type == TypeDNAME || l.isCut(set)
		if l.isCut(set) {
			for _, data := range set.Data {
				if target, ok := targetOf(set.Type, data); ok {
					l.glue[target] = true
				}
			}
		}
	}
	return l
}

// isCut reports whether the set delegates a part of the zone away.
func (l *linter) isCut(set *RRset) bool { return set.Type == TypeNS && set.Owner != l.zone }

func (l *linter) has(owner Name, types ...Type) bool {
	for _, t := range types {
		if l.sets[setKey{owner, t}] != nil {
			return true
		}
	}
	return false
}

func (l *linter) report(severity Severity, set *RRset, format string, args ...any) {
	message := fmt.Sprintf("%s %s: %s", set.Owner.Text(), set.Type, fmt.Sprintf(format, args...))
	l.findings = append(l.findings, Finding{Severity: severity, Owner: set.Owner, Type: set.Type, Message: message})
}

// apex wants what every zone has at its top (RFC 1034 section 4.2.1).
func (l *linter) apex() {
	for _, t := range []Type{TypeSOA, TypeNS} {
		if !l.has(l.zone, t) {
			l.findings = append(l.findings, Finding{
				Severity: Error, Owner: l.zone, Type: t,
				Message: fmt.Sprintf("zone %s has no %s at its apex", l.zone.Text(), t),
			})
		}
	}
	soa := l.sets[setKey{l.zone, TypeSOA}]
	if soa == nil {
		return
	}
	if _, n, err := NameFromWire(soa.Data[0]); err == nil && strings.Contains(string(soa.Data[0][n:max(n, len(soa.Data[0])-soaTail)]), "@") {
		// RFC 1035 section 8: the mailbox's first label is the part before the @.
		l.report(Warning, soa, "the mailbox is written with an @ (hint: user.domain, with a dot)")
	}
}

// place refuses types where they cannot stand.
func (l *linter) place(set *RRset) {
	switch apex := set.Owner == l.zone; {
	case set.Type == TypeSOA && !apex:
		l.report(Error, set, "a SOA stands only at the apex of the zone, %s", l.zone.Text())
	case set.Type == TypeDS && apex:
		// RFC 4035 section 2.4: the DS is the parent's.
		l.report(Error, set, "a DS stands in the parent zone, not at the apex")
	case set.Type == TypeDS && !l.has(set.Owner, TypeNS):
		l.report(Warning, set, "there is no delegation (NS) for it at this name (RFC 4035 section 2.4)")
	case set.Type == TypeNS && set.Owner.IsWildcard():
		// RFC 4592 section 4.2: what it would mean is undefined.
		l.report(Error, set, "a wildcard cannot be delegated")
	case set.Type == TypeDNAME && set.Owner.IsWildcard():
		l.report(Warning, set, "what a wildcard DNAME means is undefined (RFC 4592 section 4.4)")
	case set.Type.IsMeta():
		l.report(Error, set, "the type stands only in messages, not in a zone")
	}
}

// maxAnswer is what the records of one RRset may take in a message: its 16-bit length, less header, a question and
// EDNS with room to spare.
const maxAnswer = 1<<16 - 1 - 12 - (maxName + 4) - 64

// size wants RRsets that one answer over TCP can carry, and one record where the type allows one.
func (l *linter) size(set *RRset) {
	switch set.Type {
	case TypeSOA, TypeCNAME, TypeDNAME:
		// RFC 1035 section 5.2 for the SOA, RFC 2181 section 10.1, RFC 6672 section 2.4.
		if len(set.Data) > 1 {
			l.report(Error, set, "there can be one at a name, here are %d", len(set.Data))
		}
	case TypeMX:
		// RFC 7505 section 3.
		null := func(data []byte) bool { return len(data) == 3 && data[2] == 0 }
		if len(set.Data) > 1 && slices.ContainsFunc(set.Data, null) {
			l.report(Warning, set, `"no mail" (a lone dot) stands beside other mail servers`)
		}
	}
	total := 0
	for _, data := range set.Data {
		total += 2 + 10 + len(data) // a compressed owner and the fixed fields
	}
	if total > maxAnswer {
		l.report(Error, set, "its %d records need %d octets: no answer can carry that", len(set.Data), total)
	}
}

// beside refuses other data next to a CNAME (RFC 1034 section 3.6.2), apart from what DNSSEC adds there (RFC 4034
// section 3, 4035 section 2.5) and KEY (RFC 2181 section 10.1).
func (l *linter) beside(set *RRset) {
	switch set.Type {
	case TypeCNAME:
		var others []string
		for _, t := range l.types[set.Owner] {
			switch t {
			case TypeCNAME, TypeRRSIG, TypeNSEC, TypeKEY:
			default:
				others = append(others, t.String())
			}
		}
		if len(others) > 0 {
			l.report(Error, set, "a CNAME allows no other data at its name, here is %s", strings.Join(others, ", "))
		}
	case TypeDNAME:
		// RFC 6672 section 2.3. BIND loads it.
		if set.Owner != l.zone && l.has(set.Owner, TypeNS) {
			l.report(Warning, set, "a DNAME stands beside a delegation")
		}
	}
}

// occluded tells of data that no query can reach: below a delegation, other than glue, and below a DNAME (RFC 6672
// section 2.4). BIND loads it silently; whoever wrote it expects to see it.
func (l *linter) occluded(set *RRset) {
	if !l.cuts {
		return
	}
	isAddress := set.Type == TypeA || set.Type == TypeAAAA
	cut, t := l.cutAbove(set.Owner)
	switch {
	case t == 0 && l.isCutName(set.Owner):
		switch set.Type {
		case TypeNS, TypeDS, TypeDNAME, TypeNSEC, TypeRRSIG:
			return
		}
		cut, t = set.Owner, TypeNS
	case t == 0:
		return
	}
	if t == TypeNS && isAddress && l.glue[set.Owner] {
		return
	}
	l.report(Warning, set, "nothing asks for it here: %s has a %s", cut.Text(), t)
}

func (l *linter) isCutName(n Name) bool { return n != l.zone && l.has(n, TypeNS) }

// cutAbove finds the highest name above n, inside the zone, at which the zone's own data ends, and why.
func (l *linter) cutAbove(n Name) (cut Name, why Type) {
	for n != l.zone {
		n = n.Parent()
		switch {
		case l.isCutName(n):
			cut, why = n, TypeNS
		case l.has(n, TypeDNAME):
			cut, why = n, TypeDNAME
		}
	}
	return cut, why
}
