package control

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// opsEdit makes an edit of a list of operations.
func opsEdit(r EditRequest) (edit, error) {
	if len(r.Ops) == 0 {
		return edit{}, fail(CodeInvalid, textOf(r.Zone), "the edit has no operation")
	}
	if len(r.Ops) > maxOps {
		return edit{}, fail(CodeTooLarge, textOf(r.Zone), "the edit has more than %d operations", maxOps)
	}
	e := edit{}
	for i := range r.Ops {
		if err := r.Ops[i].check(r.Zone); err != nil {
			return edit{}, err
		}
		e.keys = append(e.keys, zone.Key{Owner: r.Ops[i].Owner, Type: r.Ops[i].Type})
	}
	e.owners = ownersOf(r.Zone, r.Ops)
	e.writes = func(s *zone.State) ([]zone.Write, error) { return writesOf(s, r.Ops) }
	return e, nil
}

// setsEdit makes an edit of RRsets as they are to be.
func setsEdit(r EditRequest) (edit, error) {
	if len(r.Sets) > maxOps {
		return edit{}, fail(CodeTooLarge, textOf(r.Zone), "the edit has more than %d RRsets", maxOps)
	}
	e := edit{}
	reads := reading{zone: r.Zone, owners: map[zone.Name]bool{r.Zone: true}}
	for _, set := range r.Sets {
		o := Op{Kind: OpSet, Owner: set.Owner, Type: set.Type, Data: set.Data}
		if len(set.Data) == 0 {
			o.Kind = OpDelete
		}
		if err := o.check(r.Zone); err != nil {
			return edit{}, err
		}
		if set.Type == 0 {
			return edit{}, fail(CodeInvalid, set.Owner.Text(), "the RRset has no type")
		}
		e.keys = append(e.keys, zone.Key{Owner: set.Owner, Type: set.Type})
		reads.records(set.Owner, set.Type, set.Data)
	}
	e.owners = reads.list()
	e.writes = func(s *zone.State) ([]zone.Write, error) { return s.Set(r.Sets...), nil }
	return e, nil
}

func (o Op) check(z zone.Name) error {
	if !o.Owner.IsSubdomainOf(z) {
		return fail(CodeInvalid, o.Owner.Text(), "the name is not in the zone %s", textOf(z))
	}
	switch o.Kind {
	case OpSet, OpAdd:
		if len(o.Data) == 0 {
			return fail(CodeInvalid, o.Owner.Text(), "%s needs at least one record", o.Kind)
		}
	case OpDelete:
	default:
		return fail(CodeInvalid, o.Owner.Text(), "operation %q is not known (set, add, delete)", o.Kind)
	}
	if o.Type == 0 && o.Kind == OpDelete && len(o.Data) == 0 {
		return nil
	}
	if o.Type == 0 || o.Type.IsMeta() {
		return fail(CodeInvalid, o.Owner.Text(), "type %s is not stored in zones", o.Type)
	}
	for _, d := range o.Data {
		if err := zone.ValidData(o.Type, d); err != nil {
			return fail(CodeInvalid, o.Owner.Text(), "%s: %v", o.Type, err)
		}
	}
	return nil
}

// ownersOf is what an edit and the lint of it read; nil is the whole zone, when that costs no more.
func ownersOf(z zone.Name, ops []Op) []zone.Name {
	r := reading{zone: z, owners: map[zone.Name]bool{z: true}}
	for _, o := range ops {
		r.records(o.Owner, o.Type, o.Data)
	}
	return r.list()
}

// reading gathers the owner names that the lint of some records looks at: theirs, the apex, what lies above them, and
// the names inside the zone that they point to.
type reading struct {
	zone   zone.Name
	owners map[zone.Name]bool
}

func (r reading) records(owner zone.Name, t zone.Type, data [][]byte) {
	r.name(owner)
	for _, d := range data {
		if target, ok := targetOf(t, d); ok {
			r.name(target)
		}
	}
}

func (r reading) name(n zone.Name) {
	for ; n.IsSubdomainOf(r.zone) && !r.owners[n]; n = n.Parent() {
		r.owners[n] = true
		r.owners[zone.Name("\x01*")+n.Parent()] = true // a wildcard may answer for the name
	}
}

func (r reading) list() []zone.Name {
	if len(r.owners) > maxWholeOwner {
		return nil
	}
	list := make([]zone.Name, 0, len(r.owners))
	for n := range r.owners {
		list = append(list, n)
	}
	return list
}

