package zone

import "strconv"

// targetOf is the host that the data of an NS, MX or SRV record points at. The root stands for "there is none" (RFC
// 7505, RFC 2782) and is no target.
func targetOf(t Type, data []byte) (Name, bool) {
	skip := 0
	switch t {
	case TypeNS:
	case TypeMX:
		skip = 2
	case TypeSRV:
		skip = 6
	default:
		return "", false
	}
	if len(data) < skip {
		return "", false
	}
	target, _, err := NameFromWire(data[skip:])
	return target, err == nil && target != Root
}

// targets follows NS, MX and SRV records to their hosts, as far as these are in the zone. The zone's own nameservers
// must be found, or nobody finds the zone: there it is an error, as BIND has it, elsewhere a warning.
func (l *linter) targets(set *RRset) {
	for _, data := range set.Data {
		target, ok := targetOf(set.Type, data)
		if !ok {
			continue
		}
		if set.Type != TypeSRV && looksLikeAddress(target) {
			l.report(Warning, set, "%s is an address where a host name must stand", target.Text())
			continue
		}
		if !target.IsSubdomainOf(l.zone) {
			continue
		}
		severity := Warning
		if set.Type == TypeNS && set.Owner == l.zone {
			severity = Error
		}
		if complaint := l.host(set, target); complaint != "" {
			l.report(severity, set, "%s %s", target.Text(), complaint)
		}
	}
}

// host says what keeps the target of a record in the set from being reached, "" if nothing does.
func (l *linter) host(set *RRset, target Name) string {
	if cut, why := l.cutAbove(target); why != 0 || l.isCutName(target) {
		switch {
		case why == TypeDNAME:
			return "is below the DNAME " + cut.Text()
		case l.has(target, TypeA, TypeAAAA):
			return ""
		case set.Type == TypeNS && target.IsSubdomainOf(set.Owner):
			// RFC 9471: resolvers cannot get to the delegated zone without.
			return "is below this delegation and has no glue (A or AAAA) here"
		case set.Type == TypeNS && set.Owner != l.zone:
			return "is below another delegation and has no glue (A or AAAA) here"
		}
		return "" // the delegated zone has it, or not
	}
	at := l.source(target)
	switch {
	case l.has(at, TypeCNAME):
		return "is a CNAME, where a host name with an address must stand (RFC 2181 section 10.3)"
	case !l.has(at, TypeA, TypeAAAA):
		return "has no address (A or AAAA) in the zone"
	}
	return ""
}

// source is the name whose records answer for n: itself if it exists, else the wildcard below the closest name that
// does (RFC 4592 section 3.3.1).
func (l *linter) source(n Name) Name {
	for at := n; ; at = at.Parent() {
		if l.types[at] == nil && !l.empty[at] && at != l.zone {
			continue
		}
		if at == n {
			return n
		}
		return "\x01*" + at
	}
}

// looksLikeAddress finds an IPv4 address that was entered for a host name; without its final dot it has become the
// beginning of a name.
func looksLikeAddress(n Name) bool {
	for range 4 {
		if n == Root {
			return false
		}
		if octet, err := strconv.ParseUint(string(n[1:1+int(n[0])]), 10, 8); err != nil || octet > 255 {
			return false
		}
		n = n.Parent()
	}
	return true
}
