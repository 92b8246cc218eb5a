package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// reckonAtOnce bounds how many zones one commit of reckon reads, and so how long other commits wait for it.
const reckonAtOnce = 32

// digests is the tree of what this node holds. It is read from the head rows once, when it is first asked for, and
// follows the committer from then on; nothing of single zones is kept in memory.
type digests struct {
	build sync.Mutex // held by who builds the tree, and by who lists zones: both read every head row
	mu    sync.Mutex
	tree  *digest.Tree // nil until it is built
	// late are the changes since building began, which the snapshot that it reads may lack.
	late     []move
	building bool
}

// move is one zone as it was, and as it is.
type move struct{ old, now Head }

// entry is the zone as trees have it.
func (h Head) entry() digest.Entry {
	sum := zone.DigestOf(h.Zone, h.Vector, h.Base, h.keys)
	return digest.Entry{
		Zone: h.Zone, Group: h.group(), State: zone.SumFrom([16]byte(sum[:16])),
		Content: zone.SumOf(appendSum(append(appendBool(nil, h.Live), h.Zone...), h.content)),
	}
}

func (h Head) group() digest.Group {
	if !h.Live {
		return digest.Group{Deleted: true}
	}
	return digest.GroupOf(h.Home, h.Owner)
}

// Sums is what servers compare of the zone: the digest of its state, and of what it serves. Of a zone that an older release
// wrote they are right only once a tree was asked for.
func (h Head) Sums() (state, content zone.Sum) {
	e := h.entry()
	return e.State, e.Content
}

func (d *digests) built() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tree != nil
}

// move follows a batch, after it was published.
func (d *digests) move(moved []move) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.building {
		d.late = append(d.late, moved...)
	}
	if d.tree == nil {
		return
	}
	for _, m := range moved {
		d.follow(m)
	}
}

func (d *digests) follow(m move) {
	if m.old.Position != 0 {
		d.tree.Remove(m.old.entry())
	}
	d.tree.Add(m.now.entry())
}

// Digests calls f with the tree of all zones, which f must not keep or change. The first call reads all head rows.
func (s *Store) Digests(ctx context.Context, f func(*digest.Tree)) error {
	if err := s.buildDigests(ctx); err != nil {
		return fmt.Errorf("read digests: %w", err)
	}
	s.digests.mu.Lock()
	defer s.digests.mu.Unlock()
	f(s.digests.tree)
	return nil
}

func (s *Store) buildDigests(ctx context.Context) error {
	d := &s.digests
	if d.built() { // does not wait for who lists zones
		return nil
	}
	d.build.Lock()
	defer d.build.Unlock()
	if d.built() {
		return nil
	}
	if err := s.reckon(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	d.building = true
	d.mu.Unlock()
	tree, synced, err := s.readDigests(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.tree = tree
		for _, m := range d.late {
			if m.now.Position > synced {
				d.follow(m)
			}
		}
	}
	d.late, d.building = nil, false
	return err
}

func (s *Store) readDigests(ctx context.Context) (tree *digest.Tree, synced Position, err error) {
	tree = &digest.Tree{}
	err = s.published.read(func(v *view) error {
		synced = v.synced
		return scanHeads(ctx, v, "", func(h Head) error {
			tree.Add(h.entry())
			return nil
		})
	})
	return tree, synced, err
}

func scanHeads(ctx context.Context, v *view, from zone.Name, f func(Head) error) error {
	return scan(v, headKey(from), tableKey(tableHead+1), func(k, content []byte) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h, err := parseHead(zone.Name(k[2:]), content)
		if err != nil {
			return err
		}
		return f(h)
	})
}

// reckon makes the sums of zones that an older release wrote, in small commits without a position: nothing changes that
// anybody follows.
func (s *Store) reckon(ctx context.Context) error {
	for from := zone.Name(""); ; {
		var zones []zone.Name
		err := s.published.read(func(v *view) error {
			return scanHeads(ctx, v, from, func(h Head) error {
				if !h.reckoned {
					zones = append(zones, h.Zone)
				}
				if len(zones) >= reckonAtOnce {
					return errStop
				}
				return nil
			})
		})
		if err != nil || len(zones) == 0 {
			return err
		}
		from = zones[len(zones)-1]
		if _, err := s.Commit(ctx, "", func(tx *Tx) error { return tx.reckon(zones) }); err != nil {
			return err
		}
	}
}

func (tx *Tx) reckon(zones []zone.Name) error {
	for _, z := range zones {
		h, err := loadHead(tx.reader, z)
		if err != nil {
			return err
		}
		if h.reckoned {
			continue
		}
		st, err := loadState(tx.reader, h)
		if err != nil {
			return err
		}
		_, h.sums = derivedFrom(st, h.facts)
		tx.set(headKey(z), h.value())
	}
	return nil
}

// ListDigests calls f with each zone below the branches, and with the one of them that it is below. It reads every head
// row, so one call at a time does.
func (s *Store) ListDigests(ctx context.Context, branches []digest.Branch, f func(digest.Branch, digest.Entry)) error {
	wanted := make(map[digest.Branch]bool, len(branches))
	for _, b := range branches {
		wanted[b] = true
	}
	s.digests.build.Lock()
	defer s.digests.build.Unlock()
	return s.published.read(func(v *view) error {
		return scanHeads(ctx, v, "", func(h Head) error {
			for _, b := range digest.Place(h.Zone, h.group()) {
				if wanted[b] {
					f(b, h.entry())
					break
				}
			}
			return nil
		})
	})
}
