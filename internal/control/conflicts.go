package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Conflict is one version, or one life, that is not served although nobody who saw it replaced it.
type Conflict struct {
	ID     string // the same on every server
	Kind   zone.ConflictKind
	Zone   zone.Name
	Owner  zone.Name
	Type   zone.Type
	Meta   string
	Hidden Side  // what is not served
	Served *Side // what is served instead, nil if nothing is
}

// Side is one side of a conflict.
type Side struct {
	Author string
	Time   zone.Millis
	Absent bool
	RRset  *zone.RRset  // nil for metadata and lives
	Meta   string       // text of a metadata value
	Life   *Life        // of a zone conflict
	RRsets []zone.RRset // content of that life, filled by ShowConflict only
}

// Life describes a life of a zone to people.
type Life struct {
	Owner   string
	Home    string // name of the home node
	Created zone.Millis
	Records int
}

// ConflictQuery selects conflicts; an empty Zone means all zones.
type ConflictQuery struct {
	Zone  zone.Name
	After string // Next of the page before
	Limit int    // zones' conflicts are never parted, so a page may be longer; default 100
}

// ConflictPage is one page of conflicts.
type ConflictPage struct {
	Conflicts []Conflict
	Next      string
}

// Conflicts lists what is not served, zone by zone.
func (c *Control) Conflicts(ctx context.Context, p acl.Principal, q ConflictQuery) (ConflictPage, error) {
	if err := c.allowZone(p, acl.ReadZone, q.Zone); err != nil {
		return ConflictPage{}, err
	}
	zones := []zone.Name{q.Zone}
	if q.Zone == "" {
		var err error
		if zones, err = c.conflicted(); err != nil {
			return ConflictPage{}, err
		}
	}
	seer, err := c.lifeSeer(p)
	if err != nil {
		return ConflictPage{}, err
	}
	var pg ConflictPage
	for _, z := range zones {
		if z.Text() <= q.After && q.Zone == "" && q.After != "" {
			continue
		}
		if len(pg.Conflicts) >= page(q.Limit) {
			return pg, nil
		}
		if seen, err := c.seesZone(seer.sight, z); err != nil || !seen {
			if err != nil {
				return ConflictPage{}, err
			}
			continue
		}
		s, found, err := c.conflictsOf(z)
		if err != nil {
			return ConflictPage{}, err
		}
		for _, f := range seer.conflicts(s, found) {
			pg.Conflicts = append(pg.Conflicts, describeConflict(s, f))
		}
		pg.Next = z.Text()
	}
	pg.Next = ""
	return pg, nil
}

// conflicted returns the zones with conflicts in the order of their names.
func (c *Control) conflicted() ([]zone.Name, error) {
	rows, err := c.Store.Records(kindConflicted)
	if err != nil {
		return nil, fmt.Errorf("read zones with conflicts: %w", err)
	}
	zones := make([]zone.Name, 0, len(rows))
	for z := range maps.Keys(rows) {
		zones = append(zones, zone.Name(z))
	}
	slices.SortFunc(zones, func(a, b zone.Name) int { return strings.Compare(a.Text(), b.Text()) })
	return zones, nil
}

func (c *Control) conflictsOf(z zone.Name) (*zone.State, []zone.Conflict, error) {
	s, _, err := c.Store.State(z)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, noZone(z)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	return s, s.Conflicts(), nil
}

// ShowConflict returns one conflict with the whole content of its sides.
func (c *Control) ShowConflict(ctx context.Context, p acl.Principal, id string) (Conflict, error) {
	s, found, err := c.findConflict(p, acl.ReadZone, id)
	if err != nil {
		return Conflict{}, err
	}
	d := describeConflict(s, found)
	if found.Kind == zone.ConflictLife {
		d.Hidden.RRsets = lifeContent(s, found.Key.Life)
		if life, ok := s.Life(); ok && d.Served != nil {
			d.Served.RRsets = lifeContent(s, life.Life)
		}
	}
	return d, nil
}

func lifeContent(s *zone.State, life zone.Dot) []zone.RRset {
	v, ok := s.LifeView(life)
	if !ok {
		return nil
	}
	return v.RRsets
}

