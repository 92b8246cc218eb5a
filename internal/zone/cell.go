package zone

import "slices"

// cell is what a reader makes of the versions of one key.
type cell struct {
	value []byte
	// shown are the versions that value is made of: one, or all additions of a union. The last is the newest.
	shown []Version
	// hidden are the versions that no write replaced and that are not served: each value once, and a deletion.
	hidden []Version
	// ruled says that the CNAME rule hides the value.
	ruled bool
}

func (c cell) newest() Version { return c.shown[len(c.shown)-1] }

// begin is the dot with which the next addition goes on.
func (c cell) begin() Dot {
	if v := c.newest(); v.Addition {
		return v.Begin
	}
	return c.newest().Dot
}

// cellOf reads the versions of k, false if none has a value. Equal values are one; several additions that began at the
// same version are served together; otherwise the greatest (time, dot) with a value is served.
func cellOf(k Key, versions []Version) (cell, bool) {
	if len(versions) == 1 && !versions[0].Absent { // nearly every key; spares the copy
		return cell{value: versions[0].Value, shown: versions}, true
	}
	values := slices.DeleteFunc(slices.Clone(versions), func(v Version) bool { return v.Absent })
	if len(values) == 0 {
		return cell{}, false
	}
	newest := values[len(values)-1]
	c := cell{value: newest.Value, shown: values[len(values)-1:]}
	if union, ok := unionOf(k, values); ok {
		c.value, c.shown = union, values
	} else {
		c.hidden = distinct(values, newest)
	}
	for _, v := range slices.Backward(versions) {
		if v.Absent {
			c.hidden = append(c.hidden, v)
			break
		}
	}
	return c, true
}

// distinct returns the newest version of each value other than served's.
func distinct(values []Version, served Version) []Version {
	var hidden []Version
	for _, v := range slices.Backward(values) {
		if !v.equal(served) && !slices.ContainsFunc(hidden, v.equal) {
			hidden = append(hidden, v)
		}
	}
	return hidden
}

// unionOf serves concurrent additions together, with the smallest TTL (RFC 2181 section 5.2 wants one): two ACME
// challenges at once. A later begin means that someone set or removed in between, and the union would undo that.
func unionOf(k Key, values []Version) ([]byte, bool) {
	if len(values) < 2 || !additive(k) {
		return nil, false
	}
	var smallest uint32
	var data [][]byte
	for i, v := range values {
		ttl, records, err := DecodeRRset(v.Value)
		if err != nil || !v.Addition || v.Begin != values[0].Begin {
			return nil, false
		}
		if i == 0 || ttl < smallest {
			smallest = ttl
		}
		data = append(data, records...)
	}
	set := NewRRset(k.Owner, k.Type, smallest, data)
	return EncodeRRset(set.TTL, set.Data), true
}

// additive says that a set of this key can hold what two writers added: CNAME and DNAME have one record (RFC 2181
// section 10.1, RFC 6672 section 2.4), as has SOA.
func additive(k Key) bool {
	return !k.isMeta() && k.Type != TypeCNAME && k.Type != TypeDNAME && k.Type != TypeSOA
}

// cells reads all RRsets of a life and applies the CNAME rule.
func (s *State) cells(life Dot) map[Key]cell {
	cells := map[Key]cell{}
	aliases := map[Name]bool{}
	for k, versions := range s.Keys {
		if k.Life != life || k.isMeta() {
			continue
		}
		if c, ok := cellOf(k, versions); ok {
			cells[k] = c
			if k.Type == TypeCNAME {
				aliases[k.Owner] = true
			}
		}
	}
	if len(aliases) > 0 {
		ruleCNAME(s.Zone, cells, aliases)
	}
	return cells
}

// ruleCNAME hides what cannot stand beside a CNAME (RFC 1034 section 3.6.2). A CNAME is served only if its time is
// greater than that of every other type with a value at its owner, and never at the apex, where the SOA stands.
func ruleCNAME(apex Name, cells map[Key]cell, aliases map[Name]bool) {
	others := map[Name]Millis{}
	for k, c := range cells {
		if k.Type != TypeCNAME && aliases[k.Owner] {
			others[k.Owner] = max(others[k.Owner], c.newest().Time)
		}
	}
	for k, c := range cells {
		if !aliases[k.Owner] {
			continue
		}
		latest, contested := others[k.Owner]
		alias := cells[Key{Life: k.Life, Owner: k.Owner, Type: TypeCNAME}]
		wins := k.Owner != apex && (!contested || alias.newest().Time > latest)
		c.ruled = wins != (k.Type == TypeCNAME)
		cells[k] = c
	}
}
