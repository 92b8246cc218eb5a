package control

import (
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The bounds of how far a zone's history is read back.
const (
	historyPage  = 200
	historySteps = 10_000
)

// walk reads a zone's history, newest first, until f says stop.
func (c *Control) walk(z zone.Name, f func(store.Entry) (more bool)) error {
	var before store.Position
	for read := 0; read < historySteps; {
		entries, err := c.Store.History(z, before, historyPage)
		if err != nil {
			return fmt.Errorf("read history of zone %s: %w", textOf(z), err)
		}
		for _, e := range entries {
			if !f(e) {
				return nil
			}
			before = e.Position
		}
		if read += len(entries); len(entries) < historyPage {
			return nil
		}
	}
	return nil
}

// stateAt is the zone's state after its change at the position, made from what is there now by taking back what came
// later. Its base is the present one, so its serial means nothing. Position 0 is before the first change.
func (c *Control) stateAt(z zone.Name, at store.Position) (*zone.State, error) {
	s, now, err := c.Store.State(z)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noZone(z)
	}
	if err != nil {
		return nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	if at >= now {
		return s, nil
	}
	h, err := c.Store.Head(z)
	if err != nil {
		return nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	found := false
	err = c.walk(z, func(e store.Entry) bool {
		if e.Position > now {
			return true // committed after the state was read
		}
		if e.Position <= at {
			// Of what the history no longer keeps, the change before is not the answer.
			found = e.Position == at || at > h.Trimmed()
			return false
		}
		for _, k := range e.Keys {
			if len(k.Before) == 0 {
				delete(s.Keys, k.Key)
			} else {
				s.Keys[k.Key] = k.Before
			}
		}
		s.Vector = e.Before
		found = at == 0 && len(e.Before) == 0
		return !found
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, noSuchPast(z, at)
	}
	if s.Vector == nil {
		s.Vector = zone.Vector{}
	}
	return s, nil
}

func noSuchPast(z zone.Name, at store.Position) error {
	return fail(CodeNotFound, textOf(z), "change %d is not in the history that is kept", at).
		hint("zonefleet zone history %s", textOf(z))
}

// shownAt is stateAt for somebody who may see what the zone was then.
func (c *Control) shownAt(p acl.Principal, z zone.Name, at store.Position) (*zone.State, error) {
	s, err := c.stateAt(z, at)
	if err != nil {
		return nil, err
	}
	return s, c.allowPast(p, s, at)
}

// viewAt is what the zone served after its change at the position, nil if it was not served.
func (c *Control) viewAt(p acl.Principal, z zone.Name, at store.Position) (*zone.View, error) {
	s, err := c.shownAt(p, z, at)
	if err != nil {
		return nil, err
	}
	v, _ := s.View()
	return v, nil
}

// version finds the change after which the zone had this ETag, and the vector of then.
func (c *Control) version(z zone.Name, etag string) (store.Position, zone.Vector, error) {
	var at store.Position
	var saw zone.Vector
	err := c.walk(z, func(e store.Entry) bool {
		if e.ETag == etag {
			at, saw = e.Position, e.After
		}
		return at == 0
	})
	if err == nil && at == 0 {
		err = fail(CodeStale, textOf(z), "the version that the edit was made against is not known here").
			hint("show the zone again and repeat the edit on what it says")
	}
	return at, saw, err
}

// valueOf is the RRset that the versions of a key served, nil if none has a value. Only for people: what is really
// served may be the union of several additions.
func valueOf(k zone.Key, versions []zone.Version) *zone.RRset {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].Absent {
			continue
		}
		ttl, data, err := zone.DecodeRRset(versions[i].Value)
		if err != nil {
			return nil
		}
		return &zone.RRset{Owner: k.Owner, Type: k.Type, TTL: ttl, Data: data}
	}
	return nil
}

func metaOf(versions []zone.Version) string {
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].Absent {
			return string(versions[i].Value)
		}
	}
	return ""
}
