package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Change is one entry of the history.
type Change struct {
	Position    store.Position
	Zone        zone.Name
	Time        zone.Millis
	Kind        string // "create", "edit", "import", "delete", "restore", "undo", "join", "choose", "replace", "day" (all of one day)
	Author      string
	Reason      string
	Source      string // token and address, or the member by which it came
	ETag        string // of the zone after it
	Set         uint64 // the change set that it is part of; 0: of none
	Keys        int    // RRsets and metadata values touched
	Differences []Difference
}

// History returns the changes of one zone, newest first, below position before (0: from the newest). Only ShowChange
// fills Differences.
func (c *Control) History(ctx context.Context, p acl.Principal, z zone.Name, before store.Position, limit int) ([]Change, error) {
	if err := c.allowZone(p, acl.ReadHistory, z); err != nil {
		return nil, err
	}
	if _, err := c.Store.Head(z); errors.Is(err, store.ErrNotFound) {
		return nil, noZone(z)
	}
	entries, err := c.seenEntries(p, before, page(limit), func(before store.Position, limit int) ([]store.Entry, error) {
		return c.Store.History(z, before, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("read history of zone %s: %w", textOf(z), err)
	}
	return changes(entries), nil
}

// Changes returns the changes of all zones, newest first.
func (c *Control) Changes(ctx context.Context, p acl.Principal, before store.Position, limit int) ([]Change, error) {
	if err := allowed(p, acl.ReadHistory); err != nil {
		return nil, err
	}
	read := c.Store.Changes
	if !p.Root {
		zones, err := c.zonesSeen(p)
		if err != nil {
			return nil, err
		}
		read = func(before store.Position, limit int) ([]store.Entry, error) {
			return c.Store.ChangesOf(zones, before, limit)
		}
	}
	entries, err := c.seenEntries(p, before, page(limit), read)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return changes(entries), nil
}

// ShowChange returns one change with its differences.
func (c *Control) ShowChange(ctx context.Context, p acl.Principal, pos store.Position) (Change, error) {
	e, err := c.entry(p, pos)
	if err != nil {
		return Change{}, err
	}
	ch := changeOf(e)
	ch.Differences = entryDifferences(e)
	return ch, nil
}

func (c *Control) entry(p acl.Principal, pos store.Position) (store.Entry, error) {
	if err := allowed(p, acl.ReadHistory); err != nil {
		return store.Entry{}, err
	}
	e, err := c.Store.Entry(pos)
	seen := err == nil
	if seen && !p.Root {
		var seer *lifeSeer
		if seer, err = c.lifeSeer(p); err == nil {
			seen, err = seer.entry(e)
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && !seen:
		return store.Entry{}, fail(CodeNotFound, fmt.Sprintf("change %d", pos), "there is no such change, or it is no longer kept")
	case err != nil:
		return store.Entry{}, fmt.Errorf("read change %d: %w", pos, err)
	}
	return e, nil
}

func changes(entries []store.Entry) []Change {
	list := make([]Change, len(entries))
	for i, e := range entries {
		list[i] = changeOf(e)
	}
	return list
}

func changeOf(e store.Entry) Change {
	return Change{
		Position: e.Position, Zone: e.Zone, Time: e.Time, Kind: e.Kind, Author: e.Author,
		Reason: e.Reason, Source: e.Source, ETag: e.ETag, Set: e.Set, Keys: len(e.Keys),
	}
}

// entryDifferences is what a change did to each key that shows it.
func entryDifferences(e store.Entry) []Difference {
	var list []Difference
	for _, k := range e.Keys {
		if d := differenceOf(k.Key, k.Before, k.After); d.differs() {
			list = append(list, d)
		}
	}
	return list
}

func differenceOf(k zone.Key, before, after []zone.Version) Difference {
	d := Difference{Owner: k.Owner, Type: k.Type, Meta: k.Meta}
	if k.Meta == "" {
		d.Before, d.After = valueOf(k, before), valueOf(k, after)
		return d
	}
	if k.Meta != zone.MetaEnd && k.Meta != zone.MetaTouched { // no text
		d.BeforeMeta, d.AfterMeta = metaOf(before), metaOf(after)
	} else if len(before) == 0 && len(after) > 0 {
		d.AfterMeta = "yes"
	}
	return d
}

func (d Difference) differs() bool {
	if d.Meta != "" {
		return d.BeforeMeta != d.AfterMeta
	}
	var before, after []zone.RRset
	if d.Before != nil {
		before = []zone.RRset{*d.Before}
	}
	if d.After != nil {
		after = []zone.RRset{*d.After}
	}
	return len(zone.Diff(before, after)) > 0
}
