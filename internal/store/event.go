package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Event is something that happened to the node and is no change of a zone: a member that failed, a setting, an alarm.
type Event struct {
	ID       uint64 // given by the store, from 1
	Time     zone.Millis
	Kind     string
	Severity string
	Zone     zone.Name // empty if none
	Member   string    // empty if none
	Author   string
	Text     string
	Fields   map[string]string
}

// eventsKept is how many events are kept; the oldest goes with each new one.
const eventsKept = 100_000

// AppendEvent adds an event; the store numbers it.
func (tx *Tx) AppendEvent(e Event) {
	tx.counters.event++
	id := tx.counters.event
	tx.set(numberKey(tableEvent, id), e.value())
	if id > eventsKept {
		tx.delete(numberKey(tableEvent, id-eventsKept))
	}
}

// Events returns the events after the number, oldest first, at most limit.
func (s *Store) Events(after uint64, limit int) ([]Event, error) {
	return s.EventsThat(after, limit, nil)
}

// EventsThat is Events for those that want wants; nil wants all.
func (s *Store) EventsThat(after uint64, limit int, want func(Event) bool) (events []Event, err error) {
	err = s.published.read(func(v *view) error {
		return scan(v, numberKey(tableEvent, after+1), tableKey(tableEvent+1), func(k, content []byte) error {
			if len(events) >= limit {
				return errStop
			}
			e, err := parseEvent(keyNumber(k), content)
			if err == nil && (want == nil || want(e)) {
				events = append(events, e)
			}
			return err
		})
	})
	return events, err
}

// LastEvents returns the newest events, oldest first, at most limit.
func (s *Store) LastEvents(limit int) ([]Event, error) { return s.LastEventsThat(limit, nil) }

// LastEventsThat is LastEvents for those that want wants; nil wants all.
func (s *Store) LastEventsThat(limit int, want func(Event) bool) (events []Event, err error) {
	err = s.published.read(func(v *view) error {
		return scanBack(v, numberKey(tableEvent, 0), tableKey(tableEvent+1), func(k, content []byte) error {
			if len(events) >= limit {
				return errStop
			}
			e, err := parseEvent(keyNumber(k), content)
			if err == nil && (want == nil || want(e)) {
				events = append(events, e)
			}
			return err
		})
	})
	slices.Reverse(events)
	return events, err
}

func (e Event) value() []byte {
	b := binary.AppendVarint(value(), int64(e.Time))
	for _, s := range []string{e.Kind, e.Severity, string(e.Zone), e.Member, e.Author, e.Text} {
		b = appendString(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Fields)))
	for _, k := range slices.Sorted(maps.Keys(e.Fields)) {
		b = appendString(appendString(b, k), e.Fields[k])
	}
	return b
}

func parseEvent(id uint64, v []byte) (Event, error) {
	d := decoder{b: v}
	e := Event{ID: id, Time: d.millis()}
	e.Kind = d.string()
	e.Severity = d.string()
	e.Zone = zone.Name(d.string())
	e.Member = d.string()
	e.Author = d.string()
	e.Text = d.string()
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		if e.Fields == nil {
			e.Fields = map[string]string{}
		}
		k := d.string()
		e.Fields[k] = d.string()
	}
	if d.err != nil {
		return Event{}, fmt.Errorf("event row %d: %w", id, d.err)
	}
	return e, nil
}
