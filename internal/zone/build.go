package zone

import (
	"slices"
	"strconv"
)

// CreateOptions is what creating a life needs beside its content.
type CreateOptions struct {
	Owner  string // account, "root" if empty
	Home   string // MetaHome
	Author string
	Now    Millis
	// Serial is the wished first serial, adopted if it is ahead (RFC 1982).
	Serial    uint32
	HasSerial bool
	Meta      map[string]string // further metadata
}

// Create is the Change that starts a new life of the zone, whatever was before. Its serial is the wished one, else
// today's YYYYMMDD00, else, where neither is ahead, the next.
func (s *State) Create(sets []RRset, o CreateOptions) Change {
	c := Change{Zone: s.Zone, Time: o.Now, Author: o.Author, Saw: s.Vector.Clone(), Writes: lifeWrites(sets, o)}
	if o.HasSerial {
		if base, ok := BaseFor(o.Serial, s, 1); ok {
			c.Base = base
			return c
		}
	}
	c.Base, _ = BaseFor(DateSerial(o.Now), s, 1)
	return c
}

// lifeWrites are the writes that make up a new life.
func lifeWrites(sets []RRset, o CreateOptions) []Write {
	owner := o.Owner
	if owner == "" {
		owner = "root"
	}
	writes := []Write{
		{Key: Key{Meta: MetaCreated}, Value: strconv.AppendInt(nil, int64(o.Now), 10)},
		{Key: Key{Meta: MetaOwner}, Value: []byte(owner)},
		{Key: Key{Meta: MetaHome}, Value: []byte(o.Home)},
	}
	for name, value := range o.Meta {
		writes = append(writes, Write{Key: Key{Meta: name}, Value: []byte(value)})
	}
	for _, set := range sets {
		writes = append(writes, Write{Key: Key{Owner: set.Owner, Type: set.Type}, Value: storedValue(set)})
	}
	sortWrites(writes)
	return writes
}

func sortWrites(writes []Write) {
	slices.SortFunc(writes, func(a, b Write) int { return a.Key.Compare(b.Key) })
}
