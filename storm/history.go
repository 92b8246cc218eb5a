package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// version names one written value for good: a dot alone may come twice where a folder was rolled back.
type version struct {
	zone zone.Name
	key  zone.Key
	dot  zone.Dot
	hash uint32
}

// folder is the past of one data folder: a server, and how often it was rolled back before.
type folder struct {
	server     string
	generation int
}

// sight says that a folder held a version.
type sight struct {
	folder
	at store.Position
}

// end is a deletion of a zone: it replaced what it had seen of the life.
type end struct {
	version
	saw zone.Vector
}

// taking is a write of a server at which changes came over a write-only link: in one commit it took them in, those between
// two vectors, and wrote what the sender has in the place of everything that it then saw of the key.
type taking struct {
	version
	before, after zone.Vector
}

// past is what the histories of all folders tell, also of those that were rolled back.
type past struct {
	mu       sync.Mutex
	last     map[folder]store.Position               // read up to here
	kept     map[folder]store.Position               // rolled back to here: what came after is gone
	written  map[folder]map[store.Position][]version // what each local change wrote
	replaced map[version][]version                   // by whom: writes at a server that had seen it
	seen     map[version][]sight
	ends     map[zone.Name][]end
	takings  map[zone.Name][]taking
	absent   map[version]bool // it is a deletion
}

func newPast() *past {
	return &past{
		last: map[folder]store.Position{}, kept: map[folder]store.Position{}, written: map[folder]map[store.Position][]version{},
		replaced: map[version][]version{}, seen: map[version][]sight{}, ends: map[zone.Name][]end{}, takings: map[zone.Name][]taking{}, absent: map[version]bool{},
	}
}

// rolledBack says that the folder lost what came after the position.
func (p *past) rolledBack(srv *server, to store.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gen := srv.generation()
	p.kept[folder{srv.name, gen}] = to
	p.last[folder{srv.name, gen + 1}] = to
}

// read takes in what is new in the folder of a stopped server, and returns its newest position.
func (p *past) read(srv *server) (store.Position, error) {
	st, err := store.Open(srv.dir, store.Options{})
	if err != nil {
		return 0, err
	}
	last, err := p.readStore(srv, st)
	return last, errors.Join(err, st.Close())
}

func (p *past) readStore(srv *server, st *store.Store) (store.Position, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gen := srv.generation()
	f := folder{srv.name, gen}
	for before := store.Position(0); ; {
		entries, err := st.Changes(before, 1000)
		if err != nil {
			return 0, fmt.Errorf("read the history of %s: %w", srv.name, err)
		}
		for _, e := range entries {
			if e.Position <= p.last[f] {
				p.last[f] = st.Synced()
				return st.Synced(), nil
			}
			p.entry(f, e)
			before = e.Position
		}
		if len(entries) == 0 {
			p.last[f] = st.Synced()
			return st.Synced(), nil
		}
	}
}

// entry takes in one entry. One with a dot was written at that server.
func (p *past) entry(f folder, e store.Entry) {
	for _, k := range e.Keys {
		var mine []version
		for _, v := range k.After {
			id := version{e.Zone, k.Key, v.Dot, v.Hash}
			p.seen[id] = append(p.seen[id], sight{f, e.Position})
			if v.Absent {
				p.absent[id] = true
			}
			if !e.Dot.IsZero() && v.Dot == e.Dot {
				mine = append(mine, id)
			}
			if k.Key.Meta == zone.MetaEnd && !v.Absent {
				p.end(id, v)
			}
		}
		if e.Dot.IsZero() {
			continue
		}
		if p.written[f] == nil {
			p.written[f] = map[store.Position][]version{}
		}
		p.written[f][e.Position] = append(p.written[f][e.Position], mine...)
		if e.Kind == "replace" {
			for _, id := range mine {
				p.takings[e.Zone] = append(p.takings[e.Zone], taking{id, e.Before, e.After})
			}
		}
		for _, v := range k.Before {
			if !holds(k.After, v) {
				id := version{e.Zone, k.Key, v.Dot, v.Hash}
				p.replaced[id] = append(p.replaced[id], mine...)
			}
		}
	}
}

func (p *past) end(id version, v zone.Version) {
	for _, known := range p.ends[id.zone] {
		if known.version == id {
			return
		}
	}
	if saw, _, err := zone.DecodeVector(v.Value); err == nil {
		p.ends[id.zone] = append(p.ends[id.zone], end{id, saw})
	}
}

func holds(versions []zone.Version, v zone.Version) bool {
	for _, w := range versions {
		if w.Dot == v.Dot && w.Hash == v.Hash {
			return true
		}
	}
	return false
}

// discarded says that the folder's change at the position was lost with its disk.
func (p *past) discarded(f folder, at store.Position) bool {
	kept, ok := p.kept[f]
	return ok && at > kept
}

// elsewhere says that a folder of another server held the version and still had it at the end.
func (p *past) elsewhere(v version, server string) bool {
	for _, s := range p.seen[v] {
		if s.server != server && !p.discarded(s.folder, s.at) {
			return true
		}
	}
	return false
}
