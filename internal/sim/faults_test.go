package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What the network, disks and clocks do.

func (w *world) ways(v values, f func(there, back *path)) error {
	a, b, err := v.pair()
	if err != nil {
		return err
	}
	w.net.change(func() { f(w.net.path(a.addr, b.addr), w.net.path(b.addr, a.addr)) })
	return nil
}

func (w *world) cutsOneWay(v values) error {
	return w.ways(v, func(there, _ *path) { there.cut = true })
}

func (w *world) cutsBothWays(v values) error {
	return w.ways(v, func(there, back *path) { there.cut, back.cut = true, true })
}

func (w *world) heals(v values) error {
	return w.ways(v, func(there, back *path) { there.cut, back.cut = false, false })
}

func (w *world) healsAll(values) error {
	w.net.change(func() {
		for _, p := range w.net.paths {
			p.cut = false
		}
	})
	return nil
}

func (w *world) breaks(v values) error {
	a, b, err := v.pair()
	if err != nil {
		return err
	}
	w.net.breakAll(a.addr, b.addr)
	return nil
}

func (w *world) breaksAt(v values) error {
	n, err := v.number()
	if err != nil {
		return err
	}
	return w.ways(v, func(there, _ *path) { there.breakIn = n })
}

func (w *world) slows(v values) error {
	return v.lasting("TIME", func(d time.Duration) {
		_ = w.ways(v, func(there, _ *path) { there.latency = d })
	})
}

// hides puts a server behind NAT: it dials, nobody dials it.
func (w *world) hides(v values) error {
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	w.net.change(func() {
		for _, other := range w.servers {
			w.net.path(other.addr, s.addr).blocked = true
		}
	})
	return nil
}

func (w *world) clones(v values) error {
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	if _, err := s.running(); err != nil {
		return err
	}
	c, err := s.cloneAs(v.of["CLONE"])
	if err != nil {
		return err
	}
	for _, e := range w.links {
		if e.from == s {
			w.links = append(w.links, &edge{from: c, to: e.to, role: e.role, zones: e.zones, leaf: e.leaf})
		}
	}
	return c.start()
}

// leaves takes a server away, with its disk and its links. What nobody else has is gone.
func (w *world) leaves(v values) error {
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	if s.run != nil {
		if err := s.crash(false); err != nil {
			return err
		}
	}
	s.gone = true
	w.servers = slices.DeleteFunc(w.servers, func(other *server) bool { return other == s })
	w.gone = append(w.gone, s)
	w.links = slices.DeleteFunc(w.links, func(e *edge) bool { return e.from == s || e.to == s })
	w.oracle.excuse()
	return nil
}

func (w *world) setsClock(v values) error {
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	return v.lasting("TIME", func(d time.Duration) {
		s.clock.Store(int64(d))
		w.hasty = w.hasty || d > 7*24*time.Hour
	})
}

// forgets is the daily pass of forgetting.
func (w *world) forgets(v values) error {
	_, c, err := v.control()
	if err != nil {
		return err
	}
	return c.Expire(context.Background())
}

// replay is an old message.
type replay struct {
	delta zone.Delta
	from  *server
}

// records keeps what a server would send now of each zone: the whole state, and the newest change alone.
func (w *world) records(v values) error {
	s, err := v.server("SERVER")
	if err != nil {
		return err
	}
	r, err := s.running()
	if err != nil {
		return err
	}
	for _, z := range w.names {
		h, err := r.node.Store().Head(z)
		if err != nil {
			continue
		}
		if d, _, err := r.node.Store().Delta(z, 0); err == nil {
			w.replays = append(w.replays, replay{d, s})
		}
		if d, _, err := r.node.Store().Delta(z, h.Position-1); err == nil {
			w.replays = append(w.replays, replay{d, s})
		}
	}
	return nil
}

// repeats hands old messages to a server, the newest first: duplicates, out of order.
func (w *world) repeats(v values) error {
	s, c, err := v.control()
	if err != nil {
		return err
	}
	w.repeated = true
	for i := len(w.replays) - 1; i >= 0; i-- {
		r := w.replays[i]
		src := control.LinkSource{Name: r.from.fqdn, Grant: cluster.Grant{Kind: cluster.Relay, User: "root"}, TakeOthers: true}
		if _, err := c.Receive(context.Background(), src, []control.Incoming{{Delta: r.delta, Position: uint64(i + 1)}}); err != nil {
			return fmt.Errorf("repeat to %s: %w", s.name, err)
		}
	}
	return nil
}