// targetOf is the name that a record leads to, for the types whose targets are linted.
func targetOf(t zone.Type, data []byte) (zone.Name, bool) {
	skip := 0
	switch t {
	case zone.TypeNS, zone.TypeCNAME, zone.TypePTR, zone.TypeDNAME:
	case zone.TypeMX:
		skip = 2
	case zone.TypeSRV:
		skip = 6
	default:
		return "", false
	}
	if len(data) < skip {
		return "", false
	}
	n, _, err := zone.NameFromWire(data[skip:])
	return n, err == nil
}

// writesOf makes the writes of all operations. The builders of a state do not add up, so operations on one RRset are
// made one first.
func writesOf(s *zone.State, ops []Op) ([]zone.Write, error) {
	groups, order := group(s, ops)
	var writes []zone.Write
	for _, k := range order {
		w, err := groups[k].writes(s, k)
		if err != nil {
			return nil, err
		}
		writes = append(writes, w...)
	}
	return writes, nil
}

// opsAt are the operations on one RRset, in order.
type opsAt []Op

// group sorts operations by RRset; one without a type is one for each type at its owner.
func group(s *zone.State, ops []Op) (groups map[zone.Key]opsAt, order []zone.Key) {
	groups = map[zone.Key]opsAt{}
	add := func(o Op) {
		k := zone.Key{Owner: o.Owner, Type: o.Type}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], o)
	}
	for _, o := range ops {
		if o.Type != 0 {
			add(o)
			continue
		}
		for _, t := range typesAt(s, o.Owner) {
			o.Type = t
			add(o)
		}
	}
	return groups, order
}

// typesAt are the types with a version with a value at an owner name, in the life that answers.
func typesAt(s *zone.State, owner zone.Name) []zone.Type {
	life, _ := s.Life()
	var types []zone.Type
	for k := range s.Keys {
		if k.Life == life.Life && k.Owner == owner && k.Meta == "" && valueOf(k, s.Keys[k]) != nil {
			types = append(types, k.Type)
		}
	}
	slices.Sort(types)
	return types
}

// writes keeps an addition an addition: only if nothing else happens to the RRset.
func (ops opsAt) writes(s *zone.State, k zone.Key) ([]zone.Write, error) {
	have, served := s.Served(k.Owner, k.Type)
	result, onlyAdds, err := ops.fold(have, served)
	switch {
	case err != nil:
		return nil, err
	case onlyAdds:
		var data [][]byte
		for _, o := range ops {
			data = append(data, o.Data...)
		}
		return s.Add(zone.NewRRset(k.Owner, k.Type, result.TTL, data)), nil
	}
	return s.Set(result), nil
}

// fold makes what the RRset is after the operations.
func (ops opsAt) fold(set zone.RRset, served bool) (result zone.RRset, onlyAdds bool, err error) {
	onlyAdds = true
	for _, o := range ops {
		ttl := o.TTL
		if o.KeepTTL {
			ttl = defaultRecordTTL
			if served {
				ttl = set.TTL
			}
		}
		onlyAdds = onlyAdds && o.Kind == OpAdd
		switch o.Kind {
		case OpSet:
			set = zone.NewRRset(o.Owner, o.Type, ttl, o.Data)
		case OpAdd:
			set = zone.NewRRset(o.Owner, o.Type, ttl, append(slices.Clone(set.Data), o.Data...))
		case OpDelete:
			if set, err = o.remove(set, served); err != nil {
				return set, false, err
			}
		}
		served = len(set.Data) > 0
	}
	return set, onlyAdds, nil
}

const defaultRecordTTL = 14400 // as for a record of a file that says none

// remove takes records out. What is not there cannot be deleted: somebody mistyped, or was faster.
func (o Op) remove(set zone.RRset, served bool) (zone.RRset, error) {
	missing := fail(CodeNotFound, fmt.Sprintf("%s %s", o.Owner.Text(), o.Type), "there is no such record")
	if !served {
		return set, missing
	}
	left := zone.RRset{Owner: o.Owner, Type: o.Type, TTL: set.TTL}
	if len(o.Data) == 0 {
		return left, nil
	}
	left.Data = slices.DeleteFunc(slices.Clone(set.Data), func(have []byte) bool {
		return slices.ContainsFunc(o.Data, func(d []byte) bool { return sameData(o.Type, have, d) })
	})
	if len(set.Data)-len(left.Data) < len(zone.NewRRset(o.Owner, o.Type, set.TTL, o.Data).Data) {
		return set, missing
	}
	return left, nil
}

// sameData compares records as RFC 4034 section 6.2 orders them. A SOA is the same whatever its serial.
func sameData(t zone.Type, a, b []byte) bool {
	if t == zone.TypeSOA {
		a, b = zone.WithSOASerial(bytes.Clone(a), 0), zone.WithSOASerial(bytes.Clone(b), 0)
	}
	return zone.CompareData(t, a, b) == 0
}
