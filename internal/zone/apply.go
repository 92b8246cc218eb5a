package zone

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// ErrInvalidChange says that a Change cannot be applied to this state: the caller built it wrongly or for another state.
var ErrInvalidChange = errors.New("invalid change")

// Apply makes c the next change of node: it assigns the dot, raises the time above what is replaced, and replaces the
// versions of the written keys that c.Saw covers; others stay beside. It returns the keys written, in order. On an
// error the state is as before.
func (s *State) Apply(node NodeID, c Change) (Dot, []Key, error) {
	if err := s.checkChange(node, c); err != nil {
		return Dot{}, nil, fmt.Errorf("apply change to zone %s: %w: %w", s.Zone.Text(), ErrInvalidChange, err)
	}
	dot := Dot{Node: node, Counter: s.Vector[node] + 1}
	c.Time = s.timeOf(c)
	hash := c.hash(dot)
	keys := make([]Key, 0, len(c.Writes))
	for _, w := range c.Writes {
		k := w.Key.in(dot)
		version := Version{
			Dot: dot, Time: c.Time, Hash: hash, Author: c.Author, Replace: w.Replace,
			Absent: w.Absent, Value: slices.Clone(w.Value), Addition: w.Addition, Begin: w.Begin,
		}
		s.Keys[k] = replaced(s.Keys[k], c.Saw, version)
		keys = append(keys, k)
	}
	s.Vector[node] = dot.Counter
	s.Base = max(s.Base, c.Base)
	slices.SortFunc(keys, Key.Compare)
	return dot, keys, nil
}

// in is the key with its life: a key without one belongs to the life that the change with this dot creates.
func (k Key) in(dot Dot) Key {
	if k.Life.IsZero() {
		return k.of(dot)
	}
	return k
}

// replaced returns versions without those that saw covers, and with v, sorted.
func replaced(versions []Version, saw Vector, v Version) []Version {
	kept := make([]Version, 0, len(versions)+1)
	for _, old := range versions {
		if !saw.Covers(old.Dot) {
			kept = append(kept, old)
		}
	}
	kept = append(kept, v)
	slices.SortFunc(kept, Version.Compare)
	return kept
}

// timeOf is the change's wall clock, raised above the time of what it replaces: causality is in the dots, but a reader
// who compares times must never see an effect before its cause.
func (s *State) timeOf(c Change) Millis {
	t := c.Time
	for _, w := range c.Writes {
		for _, v := range s.Keys[w.Key] {
			if c.Saw.Covers(v.Dot) {
				t = max(t, v.Time.next())
			}
		}
	}
	return t
}

// next is one millisecond later. Nothing is refused for its time, so the last one there is may well be in use.
func (t Millis) next() Millis {
	if t == math.MaxInt64 {
		return t
	}
	return t + 1
}

// hash is a 32-bit hash of all that the change says. Two changes under one dot, of a node that was copied, differ in it.
func (c Change) hash(dot Dot) uint32 {
	b := appendDot(appendString(nil, c.Zone), dot)
	b = binary.AppendVarint(b, int64(c.Time))
	b = AppendVector(appendString(b, c.Author), c.Saw)
	b = binary.AppendUvarint(b, c.Base)
	for _, w := range c.Writes {
		b = appendVersion(AppendKey(b, w.Key), Version{
			Absent: w.Absent, Value: w.Value, Addition: w.Addition, Begin: w.Begin, Replace: w.Replace,
		})
	}
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint32(sum[:])
}

func (s *State) checkChange(node NodeID, c Change) error {
	switch {
	case c.Zone != s.Zone:
		return fmt.Errorf("it is for zone %s", c.Zone.Text())
	case node == NodeID{}:
		return errors.New("it has no node id")
	case s.Vector[node] == math.MaxUint64:
		return errors.New("the node's counter is used up; take a fresh node id")
	case len(c.Writes) == 0 && c.Base <= s.Base:
		return errors.New("it changes nothing")
	case !s.Vector.Includes(c.Saw):
		return errors.New("its writer saw more than this state contains")
	}
	ends := s.ends()
	written := make(map[Key]bool, len(c.Writes))
	creates := false
	for _, w := range c.Writes {
		if written[w.Key] {
			return fmt.Errorf("%v is written twice", w.Key)
		}
		written[w.Key] = true
		creates = creates || w.Key.Life.IsZero()
		if err := s.checkWrite(w, ends); err != nil {
			return err
		}
	}
	for _, name := range []string{MetaCreated, MetaOwner, MetaHome} {
		if creates && !written[Key{Meta: name}] {
			return fmt.Errorf("it creates a life without %q", name)
		}
	}
	return nil
}

// checkWrite refuses what no state may contain. An ended life takes no value: it never lives again. It takes absents,
// which settle what was edited there while it was deleted here.
func (s *State) checkWrite(w Write, ends map[Dot]Vector) error {
	k := w.Key
	if !s.Vector.Covers(k.Life) {
		return fmt.Errorf("its life %s is not in this state", k.Life)
	}
	if _, ended := ends[k.Life]; ended && !w.Absent && k.Meta != MetaEnd {
		return fmt.Errorf("life %s has ended", k.Life)
	}
	if w.Absent && (w.Value != nil || w.Addition) {
		return fmt.Errorf("%v is absent and has a value", k)
	}
	return checkValue(s.Zone, k, Version{Absent: w.Absent, Value: w.Value, Addition: w.Addition, Begin: w.Begin})
}

// checkValue says whether a version may stand at k in a state of zone.
func checkValue(zone Name, k Key, v Version) error {
	if k.isMeta() {
		return checkMeta(k, v)
	}
	switch {
	case !k.Owner.IsSubdomainOf(zone):
		return fmt.Errorf("owner name %s is not in the zone", k.Owner.Text())
	case k.Type == 0 || k.Type.IsMeta():
		return fmt.Errorf("type %s is not stored in zones", k.Type)
	case v.Absent:
		return nil
	}
	_, data, err := DecodeRRset(v.Value)
	if err != nil {
		return fmt.Errorf("%s %s: %w", k.Owner.Text(), k.Type, err)
	}
	for _, d := range data {
		if err := ValidData(k.Type, d); err != nil {
			return fmt.Errorf("%s %s: %w", k.Owner.Text(), k.Type, err)
		}
		if k.Type == TypeSOA && SOASerial(d) != 0 {
			return errors.New("a stored SOA has a serial of its own")
		}
	}
	return nil
}

func checkMeta(k Key, v Version) error {
	switch {
	case k.Owner != "" || k.Type != 0 || len(k.Meta) > maxMeta:
		return fmt.Errorf("%v is no metadata key", k)
	case v.Addition:
		return fmt.Errorf("metadata %q is not added to", k.Meta)
	case k.Meta == MetaEnd:
		return checkEnd(v)
	case k.Meta == MetaCreated && !v.Absent:
		if _, err := strconv.ParseInt(string(v.Value), 10, 64); err != nil {
			return errors.New("the creation time is not a number")
		}
	}
	return nil
}

func checkEnd(v Version) error {
	if v.Absent {
		return errors.New("an end is never absent: an ended life never lives again")
	}
	if _, rest, err := DecodeVector(v.Value); err != nil || len(rest) > 0 {
		return errors.New("an end does not say what it saw")
	}
	return nil
}
