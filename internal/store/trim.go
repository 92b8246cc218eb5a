package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Keep says which entries of a zone's history stay. The newest Last do, whatever their age.
type Keep struct {
	Every zone.Millis // each entry from this time on stays
	Daily zone.Millis // of those before Every, from this time on, the last of each day (UTC) stays
	Last  int         // at least 1, so that it is known who changed the zone last
	// Upto is the last entry that may go: somebody has not got what came after. 0 is no bound.
	Upto Position
}

// The bounds of one commit of Trim, and so of how long other commits wait for it.
const (
	trimEntries = 500
	trimOctets  = 2 << 20
)

// Trim forgets what a zone's history need not keep, and returns how many entries are gone. An entry that goes while an
// older one stays is taken into the next one of its day, which then says what the whole day changed: so undo, and what
// the zone was at any change that is left, stay exact. A target that was away for longer gets the whole zone.
func (s *Store) Trim(ctx context.Context, z zone.Name, k Keep) (n int, err error) {
	old, err := s.olderThan(z, k.Every)
	if err != nil || !old {
		return 0, err
	}
	for more, after := true, Position(0); more; {
		t := &trimming{zone: z, keep: k, from: after}
		_, err := s.Commit(ctx, z, func(tx *Tx) error {
			t.tx = tx
			return t.run()
		})
		if err != nil {
			return n, fmt.Errorf("trim history: %w", err)
		}
		n += t.gone
		more, after = t.more, t.next
	}
	return n, nil
}

// olderThan says whether the zone has an entry before the time. It costs one seek.
func (s *Store) olderThan(z zone.Name, at zone.Millis) (old bool, err error) {
	err = s.published.read(func(v *view) error {
		return scan(v, historyKey(z, 0), historyKey(z, upTo(0)), func(_, content []byte) error {
			d := decoder{b: content}
			old = d.millis() < at
			if d.err != nil {
				return d.err
			}
			return errStop
		})
	})
	return old, err
}

// trimming is one commit of Trim.
type trimming struct {
	tx   *Tx
	zone zone.Name
	keep Keep
	from Position // where to go on: everything before stays
	next Position
	more bool
	gone int

	kept    bool // an older entry stays, so that one that goes is taken into a newer one
	held    *Entry
	changed bool // held took another one in
	trimmed Position
}

func (t *trimming) run() error {
	h, err := t.tx.Head()
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	upto, err := t.bound(h)
	if err != nil {
		return err
	}
	t.kept = t.from > 0
	looked, octets := 0, 0
	err = scan(t.tx.reader, historyKey(t.zone, t.from), historyKey(t.zone, upto), func(k, content []byte) error {
		p := Position(keyNumber(k))
		if looked++; looked > trimEntries || looked > 2 && octets > trimOctets { // two may become one
			t.more = true
			return errStop
		}
		octets += len(content)
		e, err := parseEntry(t.zone, p, bytes.Clone(content))
		if err == nil && e.Time >= t.keep.Every {
			err = errStop
		}
		if err == nil {
			t.entry(e)
		}
		return err
	})
	if err != nil {
		return err
	}
	t.stay()
	if t.gone == 0 {
		return nil
	}
	h.trimmed = max(h.trimmed, t.trimmed)
	t.tx.set(headKey(t.zone), h.value())
	return nil
}

// bound is the position before which entries may go: the newest stay, and those that somebody has not got.
func (t *trimming) bound(h Head) (Position, error) {
	upto, left := h.Position, max(t.keep.Last, 1)
	err := scanBack(t.tx.reader, historyKey(t.zone, t.from), historyKey(t.zone, upTo(0)), func(k, _ []byte) error {
		upto = Position(keyNumber(k))
		if left--; left == 0 {
			return errStop
		}
		return nil
	})
	if t.keep.Upto > 0 {
		upto = min(upto, t.keep.Upto+1)
	}
	return upto, err
}

// entry looks at one that is older than Every: it goes, or is held until the next says whether that is of the same day.
func (t *trimming) entry(e Entry) {
	if t.held == nil && !t.kept && e.Time < t.keep.Daily {
		t.forget(e.Position)
		return
	}
	if t.held != nil && sameDay(t.held.Time, e.Time) {
		t.forget(t.held.Position)
		e.takeIn(*t.held)
		t.held, t.changed = &e, true
		return
	}
	t.stay()
	t.held = &e
}

// stay leaves the held entry, with what it took in.
func (t *trimming) stay() {
	if t.held == nil {
		return
	}
	if t.changed {
		t.tx.set(historyKey(t.zone, t.held.Position), t.held.value())
	}
	// The last that was looked at may still be taken into the next.
	t.next, t.kept, t.held, t.changed = t.held.Position, true, nil, false
}

func (t *trimming) forget(p Position) {
	t.tx.delete(historyKey(t.zone, p))
	t.tx.delete(positionKey(p))
	t.trimmed = p
	t.gone++
}

func sameDay(a, b zone.Millis) bool {
	const day = zone.Millis(24 * time.Hour / time.Millisecond)
	return a/day == b/day
}

// KindDay is the kind of an entry that took in others of its day.
const KindDay = "day"

// takeIn makes the entry one of what an older one changed too.
func (e *Entry) takeIn(old Entry) {
	at := make(map[zone.Key]int, len(e.Keys))
	for i, k := range e.Keys {
		at[k.Key] = i
	}
	for _, k := range old.Keys {
		if i, both := at[k.Key]; both {
			e.Keys[i].Before = k.Before
		} else {
			e.Keys = append(e.Keys, k)
		}
	}
	e.Before, e.Whole = old.Before, e.Whole || old.Whole
	e.Kind, e.Set = KindDay, 0
	e.Reason = "all changes of " + time.UnixMilli(int64(e.Time)).UTC().Format(time.DateOnly)
}
