package sim

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What a scenario expects of its servers.

func (v values) served() (zone.RRset, bool, error) {
	a := act{values: v}
	z, err := a.zoneName()
	if err != nil {
		return zone.RRset{}, false, err
	}
	s, err := v.server("SERVER")
	if err != nil {
		return zone.RRset{}, false, err
	}
	state, err := s.state(z)
	if err != nil {
		return zone.RRset{}, false, err
	}
	owner, t, _, err := v.record()
	set, ok := state.Served(owner, t)
	return set, ok, err
}

func (w *world) serves(v values) error {
	set, ok, err := v.served()
	if err != nil {
		return err
	}
	_, _, data, err := v.record()
	if err != nil {
		return err
	}
	if !ok || !slices.ContainsFunc(set.Data, func(d []byte) bool { return bytes.Equal(d, data[0]) }) {
		return fmt.Errorf("it serves %v", set)
	}
	return nil
}

func (w *world) servesNothing(v values) error {
	set, ok, err := v.served()
	if err == nil && ok {
		err = fmt.Errorf("it serves %v", set)
	}
	return err
}

func (w *world) lists(v values) error {
	z, err := zone.ParseName(v.of["ZONE"])
	if err != nil {
		return err
	}
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	want, err := v.number()
	if err != nil {
		return err
	}
	state, err := s.state(z)
	if err != nil {
		return err
	}
	if found := state.Conflicts(); len(found) != want {
		return fmt.Errorf("it lists %d: %v", len(found), found)
	}
	return nil
}

// reports looks for an event of a kind.
func (w *world) reports(v values) error {
	kinds, err := v.events()
	if err == nil && !slices.Contains(kinds, v.of["KIND"]) {
		err = fmt.Errorf("it reports only %v", kinds)
	}
	return err
}

func (w *world) reportsNo(v values) error {
	kinds, err := v.events()
	if err == nil && slices.Contains(kinds, v.of["KIND"]) {
		err = fmt.Errorf("it reports %v", kinds)
	}
	return err
}

// events are the kinds of a server's events.
func (v values) events() (kinds []string, err error) {
	_, c, err := v.control()
	if err != nil {
		return nil, err
	}
	events, err := c.Events(context.Background(), acl.Local(), 0, 1000)
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds, err
}