// findConflict looks for an id in the zones that have conflicts.
func (c *Control) findConflict(p acl.Principal, v acl.Verb, id string) (*zone.State, zone.Conflict, error) {
	if err := allowed(p, acl.ReadZone); err != nil {
		return nil, zone.Conflict{}, err
	}
	zones, err := c.conflicted()
	if err != nil {
		return nil, zone.Conflict{}, err
	}
	seer, err := c.lifeSeer(p)
	if err != nil {
		return nil, zone.Conflict{}, err
	}
	for _, z := range zones {
		if seen, err := c.seesZone(seer.sight, z); err != nil {
			return nil, zone.Conflict{}, err
		} else if !seen {
			continue
		}
		s, found, err := c.conflictsOf(z)
		if err != nil {
			return nil, zone.Conflict{}, err
		}
		for _, f := range seer.conflicts(s, found) {
			if conflictID(f) == id {
				return s, f, c.allowZone(p, v, z)
			}
		}
	}
	return nil, zone.Conflict{}, noConflict(id)
}

func noConflict(id string) error {
	return fail(CodeNotFound, "conflict "+id, "there is no such conflict, or it is settled").hint("zonefleet conflict list")
}

// conflictID names a conflict by what is the same on every server: the zone, the key and the version that is hidden.
func conflictID(c zone.Conflict) string {
	b := append([]byte(c.Kind), 0)
	b = append(append(b, c.Zone...), 0)
	b = zone.AppendKey(b, c.Key)
	b = append(b, c.Hidden.Dot.Node[:]...)
	b = binary.BigEndian.AppendUint64(b, c.Hidden.Dot.Counter)
	b = binary.BigEndian.AppendUint32(b, c.Hidden.Hash)
	sum := sha256.Sum256(b)
	const length = 10 // 50 bits: among a million conflicts two are alike with a chance of 1 in 2,000
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:length])
}

func describeConflict(s *zone.State, f zone.Conflict) Conflict {
	d := Conflict{
		ID: conflictID(f), Kind: f.Kind, Zone: f.Zone, Owner: f.Key.Owner, Type: f.Key.Type, Meta: f.Key.Meta,
		Hidden: sideOf(f.Key, f.Hidden),
	}
	if f.Served != nil {
		side := sideOf(servedKey(s, f), *f.Served)
		d.Served = &side
	}
	if f.Kind != zone.ConflictLife {
		return d
	}
	d.Meta, d.Hidden.Meta, d.Hidden.Life = "", "", lifeOf(s, f.Key.Life)
	if life, ok := s.Life(); ok && d.Served != nil {
		d.Served.Meta, d.Served.Life = "", lifeOf(s, life.Life)
	}
	return d
}

// servedKey is the key of what is served instead. Beside what the CNAME rule hides that is one of another type.
func servedKey(s *zone.State, f zone.Conflict) zone.Key {
	if f.Kind != zone.ConflictCNAME {
		return f.Key
	}
	for k, versions := range s.Keys {
		same := func(v zone.Version) bool { return v.Dot == f.Served.Dot && bytes.Equal(v.Value, f.Served.Value) }
		if k.Life == f.Key.Life && k.Owner == f.Key.Owner && k.Type != f.Key.Type && slices.ContainsFunc(versions, same) {
			return k
		}
	}
	return f.Key
}

// sideOf describes a version.
func sideOf(k zone.Key, v zone.Version) Side {
	side := Side{Author: v.Author, Time: v.Time, Absent: v.Absent}
	if k.Meta != "" {
		side.Meta = string(v.Value)
	} else if !v.Absent {
		side.RRset = valueOf(k, []zone.Version{v})
	}
	return side
}

func lifeOf(s *zone.State, life zone.Dot) *Life {
	v, ok := s.LifeView(life)
	if !ok {
		return nil
	}
	l := &Life{Owner: v.Owner, Home: nameOf(v.Home), Created: v.Created}
	for _, set := range v.RRsets {
		l.Records += len(set.Data)
	}
	return l
}
