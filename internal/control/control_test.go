package control_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// world has one clock for all servers.
type world struct {
	mu  sync.Mutex
	now zone.Millis
}

const start = zone.Millis(1_790_000_000_000) // 2026-09-21

func (w *world) clock() zone.Millis {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now++
	return w.now
}

// server is one node without network: a real store and a Control.
type server struct {
	*control.Control
	world *world
	dir   string
	fs    vfs.FS
	// synced, which may be nil, is called after each batch of commits.
	synced func(time.Duration)

	sent  map[*server]store.Position // per receiver, how far its feed was sent
	acked map[*server]map[zone.Name]store.Position
	stop  func()

	told atomic.Int64 // how often the links were told to look at the member table
}

func newWorld() *world { return &world{now: start} }

// server starts a node on a real data folder.
func (w *world) server(t *testing.T, name string) *server {
	t.Helper()
	s := &server{world: w, dir: t.TempDir()}
	s.start(t, name, nil)
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *server) start(t tb, name string, change func(*control.Deps)) {
	t.Helper()
	st, err := store.Open(s.dir, store.Options{MachineID: "test", FS: s.fs, Synced: s.synced})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, st.Close()); err != nil {
			t.Fatal(err)
		}
	})
	d := control.Deps{
		Store: st, Now: s.world.clock, MembersChanged: func() { s.told.Add(1) },
		Self: control.Identity{Name: name, Fingerprint: "key-of-" + name, Version: "1", Port: 2087, Advertise: name},
	}
	if change != nil {
		change(&d)
	}
	s.Control = control.New(d)
	s.sent, s.acked = map[*server]store.Position{}, map[*server]map[zone.Name]store.Position{}
}

func (s *server) home() string { return s.Self.Name + " " + s.Self.Fingerprint }

// link is how a sender's changes come in at the receiver; the default is a relay's push.
func (s *server) link(change ...func(*control.LinkSource)) control.LinkSource {
	src := control.LinkSource{
		Name: s.Self.Name, Key: s.Self.Fingerprint, TakeOthers: true,
		Grant: cluster.Grant{Kind: cluster.Relay, User: cluster.Root, Holder: s.home()},
		Nodes: []zone.NodeID{s.Store.NodeID()},
	}
	for _, f := range change {
		f(&src)
	}
	return src
}

func leaf(src *control.LinkSource)      { src.Grant.Kind = cluster.Leaf }
func writeOnly(src *control.LinkSource) { src.Replace = true }
func overwrite(src *control.LinkSource) { src.Replace, src.Overwrite = true, true }
func common(src *control.LinkSource)    { src.TakeOthers = false }

// sendTo delivers what changed since the last time, as deliver does, and returns the outcomes by zone.
func (s *server) sendTo(t tb, to *server, link ...func(*control.LinkSource)) map[zone.Name]control.Outcome {
	t.Helper()
	ctx := context.Background()
	outcomes := map[zone.Name]control.Outcome{}
	for s.sent[to] < s.Store.Synced() {
		items, err := s.Store.Follow(ctx, s.sent[to], 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			o := s.sendZone(t, to, item.Zone, link...)
			outcomes[item.Zone] = o
			s.sent[to] = item.Position
		}
	}
	return outcomes
}

func (s *server) sendZone(t tb, to *server, z zone.Name, link ...func(*control.LinkSource)) control.Outcome {
	t.Helper()
	if s.acked[to] == nil {
		s.acked[to] = map[zone.Name]store.Position{}
	}
	since := s.acked[to][z]
	for range 3 {
		d, pos, err := s.Store.Delta(z, since)
		if err != nil {
			t.Fatal(err)
		}
		out, err := to.Receive(ctx(), s.link(link...), []control.Incoming{{Delta: d, Position: uint64(pos)}})
		if err != nil {
			t.Fatal(err)
		}
		switch out[0].Result {
		case control.Need:
			since = 0
			continue
		case control.Stored:
			s.acked[to][z] = pos
		}
		return out[0]
	}
	t.Fatalf("%s needs more of %s than the whole state", to.Self.Name, z.Text())
	return control.Outcome{}
}

// exchange sends among all until nothing is new.
func exchange(t tb, servers ...*server) {
	t.Helper()
	for range 20 {
		moved := false
		for _, a := range servers {
			for _, b := range servers {
				if a == b {
					continue
				}
				for _, o := range a.sendTo(t, b) {
					moved = moved || o.New
				}
			}
		}
		if !moved {
			return
		}
	}
	t.Fatal("the servers do not come to rest")
}

func ctx() context.Context { return context.Background() }

var root = acl.Local()

