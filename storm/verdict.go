package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// fate is what became of an acknowledged change. A change of several records has the greatest of their fates.
type fate int

const (
	replaced fate = iota // by a write that saw it, which itself stands or was replaced like that
	inConflict
	served
	lostWithDisk // only one server ever had it, and that one's folder was rolled back
	lost
)

// verdict is what the table prints.
type verdict struct {
	acknowledged, held int
	count              map[fate]int
	lost               []string // the changes, for people
}

// judge waits until the servers are equal, stops them, and asks what became of each acknowledged change.
func (s *storm) judge(ctx context.Context) (bool, error) {
	s.line()
	for reason, n := range s.ledger.refusals() {
		s.log.say(fmt.Sprintf("%d times not done: %s", n, reason))
	}
	wrong := s.settle(ctx)
	content, more := s.contents(ctx)
	holding := s.held(ctx)
	wrong = append(append(wrong, more...), holding...)
	for _, srv := range s.servers {
		if err := srv.stop(); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	states, more, err := s.states()
	if err != nil {
		return false, err
	}
	wrong = append(wrong, more...)
	v := s.verdict(&court{past: s.past, states: states, served: content, known: map[version]fate{}})
	v.held += len(holding)
	table(s.out, v)
	said, _ := s.findings.all()
	wrong = append(append(v.lost, said...), wrong...)
	if v.held > 0 {
		wrong = append(wrong, fmt.Sprintf("%d changes were held by the brake", v.held))
	}
	if v.acknowledged == 0 {
		wrong = append(wrong, "no change was acknowledged: nothing was tested")
	}
	const most = 40
	for i, w := range wrong {
		s.log.say("WRONG " + w)
		if i < most {
			fmt.Fprintln(s.out, "WRONG:", w)
		} else if i == most {
			fmt.Fprintf(s.out, "and %d more, see %s\n", len(wrong)-most, s.log.path)
		}
	}
	if len(wrong) == 0 {
		fmt.Fprintf(s.out, "good: nothing is lost, all servers are equal (seed %d)\n", s.seed)
	}
	return len(wrong) == 0, nil
}

// states reads the folders of the stopped servers: their histories, and the state of each zone, which must be one.
func (s *storm) states() (map[zone.Name]*zone.State, []string, error) {
	first := map[zone.Name]*zone.State{}
	var wrong []string
	for i, srv := range s.servers {
		st, err := store.Open(srv.dir, store.Options{})
		if err != nil {
			return nil, nil, err
		}
		if _, err := s.past.readStore(srv, st); err != nil {
			return nil, nil, err
		}
		err = eachState(st, func(state *zone.State) {
			switch {
			case i == 0:
				first[state.Zone] = state
			case first[state.Zone] == nil:
				wrong = append(wrong, fmt.Sprintf("%s has a state of zone %s, %s has none", srv.name, state.Zone.Text(), s.servers[0].name))
			case !srv.shows(state.Zone.Text()):
				if !reaches(first[state.Zone].Vector, state.Vector) {
					wrong = append(wrong, fmt.Sprintf("%s lacks changes of %s of zone %s", s.servers[0].name, srv.name, state.Zone.Text()))
				}
			case first[state.Zone].Digest() != state.Digest():
				wrong = append(wrong, fmt.Sprintf("the states of zone %s differ between %s and %s", state.Zone.Text(), s.servers[0].name, srv.name))
			}
		})
		if err != nil {
			return nil, nil, err
		}
		if err := st.Close(); err != nil {
			return nil, nil, err
		}
	}
	return first, wrong, nil
}

// reaches says that a server that has seen v has seen all of w.
func reaches(v, w zone.Vector) bool {
	for node, n := range w {
		if v[node] < n {
			return false
		}
	}
	return true
}

func eachState(st *store.Store, f func(*zone.State)) error {
	q := store.Query{Limit: 1000, IncludeDeleted: true}
	for {
		page, next, _, err := st.Heads(q)
		if err != nil {
			return err
		}
		for _, h := range page {
			state, _, err := st.State(h.Zone)
			if err != nil {
				return err
			}
			f(state)
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}

// verdict looks up every acknowledged change.
func (s *storm) verdict(c *court) verdict {
	v := verdict{count: map[fate]int{}}
	told := map[sight]bool{}
	for _, a := range s.ledger.all() {
		switch a.outcome {
		case held:
			v.held++
		case acknowledged:
			v.acknowledged++
			f, why := c.change(a)
			if key := (sight{folder{a.server, a.generation}, store.Position(a.change)}); told[key] {
				f, why = lost, "another change was acknowledged under the same number"
			} else {
				told[key] = true
			}
			v.count[f]++
			if f == lost {
				v.lost = append(v.lost, fmt.Sprintf("lost: %s of zone %s at %s (change %d of folder %d, sent %s): %s",
					a.kind, a.zone, a.server, a.change, a.generation, a.sent.UTC().Format("15:04:05.000"), why))
			}
		}
	}
	return v
}

// court knows the end and the past.
type court struct {
	past   *past
	states map[zone.Name]*zone.State
	served map[string]map[string]bool // by zone, what the first server serves
	known  map[version]fate
	hidden map[zone.Name]map[version]bool
}

// change is the fate of an acknowledged change.
func (c *court) change(a *act) (fate, string) {
	f := folder{a.server, a.generation}
	at := store.Position(a.change)
	wrote, ok := c.past.written[f][at]
	if !ok {
		if c.past.discarded(f, at) {
			return lostWithDisk, ""
		}
		return lost, "the server that acknowledged it has no such change"
	}
	if len(wrote) > 0 && a.zone != "" && wrote[0].zone.Text() != a.zone {
		return lost, "the server that acknowledged it has made another change under that number, of " + wrote[0].zone.Text()
	}
	worst, why := replaced, ""
	for _, v := range wrote {
		if v.key.Meta != "" && v.key.Meta != zone.MetaEnd {
			continue
		}
		is := c.version(v)
		if is == lost && c.past.discarded(f, at) && !c.past.elsewhere(v, a.server) {
			is = lostWithDisk
		}
		if is > worst {
			worst = is
		}
		if is == lost {
			why = c.describe(v)
		}
	}
	return worst, why
}

// describe says which version it is and what is now in its place.
func (c *court) describe(v version) string {
	what := fmt.Sprintf("%s %s, version %s", v.key.Owner.Text(), v.key.Type, v.dot)
	if v.key.Meta != "" {
		what = fmt.Sprintf("%s of life %s, version %s", v.key.Meta, v.key.Life, v.dot)
	}
	s := c.states[v.zone]
	if s == nil {
		return what + "; nothing is known of the zone"
	}
	if !s.Vector.Covers(v.dot) {
		what += "; never heard of"
	}
	for _, have := range s.Keys[v.key] {
		what += fmt.Sprintf("; now there is %s %s absent %t, by %s at %s", have.Dot, text(v.key, have), have.Absent, have.Author, time.UnixMilli(int64(have.Time)).UTC().Format("15:04:05.000"))
	}
	for _, by := range c.past.replaced[v] {
		what += fmt.Sprintf("; replaced by %s, which is lost: %t", by.dot, c.version(by) >= lostWithDisk)
	}
	return what
}

func text(k zone.Key, v zone.Version) string {
	_, data, err := zone.DecodeRRset(v.Value)
	if err != nil || k.Meta != "" {
		return ""
	}
	var list []string
	for _, d := range data {
		list = append(list, zone.DataString(k.Type, d))
	}
	return strings.Join(list, " ")
}

// version is the fate of one version; lost if nothing tells.
func (c *court) version(v version) fate {
	if f, ok := c.known[v]; ok {
		return f
	}
	c.known[v] = lost // while it is looked up: nothing replaces itself
	f := c.lookUp(v)
	c.known[v] = f
	return f
}

func (c *court) lookUp(v version) fate {
	s := c.states[v.zone]
	if s == nil {
		return lost
	}
	for _, have := range s.Keys[v.key] {
		if have.Dot == v.dot && have.Hash == v.hash {
			return c.present(s, v, have)
		}
	}
	for _, by := range c.past.replaced[v] {
		if c.version(by) < lostWithDisk {
			return replaced
		}
	}
	for _, t := range c.past.takings[v.zone] {
		if t.key == v.key && t.after.Covers(v.dot) && !t.before.Covers(v.dot) && t.dot != v.dot && c.version(t.version) < lostWithDisk {
			return replaced
		}
	}
	for _, e := range c.past.ends[v.zone] {
		if e.key.Life == v.key.Life && e.saw.Covers(v.dot) && c.version(e.version) < lostWithDisk {
			return replaced
		}
	}
	// A deletion that stands alone is forgotten after a month: by a server whose clock is a year ahead, at once.
	if c.past.absent[v] && s.Vector.Covers(v.dot) && len(s.Keys[v.key]) == 0 {
		return served
	}
	return lost
}

// present is the fate of a version that is in the state.
func (c *court) present(s *zone.State, v version, have zone.Version) fate {
	if v.key.Meta == zone.MetaEnd {
		return served
	}
	if c.listed(s, v.key, have) || c.hiddenIn(s)[lifeOf(s, v)] {
		return inConflict
	}
	for k, versions := range s.Keys {
		if k.Meta != zone.MetaEnd || k.Life != v.key.Life {
			continue
		}
		for _, e := range versions {
			if saw, _, err := zone.DecodeVector(e.Value); err == nil && saw.Covers(v.dot) {
				return replaced
			}
		}
		if have.Absent {
			return served // a deletion in a deleted zone has what it wanted
		}
	}
	if c.isServed(v, have) {
		return served
	}
	return lost
}

// isServed says that the first server shows the version: its records, or for a deletion that there are none.
func (c *court) isServed(v version, have zone.Version) bool {
	shown := c.served[v.zone.Text()]
	prefix := v.key.Owner.String() + " " + v.key.Type.String() + " "
	if have.Absent {
		for _, other := range c.states[v.zone].Keys[v.key] {
			if !other.Absent {
				return false // beside a value it would be a conflict
			}
		}
		return true
	}
	_, data, err := zone.DecodeRRset(have.Value)
	if err != nil || v.key.Type == zone.TypeSOA {
		return err == nil
	}
	for _, d := range data {
		if !shown[prefix+zone.DataString(v.key.Type, d)] {
			return false
		}
	}
	return true
}

// listed says that the version is listed as a conflict, or an equal one for both.
func (c *court) listed(s *zone.State, k zone.Key, have zone.Version) bool {
	for _, v := range s.Keys[k] {
		if v.Absent == have.Absent && bytes.Equal(v.Value, have.Value) && c.hiddenIn(s)[version{s.Zone, k, v.Dot, v.Hash}] {
			return true
		}
	}
	return false
}

// hiddenIn are the versions of a zone that are listed as conflicts.
func (c *court) hiddenIn(s *zone.State) map[version]bool {
	if c.hidden == nil {
		c.hidden = map[zone.Name]map[version]bool{}
	}
	if h, ok := c.hidden[s.Zone]; ok {
		return h
	}
	h := map[version]bool{}
	for _, f := range s.Conflicts() {
		h[version{s.Zone, f.Key, f.Hidden.Dot, f.Hidden.Hash}] = true
	}
	c.hidden[s.Zone] = h
	return h
}

// lifeOf is the version that began the life of v, under which a whole life is listed.
func lifeOf(s *zone.State, v version) version {
	key := zone.Key{Life: v.key.Life, Meta: zone.MetaCreated}
	for _, have := range s.Keys[key] {
		return version{s.Zone, key, have.Dot, have.Hash}
	}
	return version{}
}
