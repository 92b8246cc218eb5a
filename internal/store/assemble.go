package store

import (
	"bytes"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Assembly puts zones together from rows that come in the order of Dump, from wherever they come. It checks every row of
// a zone that it sees, and holds one zone at a time, apart from the heads of those that are wanted.
type Assembly struct {
	// Want says whose state is put together; nil: nobody's.
	Want func(Head) bool
	// Found gets each of them.
	Found func(Head, *zone.State) error

	Live, Deleted int // zones seen so far

	heads map[zone.Name]Head
	state *zone.State // of the zone whose rows come now
}

// Add takes the next row.
func (a *Assembly) Add(r Row) error {
	if len(r.Key) < 2 || r.Key[0] != rowFormat {
		return nil // the row that names the layout
	}
	switch r.Key[1] {
	case tableHead:
		return a.head(r)
	case tableCell:
		return a.cell(r)
	}
	return nil
}

// End is called after the last row.
func (a *Assembly) End() error {
	if err := a.found(); err != nil {
		return err
	}
	for _, h := range a.heads { // what is left of a zone may be its head alone
		if err := a.Found(h, emptyState(h)); err != nil {
			return err
		}
	}
	return nil
}

func (a *Assembly) head(r Row) error {
	z, n, err := zone.NameFromWire(r.Key[2:])
	if err != nil || n != len(r.Key)-2 {
		return fmt.Errorf("%w: head %x", ErrCorrupt, r.Key)
	}
	v, err := content(r.Key, r.Value)
	if err != nil {
		return err
	}
	h, err := parseHead(z, v)
	if err != nil {
		return fmt.Errorf("zone %s: %w", z.Text(), err)
	}
	if h.Live {
		a.Live++
	} else {
		a.Deleted++
	}
	if a.Want != nil && a.Want(h) {
		if a.heads == nil {
			a.heads = map[zone.Name]Head{}
		}
		a.heads[z] = h
	}
	return nil
}

func (a *Assembly) cell(r Row) error {
	z, _, err := zone.NameFromWire(r.Key[2:])
	if err != nil {
		return fmt.Errorf("%w: cell %x", ErrCorrupt, r.Key)
	}
	key, err := parseCell(z, r.Key)
	if err != nil {
		return fmt.Errorf("zone %s: %w", z.Text(), err)
	}
	v, err := content(r.Key, r.Value)
	if err != nil {
		return fmt.Errorf("zone %s: %w", z.Text(), err)
	}
	versions, err := parseVersions(bytes.Clone(v))
	if err != nil {
		return fmt.Errorf("zone %s: %w", z.Text(), err)
	}
	if a.state == nil || a.state.Zone != z {
		if err := a.found(); err != nil {
			return err
		}
		if h, wanted := a.heads[z]; wanted {
			a.state = emptyState(h)
		}
	}
	if a.state != nil {
		a.state.Keys[key] = versions
	}
	return nil
}

// found hands over the zone whose rows have all come.
func (a *Assembly) found() error {
	s := a.state
	if s == nil {
		return nil
	}
	h := a.heads[s.Zone]
	delete(a.heads, s.Zone)
	a.state = nil
	return a.Found(h, s)
}

// ZoneOf names the zone that a row is of, "" if it is of none.
func ZoneOf(r Row) zone.Name {
	if len(r.Key) < 2 || r.Key[0] != rowFormat {
		return ""
	}
	switch r.Key[1] {
	case tableHead, tableCell, tableHistory:
		z, _, _ := zone.NameFromWire(r.Key[2:])
		return z
	}
	return ""
}
