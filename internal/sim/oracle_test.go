package sim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// oracle remembers every change that a server acknowledged, and every change that any server ever had in its history with
// what its writer had seen, and says what went wrong.
type oracle struct {
	world   *world
	acks    []*ack
	changes map[zone.Name][]change
	wrong   []string
}

// ack is a change that a server said to have made.
type ack struct {
	zone    zone.Name
	dot     zone.Dot
	hash    uint32
	writes  []write
	by      *server
	epoch   int // of the server's disk
	text    string
	excused bool // every disk that was seen to have it went back
}

// write is one key of a change.
type write struct {
	key     zone.Key
	version zone.Version
}

// change is any change: what it wrote, and what its writer had seen.
type change struct {
	dot  zone.Dot
	hash uint32
	saw  zone.Vector
	keys map[zone.Key]bool
}

func (o *oracle) broken(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(o.wrong, text) {
		o.wrong = append(o.wrong, text)
		o.world.say("WRONG: %s", text)
	}
}

// acknowledged notes a change of a server that has said so.
func (o *oracle) acknowledged(by *act) {
	e := by.entry
	a := &ack{zone: e.Zone, dot: e.Dot, by: by.server, epoch: by.epoch, text: by.text}
	for _, k := range e.Keys {
		for _, v := range k.After {
			if v.Dot == e.Dot {
				a.hash = v.Hash
				a.writes = append(a.writes, write{k.Key, v})
			}
		}
	}
	o.acks = append(o.acks, a)
}

// learn takes over an entry of a server's history. A change is known by its dot and its hash: a dot that was given twice
// is two changes.
func (o *oracle) learn(e store.Entry) {
	if e.Dot.IsZero() {
		return
	}
	c := change{dot: e.Dot, saw: e.After.Clone(), keys: map[zone.Key]bool{}}
	c.saw[e.Dot.Node] = e.Dot.Counter - 1
	for _, k := range e.Keys {
		for _, v := range k.After {
			if v.Dot == e.Dot {
				c.keys[k.Key], c.hash = true, v.Hash
			}
		}
	}
	known := func(d change) bool { return d.dot == c.dot && d.hash == c.hash }
	if !slices.ContainsFunc(o.changes[e.Zone], known) {
		o.changes[e.Zone] = append(o.changes[e.Zone], c)
	}
}

// had is a change in the history of a server. A dot that was given twice is two changes.
type had struct {
	zone zone.Name
	dot  zone.Dot
	hash uint32
}

// excuse is called when a disk has gone back or is gone for good: what no other server was seen to have is gone, and no
// software brings it back.
func (o *oracle) excuse() {
	for _, a := range o.acks {
		if a.excused || a.by.epoch == a.epoch && !a.by.gone {
			continue
		}
		held := slices.ContainsFunc(o.world.servers, func(s *server) bool {
			return s.read[had{a.zone, a.dot, a.hash}] || s.floor[a.zone].Covers(a.dot) && !o.twice(a)
		})
		if !held {
			a.excused = true
			o.world.say("gone with its disk: %s", a.text)
		}
	}
}

// twice says that another change has the same dot: to cover it is not to have it.
func (o *oracle) twice(a *ack) bool {
	return slices.ContainsFunc(o.changes[a.zone], func(c change) bool { return c.dot == a.dot && c.hash != a.hash })
}

// check says which acknowledged changes are lost.
func (o *oracle) check() {
	for _, s := range o.world.servers {
		for _, a := range o.acks {
			if !a.excused {
				o.checkAt(s, a)
			}
		}
	}
}

func (o *oracle) checkAt(s *server, a *ack) {
	state, err := s.state(a.zone)
	if err != nil {
		o.broken("%s cannot read %s: %v", s.name, a.zone.Text(), err)
		return
	}
	if !state.Vector.Covers(a.dot) {
		if a.by == s && a.epoch == s.epoch || s.floor[a.zone].Covers(a.dot) {
			o.broken("%s has lost %s (%s): it has %v", s.name, a.dot, a.text, state.Vector)
		}
		return
	}
	for _, w := range a.writes {
		if why := o.fate(state, a, w); why != "" {
			o.broken("at %s, %s of %s (%s): %s", s.name, keyText(w.key), a.dot, a.text, why)
		}
	}
}

