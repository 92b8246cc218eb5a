package zone

import "slices"

// View makes the servable form, false if no life of the zone is left.
func (s *State) View() (*View, bool) {
	life, ok := s.Life()
	if !ok {
		return nil, false
	}
	return s.viewOf(life), true
}

// LifeView makes the form that a life would be served in, also of one that another life hides or that has ended: for
// conflicts, the trash and restoring. It is false for a life that is not known.
func (s *State) LifeView(life Dot) (*View, bool) {
	for _, l := range s.Lives() {
		if l.Life == life {
			return s.viewOf(l), true
		}
	}
	return nil, false
}

func (s *State) viewOf(life LifeInfo) *View {
	v := &View{
		Zone: s.Zone, Life: life.Life, Owner: life.Owner, Home: life.Home, Created: life.Created,
		Serial: s.Serial(), Vector: s.Vector.Clone(), Base: s.Base, Meta: map[string]string{},
	}
	for k, versions := range s.Keys {
		if k.Life == life.Life && k.isMeta() && !ownMeta(k.Meta) {
			if newest, ok := newestValue(versions); ok {
				v.Meta[k.Meta] = string(newest.Value)
			}
		}
	}
	for k, c := range s.cells(life.Life) {
		if c.ruled {
			continue
		}
		if set, ok := readRRset(k, c.value); ok {
			v.RRsets = append(v.RRsets, set.withSerial(v.Serial))
		}
	}
	slices.SortFunc(v.RRsets, compareRRsets)
	return v
}

// ownMeta says that the metadata is read by this package and not part of View.Meta.
func ownMeta(name string) bool {
	return slices.Contains([]string{MetaCreated, MetaOwner, MetaHome, MetaEnd, MetaTouched}, name)
}

// Served returns the RRset that the zone's view has at an owner name and type. It needs the keys of that owner only.
func (s *State) Served(owner Name, t Type) (RRset, bool) {
	life, ok := s.Life()
	if !ok {
		return RRset{}, false
	}
	k := Key{Life: life.Life, Owner: owner, Type: t}
	c, ok := s.cellsAt(life.Life, owner)[k]
	if !ok || c.ruled {
		return RRset{}, false
	}
	set, ok := readRRset(k, c.value)
	return set.withSerial(s.Serial()), ok
}

// cellsAt reads the RRsets of a life at one owner name.
func (s *State) cellsAt(life Dot, owner Name) map[Key]cell {
	at := &State{Zone: s.Zone, Keys: map[Key][]Version{}}
	for k, versions := range s.Keys {
		if k.Life == life && k.Owner == owner && !k.isMeta() {
			at.Keys[k] = versions
		}
	}
	return at.cells(life)
}

// readRRset decodes a stored value. A value that does not decode is not served; Delta.Check keeps such out.
func readRRset(k Key, value []byte) (RRset, bool) {
	ttl, data, err := DecodeRRset(value)
	return RRset{Owner: k.Owner, Type: k.Type, TTL: ttl, Data: data}, err == nil
}

// storedValue is the value of an RRset's key: in canonical order, a SOA without its serial.
func storedValue(set RRset) []byte {
	set = NewRRset(set.Owner, set.Type, set.TTL, set.withSerial(0).Data)
	return EncodeRRset(set.TTL, set.Data)
}

// withSerial is the set with the serial in its SOA; any other set as it is.
func (r RRset) withSerial(serial uint32) RRset {
	if r.Type != TypeSOA {
		return r
	}
	data := make([][]byte, len(r.Data))
	for i, d := range r.Data {
		data[i] = WithSOASerial(d, serial)
	}
	r.Data = data
	return r
}