func name(s string) zone.Name {
	n, err := zone.ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

func data(typ zone.Type, texts ...string) [][]byte {
	var list [][]byte
	for _, text := range texts {
		fields, err := zone.Fields(text)
		if err != nil {
			panic(err)
		}
		d, err := zone.ParseData(typ, zone.Root, fields)
		if err != nil {
			panic(err)
		}
		list = append(list, d)
	}
	return list
}

func set(owner string, typ zone.Type, texts ...string) control.Op {
	return control.Op{Kind: control.OpSet, Owner: name(owner), Type: typ, TTL: 300, Data: data(typ, texts...)}
}

func add(owner string, typ zone.Type, texts ...string) control.Op {
	return control.Op{Kind: control.OpAdd, Owner: name(owner), Type: typ, TTL: 300, Data: data(typ, texts...)}
}

func del(owner string, typ zone.Type, texts ...string) control.Op {
	return control.Op{Kind: control.OpDelete, Owner: name(owner), Type: typ, Data: data(typ, texts...)}
}

const example = "example.com"

// text is a small zone with the given further lines.
func text(z string, lines ...string) string {
	return "$ORIGIN " + z + ".\n$TTL 300\n@ SOA ns1.test. hostmaster.test. 2026010101 3600 1800 1209600 300\n" +
		"@ NS ns1.test.\n@ NS ns2.test.\n" + strings.Join(lines, "\n") + "\n"
}

func (s *server) create(t tb, z string, lines ...string) control.Result {
	t.Helper()
	r, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Text: text(z, lines...)})
	if err != nil {
		t.Fatalf("create %s at %s: %v", z, s.Self.Name, err)
	}
	return r.Result
}

func (s *server) edit(t tb, z string, ops ...control.Op) control.EditResult {
	t.Helper()
	r, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name(z), Ops: ops})
	if err != nil {
		t.Fatalf("edit %s at %s: %v", z, s.Self.Name, err)
	}
	return r
}

func (s *server) show(t tb, z string) control.Zone {
	t.Helper()
	shown, err := s.ShowZone(ctx(), root, name(z))
	if err != nil {
		t.Fatalf("show %s at %s: %v", z, s.Self.Name, err)
	}
	return shown
}

// served is what a server has at an owner and type, "" if nothing.
func (s *server) served(t tb, z, owner string, typ zone.Type) string {
	t.Helper()
	shown, err := s.ShowZone(ctx(), root, name(z))
	if control.CodeOf(err) == control.CodeNotFound {
		return "no zone"
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range shown.View.RRsets {
		if r.Owner == name(owner) && r.Type == typ {
			var list []string
			for _, d := range r.Data {
				list = append(list, zone.DataString(typ, d))
			}
			return strings.Join(list, ", ")
		}
	}
	return ""
}

func (s *server) conflicts(t tb) []control.Conflict {
	t.Helper()
	page, err := s.Conflicts(ctx(), root, control.ConflictQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Conflicts
}

func wantServed(t tb, z, owner string, typ zone.Type, want string, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		if got := s.served(t, z, owner, typ); got != want {
			t.Fatalf("%s serves %q at %s %s, want %q", s.Self.Name, got, owner, typ, want)
		}
	}
}

// wantEqual holds all servers to one version of a zone, content and serial.
func wantEqual(t tb, z string, servers ...*server) {
	t.Helper()
	first, err := servers[0].ShowZone(ctx(), root, name(z))
	for _, s := range servers[1:] {
		other, otherErr := s.ShowZone(ctx(), root, name(z))
		if control.CodeOf(err) != control.CodeOf(otherErr) {
			t.Fatalf("%s: %v; %s: %v", servers[0].Self.Name, err, s.Self.Name, otherErr)
		}
		if err != nil {
			continue
		}
		if first.ETag != other.ETag || first.View.Serial != other.View.Serial {
			t.Fatalf("%s has version %s (%d), %s has %s (%d)", servers[0].Self.Name, first.ETag, first.View.Serial, s.Self.Name, other.ETag, other.View.Serial)
		}
		if d := cmp.Diff(first.View, other.View, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%s and %s serve other content under one version: %s", servers[0].Self.Name, s.Self.Name, d)
		}
	}
}

func wantCode(t tb, err error, code control.Code) *control.Error {
	t.Helper()
	var e *control.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error is %v (%s), want code %s", err, control.CodeOf(err), code)
	}
	return e
}

// restart closes the data folder and opens it again.
func (s *server) restart(t tb) {
	t.Helper()
	old := s.Deps
	s.stop()
	s.start(t, old.Self.Name, func(d *control.Deps) { d.Members, d.Lookup, d.Self = old.Members, old.Lookup, old.Self })
}

func (s *server) time() time.Time { return time.UnixMilli(int64(s.world.clock())) }
