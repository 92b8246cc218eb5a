package zone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The oracle is the merge rule in its simplest form, with nothing optimized away: a node knows a set of writes, joining is
// the union of sets, and a version stands if no known write of its key saw it. It keeps all writes for ever and has
// neither vectors to compare nor versions to drop.
type oracle struct {
	writes map[oracleID]oracleWrite
	base   uint64
}

type oracleID struct {
	dot Dot
	key Key
}

type oracleWrite struct {
	version Version
	saw     Vector
}

func newOracle() *oracle { return &oracle{writes: map[oracleID]oracleWrite{}} }

func (o *oracle) clone() *oracle { return &oracle{writes: maps.Clone(o.writes), base: o.base} }

// learn adds what a change wrote.
func (o *oracle) learn(s *State, dot Dot, keys []Key, saw Vector) {
	for _, k := range keys {
		for _, v := range s.Keys[k] {
			if v.Dot == dot {
				o.writes[oracleID{dot, k}] = oracleWrite{v, saw}
			}
		}
	}
	o.base = max(o.base, s.Base)
}

func (o *oracle) join(other *oracle) {
	maps.Copy(o.writes, other.writes)
	o.base = max(o.base, other.base)
}

// standing are the versions that no known write replaced.
func (o *oracle) standing() map[Key][]Version {
	byKey := map[Key][]oracleWrite{}
	for id, w := range o.writes {
		byKey[id.key] = append(byKey[id.key], w)
	}
	keys := map[Key][]Version{}
	for k, writes := range byKey {
		for _, w := range writes {
			replaced := slices.ContainsFunc(writes, func(by oracleWrite) bool {
				return by.version.Dot != w.version.Dot && by.saw.Covers(w.version.Dot)
			})
			if !replaced {
				keys[k] = append(keys[k], w.version)
			}
		}
		slices.SortFunc(keys[k], Version.Compare)
	}
	return keys
}

func (o *oracle) vector() Vector {
	v := Vector{}
	for id := range o.writes {
		v[id.dot.Node] = max(v[id.dot.Node], id.dot.Counter)
	}
	return v
}

// lost returns the acknowledged writes that are neither in the view, nor in the conflicts, nor replaced by a write that
// saw them. It reads view and conflicts as a person does, and the writes from the oracle.
func (o *oracle) lost(s *State) []string {
	view, _ := s.View()
	r := reading{state: s, view: view, ends: map[Dot]Vector{}, conflicts: s.Conflicts()}
	standing := o.standing()
	for k, versions := range standing {
		if k.Meta == MetaEnd {
			r.ends[k.Life] = endVector(versions)
		}
	}
	var lost []string
	for k, versions := range standing {
		for _, v := range versions {
			if !r.accounts(k, v, versions) {
				lost = append(lost, fmt.Sprintf("%s of life %s: %s of %s", keyText(k), k.Life, valueText(k, v), v.Dot))
			}
		}
	}
	return lost
}

type reading struct {
	state     *State
	view      *View
	ends      map[Dot]Vector
	conflicts []Conflict
}

func (r reading) accounts(k Key, v Version, beside []Version) bool {
	if end, ended := r.ends[k.Life]; ended {
		return k.Meta == MetaEnd || k.Meta == MetaTouched || v.Absent || end.Covers(v.Dot) || r.listed(ConflictDeleted, k, v)
	}
	whole := Key{Life: k.Life, Meta: MetaCreated}
	for _, c := range r.conflicts {
		if c.Kind == ConflictLife && c.Key == whole {
			return true
		}
	}
	if r.listed(ConflictValue, k, v) || r.listed(ConflictCNAME, k, v) {
		return true
	}
	if v.Absent {
		return allAbsent(beside)
	}
	return r.shows(k, v)
}

// listed compares by value: equal values are one.
func (r reading) listed(kind ConflictKind, k Key, v Version) bool {
	return slices.ContainsFunc(r.conflicts, func(c Conflict) bool {
		return c.Kind == kind && c.Key == k && c.Hidden.equal(v)
	})
}

// shows says that the view has the value, or all records of it. A life that is not listed as a conflict and is not the
// one of the view has equal content, so that the view shows it too.
func (r reading) shows(k Key, v Version) bool {
	switch k.Meta {
	case MetaTouched:
		return true
	case MetaCreated, MetaOwner, MetaHome:
		if k.Life != r.view.Life {
			return true
		}
		return strings.Contains(fmt.Sprint(int64(r.view.Created), r.view.Owner, r.view.Home), string(v.Value))
	case "":
	default:
		return k.Life != r.view.Life || r.view.Meta[k.Meta] == string(v.Value)
	}
	want, ok := readRRset(k, v.Value)
	if !ok {
		return false
	}
	for _, set := range r.view.RRsets {
		if set.Owner == k.Owner && set.Type == k.Type {
			stored := set.withSerial(0)
			return !slices.ContainsFunc(want.Data, func(d []byte) bool {
				return !slices.ContainsFunc(stored.Data, func(e []byte) bool { return string(d) == string(e) })
			})
		}
	}
	return false
}