// fate says what is wrong with one acknowledged write; empty if it is in the view, in the conflicts, or replaced by one
// that saw it.
func (o *oracle) fate(s *zone.State, a *ack, w write) string {
	same := func(v zone.Version) bool { return v.Dot == a.dot && v.Hash == a.hash }
	if slices.ContainsFunc(s.Keys[w.key], same) {
		return o.hidden(s, w)
	}
	end := zone.Key{Life: w.key.Life, Meta: zone.MetaEnd}
	for _, c := range o.changes[a.zone] {
		other := c.dot != a.dot || c.hash != a.hash
		if other && c.saw.Covers(a.dot) && s.Vector.Covers(c.dot) && (c.keys[w.key] || c.keys[end]) {
			return ""
		}
	}
	if w.version.Absent && (o.world.hasty || old(w.version)) && len(s.Keys[w.key]) == 0 {
		return "" // a lone deletion, forgotten by a server whose clock, or that of the writer, said that it is old
	}
	return "lost: nobody that saw it replaced it"
}

// old says that a version was written by a clock so far behind that it was old from the beginning.
func old(v zone.Version) bool {
	const kept = 30 * 24 * time.Hour // a deletion that stands alone
	return int64(v.Time) < time.Now().Add(-kept).UnixMilli()
}

// hidden says that a version is there but nobody is told: neither the view nor the list of conflicts has it.
func (o *oracle) hidden(s *zone.State, w write) string {
	if w.version.Absent || w.key.Meta != "" {
		return ""
	}
	view, live := s.View()
	if live {
		for _, set := range view.RRsets {
			if set.Owner == w.key.Owner && set.Type == w.key.Type && served(set, w.version) {
				return ""
			}
		}
	}
	for _, c := range s.Conflicts() {
		if c.Hidden.Dot == w.version.Dot && c.Key == w.key || c.Kind == zone.ConflictLife && c.Key.Life == w.key.Life {
			return ""
		}
	}
	for _, l := range s.Lives() {
		if l.Life == w.key.Life && l.Ended && l.End.Covers(w.version.Dot) {
			return "" // its end is on its way into the digest, and saw it
		}
	}
	return "neither served nor listed as a conflict"
}

// served says that the records of a version are all served.
func served(set zone.RRset, v zone.Version) bool {
	_, data, err := zone.DecodeRRset(v.Value)
	if err != nil {
		return false
	}
	if set.Type == zone.TypeSOA {
		return true // its serial is made when it is served
	}
	for _, d := range data {
		if !slices.ContainsFunc(set.Data, func(e []byte) bool { return bytes.Equal(d, e) }) {
			return false
		}
	}
	return true
}

func keyText(k zone.Key) string {
	if k.Meta != "" {
		return k.Meta
	}
	return fmt.Sprintf("%s %s", k.Owner.Text(), k.Type)
}

// state is what a server holds of a zone, the empty state if nothing.
func (s *server) state(z zone.Name) (*zone.State, error) {
	if s.run == nil {
		return nil, errors.New("it is down")
	}
	state, _, err := s.run.node.Store().State(z)
	if errors.Is(err, store.ErrNotFound) {
		return zone.NewState(z), nil
	}
	return state, err
}

// shown is what a server served of a zone when it was last looked at.
type shown struct{ serial uint32 }

// sample notes what a running server holds and serves, and that neither goes back.
func (s *server) sample() {
	if s.run == nil || s.run.dead.Load() {
		return
	}
	n := s.run.node
	o := s.world.oracle
	if synced := n.Store().Synced(); synced > s.run.upTo {
		s.readHistory(n.Store(), synced)
		s.run.upTo = synced
	}
	for _, z := range s.world.names {
		serial, serving := n.Table().Serial(z)
		if last, ok := s.shown[z]; serving && ok && serial != last.serial && int32(serial-last.serial) < 0 {
			o.broken("%s serves %s with serial %d after %d", s.name, z.Text(), serial, last.serial)
		}
		if serving {
			s.shown[z] = shown{serial}
		}
	}
}

// readHistory notes what is new in a server's history, and what it holds now.
func (s *server) readHistory(from *store.Store, synced store.Position) {
	o := s.world.oracle
	entries, err := from.Changes(0, int(synced-s.run.upTo)+1)
	if err != nil {
		o.broken("%s cannot read its history: %v", s.name, err)
	}
	for _, e := range entries {
		o.learn(e)
		for _, k := range e.Keys {
			for _, v := range k.After {
				s.read[had{e.Zone, v.Dot, v.Hash}] = true
			}
		}
	}
	for _, z := range s.world.names {
		if h, err := from.Head(z); err == nil {
			if !h.Vector.Includes(s.floor[z]) {
				o.broken("%s has less of %s than before: %v after %v", s.name, z.Text(), h.Vector, s.floor[z])
			}
			s.floor[z] = h.Vector
		}
	}
}
