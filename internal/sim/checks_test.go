package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Times of the end of a run.
const (
	// within is how long a cluster without faults may take until everything is everywhere. A member that was disabled is
	// probed once a minute, and the pause between two attempts doubles up to a minute.
	within = 10 * time.Minute
	// compared is within which time two ends of a link are compared: an hour, give or take a tenth.
	compared = 70 * time.Minute
	// attempts is how long until every link is open: the longest pause between two attempts, and its jitter.
	attempts = 2 * time.Minute
	// quiet is how long it is then watched doing nothing.
	quiet = 10 * time.Minute

	// comparison is how many segments one has: a question and an answer in some parts, and a few rounds where something differs.
	comparison = 20
)

// settle ends all faults but wrong clocks, waits until the cluster has come together, and checks what must hold.
func (w *world) settle() error {
	w.net.change(func() {
		for _, p := range w.net.paths {
			p.cut, p.breakIn = false, 0
		}
	})
	for _, s := range w.servers {
		if s.run != nil {
			s.run.disk.trap.Store(nil)
		}
	}
	w.look()
	for _, s := range w.servers {
		if s.run == nil {
			if err := s.start(); err != nil {
				return err
			}
		}
	}
	w.await()
	w.comeTogether()
	w.oracle.check()
	w.alike()
	w.foreign()
	w.stayQuiet()
	return nil
}

// comeTogether waits until no server lacks anything.
func (w *world) comeTogether() {
	for began := time.Now(); ; {
		w.wait(5 * time.Second)
		why, most := w.apart()
		if why == "" {
			return
		}
		if time.Since(began) > most {
			w.oracle.broken("not in step after %s without faults: %s", most, why)
			return
		}
	}
}

// apart says where a server lacks what a link should have brought it, and how long that may take; empty if nowhere.
func (w *world) apart() (why string, most time.Duration) {
	for _, e := range w.links {
		p := cluster.Resolve(cluster.Link{Role: e.role, Zones: e.zones})
		for _, z := range w.names {
			if p.Send != cluster.SendNone {
				if now := lacks(e.from, e.to, z, e); now != "" {
					return now, within
				}
			}
			if !p.Follow {
				continue
			}
			switch now := follows(e, p, z); {
			case now == "":
			case p.TakeOthers:
				return now, within
			case !w.uncompared: // passed by when there was no such zone, and forgotten by a restart: comparing finds it
				why = now
			}
		}
	}
	return why, within + compared
}

// follows is lacks for the way back of a link, where zones that the holder does not have may stay away.
func follows(e *edge, p cluster.Policy, z zone.Name) string {
	here, err := e.from.state(z)
	if err != nil {
		return fmt.Sprintf("%s: %v", e.from.name, err)
	}
	if !p.TakeOthers && len(here.Vector) == 0 {
		return ""
	}
	return lacks(e.to, e.from, z, e)
}

// lacks says that joining a zone of one server would change it at the other.
func lacks(from, to *server, z zone.Name, e *edge) string {
	there, err := from.state(z)
	if err != nil {
		return fmt.Sprintf("%s: %v", from.name, err)
	}
	if len(there.Vector) == 0 {
		return ""
	}
	here, err := to.state(z)
	if err != nil {
		return fmt.Sprintf("%s: %v", to.name, err)
	}
	if e.leaf && refusable(e, there, here) {
		return ""
	}
	have := here.Vector.Clone()
	j, err := here.Join(there.Whole())
	if err != nil {
		return fmt.Sprintf("%s at %s: %v", z.Text(), to.name, err)
	}
	if j.Changed {
		return fmt.Sprintf("%s lacks %s of %s: it has %v of %v", to.name, z.Text(), from.name, have, there.Vector)
	}
	return ""
}

// refusable says that a leaf's link need not bring a zone: one side has a life whose home is not the leaf.
func refusable(e *edge, states ...*zone.State) bool {
	for _, s := range states {
		for _, l := range s.Lives() {
			if homeOf(l.Home) != e.from.fqdn {
				return true
			}
		}
	}
	return false
}

func homeOf(home string) string {
	for i, c := range home {
		if c == ' ' {
			return home[:i]
		}
	}
	return home
}

// foreign says where a leaf has written what it may not. A server that gets changes only from leaves, and from its own people,
// has of each zone lives of one home.
func (w *world) foreign() {
	for _, s := range w.servers {
		if w.repeated || !w.onlyLeaves(s) {
			continue
		}
		for _, z := range w.names {
			state, err := s.state(z)
			if err != nil {
				w.oracle.broken("%s cannot read %s: %v", s.name, z.Text(), err)
				continue
			}
			homes := map[string]bool{}
			for _, l := range state.Lives() {
				if !l.Ended {
					homes[homeOf(l.Home)] = true
				}
			}
			if len(homes) > 1 {
				w.oracle.broken("foreign write: %s has lives of %s with the homes %v", s.name, z.Text(), homes)
			}
		}
	}
}

// onlyLeaves says that all that ever came to a server came from leaves that are members of nobody.
func (w *world) onlyLeaves(s *server) bool {
	leaves := 0
	for _, e := range slices.Concat(w.links, w.removed) {
		if e.from == s || e.to == s {
			if e.from == s || !e.leaf {
				return false
			}
			leaves++
		}
	}
	return leaves > 0
}

// alike says where two servers hold different things although both have seen the same changes.
func (w *world) alike() {
	for _, z := range w.names {
		seen := map[string]*server{}
		digests := map[string][32]byte{}
		for _, s := range w.servers {
			state, err := s.state(z)
			if err != nil {
				w.oracle.broken("%s cannot read %s: %v", s.name, z.Text(), err)
				continue
			}
			etag, digest := state.ETag(), state.Digest()
			if other := seen[etag]; other != nil && digests[etag] != digest {
				w.oracle.broken("%s and %s have seen the same changes of %s and hold different things", other.name, s.name, z.Text())
			}
			seen[etag], digests[etag] = s, digest
		}
	}
}

// stayQuiet watches a cluster in which nothing happens: nothing may be committed, and links carry heartbeats only.
func (w *world) stayQuiet() {
	w.wait(attempts)
	positions := map[*server]store.Position{}
	for _, s := range w.servers {
		positions[s] = s.run.node.Store().Synced()
	}
	before := w.net.carried()
	time.Sleep(quiet)
	w.look()
	for _, s := range w.servers {
		if s.run == nil {
			w.oracle.broken("%s went down by itself", s.name)
			continue
		}
		if now := s.run.node.Store().Synced(); now != positions[s] {
			w.oracle.broken("%s wrote in a quiet cluster: position %d after %d", s.name, now, positions[s])
		}
	}
	for way, n := range w.net.carried() {
		if most := w.heartbeats(way); n-before[way] > most {
			w.oracle.broken("a quiet cluster sent %d segments from %s to %s, more than %d", n-before[way], way.from, way.to, most)
		}
	}
}

// heartbeats is how many segments may go one way in a quiet time: one heartbeat in 15 s on each link, a few for the flow control
// of HTTP/2, and those of one comparison, which an hour's run may have in it. What was refused of a leaf is offered again, more and more rarely.
func (w *world) heartbeats(way pair) int {
	most := w.net.open(way) * (int(quiet/(15*time.Second)) + 3 + comparison)
	for _, e := range w.links {
		if e.leaf {
			most += 2 * len(w.names)
		}
	}
	return most
}
