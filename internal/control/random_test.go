package control_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// TestThreeServersThatExchangedEverythingAreEqual lets three servers create, edit, import, delete, restore, undo and
// choose in any order, with deltas between them in any order, late, repeated and over every link. When all has
// arrived, they have one version with one content, one list of conflicts, and serials never went back.
func TestThreeServersThatExchangedEverythingAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		servers := make([]*server, 3)
		for i := range servers {
			dir, err := os.MkdirTemp("", "control")
			if err != nil {
				t.Fatal(err)
			}
			servers[i] = &server{world: w, dir: dir, fs: vfs.NewMem()}
			servers[i].start(t, fmt.Sprintf("s%d.test", i), nil)
			defer func() {
				servers[i].stop()
				os.RemoveAll(dir) //nolint:errcheck // a test's leftovers
			}()
		}
		m := &machine{servers: servers, serial: map[*server]uint32{}}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			m.step(t)
		}
		exchange(t, servers...)
		m.check(t)
		wantEqual(t, example, servers...)
		m.equalConflicts(t)
		m.settle(t)
	})
}

type machine struct {
	servers []*server
	serial  map[*server]uint32
}

func (m *machine) step(t *rapid.T) {
	s := rapid.SampledFrom(m.servers).Draw(t, "server")
	var err error
	switch rapid.SampledFrom([]string{"edit", "edit", "edit", "send", "send", "send", "create", "import", "delete", "restore", "undo", "choose"}).Draw(t, "act") {
	case "send":
		to := rapid.SampledFrom(m.servers).Draw(t, "to")
		if to != s {
			s.sendTo(t, to)
			if rapid.Bool().Draw(t, "lost") { // the acknowledgements never arrived
				s.sent[to], s.acked[to] = 0, nil
			}
		}
	case "create":
		_, err = s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(example), Text: text(example, line(t))})
	case "import":
		_, err = s.ImportZone(ctx(), root, control.ImportRequest{Zone: name(example), Text: text(example, line(t), "mail A 192.0.2.9")})
	case "edit":
		_, err = s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), Ops: []control.Op{op(t)}})
	case "delete":
		_, err = s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)})
	case "restore":
		_, err = s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example)})
	case "undo":
		if n := s.Store.Synced(); n > 0 {
			pos := rapid.Uint64Range(1, uint64(n)).Draw(t, "change")
			_, err = s.UndoChange(ctx(), root, control.UndoRequest{Position: store.Position(pos)})
		}
	case "choose":
		if list := s.conflicts(t); len(list) > 0 {
			choice := rapid.SampledFrom([]control.Choice{control.ChooseHidden, control.ChooseServed, control.ChooseMerge}).Draw(t, "choice")
			_, err = s.ChooseConflict(ctx(), root, control.ChooseRequest{ID: list[0].ID, Choice: choice})
		}
	}
	// Every refusal must be one that somebody meant.
	var e *control.Error
	if err != nil && (!errors.As(err, &e) || e.Code == control.CodeInternal) {
		t.Fatalf("%v", err)
	}
	m.check(t)
}

// check holds every server to serials that only rise.
func (m *machine) check(t *rapid.T) {
	for _, s := range m.servers {
		h, err := s.Store.Head(name(example))
		if err != nil {
			continue
		}
		if before := m.serial[s]; before != 0 && h.Serial != before && !ahead(h.Serial, before) {
			t.Fatalf("%s: the serial went from %d to %d", s.Self.Name, before, h.Serial)
		}
		m.serial[s] = h.Serial
	}
}

func (m *machine) equalConflicts(t *rapid.T) {
	want := fmt.Sprint(ids(m.servers[0].conflicts(t)))
	for _, s := range m.servers[1:] {
		if got := fmt.Sprint(ids(s.conflicts(t))); got != want {
			t.Fatalf("%s lists the conflicts %s, %s lists %s", m.servers[0].Self.Name, want, s.Self.Name, got)
		}
	}
	for _, s := range m.servers { // the mark and the state agree
		st, _, err := s.Store.State(name(example))
		if err == nil && len(st.Conflicts()) != len(s.conflicts(t)) {
			t.Fatalf("%s: %d conflicts, %d listed", s.Self.Name, len(st.Conflicts()), len(s.conflicts(t)))
		}
	}
}

// settle keeps what is served until nothing is listed, and still all are equal.
func (m *machine) settle(t *rapid.T) {
	for range 50 {
		list := m.servers[0].conflicts(t)
		if len(list) == 0 {
			exchange(t, m.servers...)
			wantEqual(t, example, m.servers...)
			m.equalConflicts(t)
			return
		}
		choose(t, m.servers[0], list[0].ID, control.ChooseServed)
	}
	t.Fatalf("conflicts do not end: %+v", m.servers[0].conflicts(t))
}

func ids(list []control.Conflict) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.ID
	}
	return out
}

func line(t *rapid.T) string {
	return fmt.Sprintf("www A 192.0.2.%d", rapid.IntRange(1, 3).Draw(t, "address"))
}

func op(t *rapid.T) control.Op {
	owner := rapid.SampledFrom([]string{"www", "mail", "ftp"}).Draw(t, "owner") + "." + example
	address := fmt.Sprintf("192.0.2.%d", rapid.IntRange(1, 5).Draw(t, "address"))
	switch rapid.IntRange(0, 4).Draw(t, "op") {
	case 0:
		return add(owner, zone.TypeA, address)
	case 1:
		return del(owner, zone.TypeA)
	case 2:
		return set(owner, zone.TypeCNAME, "elsewhere.test.")
	case 3:
		return control.Op{Kind: control.OpDelete, Owner: name(owner)}
	}
	return set(owner, zone.TypeA, address)
}
