package test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// loses takes the records of a name out of a stopped server's data, as no change does it: nobody hears of it. It returns
// the server's instance, and its newest position.
func (s *server) loses(z, owner string) (instance string, at store.Position) {
	s.t.Helper()
	s.change(z, owner, func(tx *store.Tx, state *zone.State, keys []zone.Key) { tx.Put(state, keys, store.Entry{}) })
	withStore(s.t, s.dir, func(data *store.Store) { instance, at = data.Instance(), data.Synced() })
	return instance, at
}

// losesRows does so, and leaves what is kept to compare the zone as it was.
func (s *server) losesRows(z, owner string) {
	s.t.Helper()
	s.change(z, owner, func(tx *store.Tx, _ *zone.State, keys []zone.Key) { tx.Drop(keys) })
}

// change gives f the state of a zone without the records of a name, and their keys.
func (s *server) change(z, owner string, f func(*store.Tx, *zone.State, []zone.Key)) {
	s.t.Helper()
	name, err := zone.ParseName(z)
	if err != nil {
		s.t.Fatal(err)
	}
	lost, err := zone.ParseName(owner)
	if err != nil {
		s.t.Fatal(err)
	}
	withStore(s.t, s.dir, func(data *store.Store) {
		_, err := data.Commit(context.Background(), name, func(tx *store.Tx) error {
			state, err := tx.State()
			if err != nil {
				return err
			}
			var keys []zone.Key
			for k := range state.Keys {
				if k.Owner == lost {
					keys = append(keys, k)
					delete(state.Keys, k)
				}
			}
			if len(keys) == 0 {
				return fmt.Errorf("no records at %s", owner)
			}
			f(tx, state, keys)
			return nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	})
}

// isSettled makes two stopped servers, of which one has a link to the other, believe that all of the other's feed has come.
func isSettled(t *testing.T, from, to *server, instance string, at store.Position) {
	t.Helper()
	short := func(s *server) string {
		id, err := identity.Open(s.dir, identity.Options{Name: s.name})
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(id.Fingerprint(), "SHA256:")[:22]
	}
	target := from.targets()[0]
	var follower string
	withStore(t, from.dir, func(data *store.Store) {
		follower = data.Instance()
		data.SetRegister("settled/to/"+target, fmt.Appendf(nil, `{"Format":1,"Instance":%q,"Position":%d}`, instance, at))
		data.SetRegister("heard/"+short(to)+"/"+instance, fmt.Appendf(nil, `{"Format":1,"Position":%d}`, at))
	})
	setRegisters(t, to.dir, map[string]string{
		"cursor/from/" + short(from) + "/" + target: fmt.Sprintf(`{"Format":1,"Instance":%q,"Low":%d,"Served":%d}`, follower, at, at),
	})
}

// shell runs a line as it was printed, on the machine of the server, with the token of its member in the file.
func (s *server) shell(line string, member *server) {
	s.t.Helper()
	dir, home := s.t.TempDir(), s.t.TempDir()
	token, err := os.ReadFile(filepath.Join(member.dir, "root.token"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "127.0.0.1.token"), token, 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "HOME="+home, "ZONEFLEET_TOKEN=",
		"ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// Where both have the same changes and other records, no repair joins them: a person chooses, and what is printed does it.
func TestADamagedZoneIsLeftToAPersonAndTheAdviceEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		role  string
		right int      // which of the two servers
		want  []string // what both answer in the end
	}{
		"synchronize, this server is right": {"synchronize", 0, []string{"192.0.2.1"}},
		"synchronize, the member is right":  {"synchronize", 1, nil},
		"write-only, this server is right":  {"write-only", 0, []string{"192.0.2.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := two(t)
			a.has("example.com", "example.net")
			link(t, a, b, "--role", c.role, "--sync-now")
			a.run("cluster", "comparing", "--policy", "heal")
			a.run("wait", "--timeout", "20s")
			a.stop()
			b.stop()
			instance, at := b.loses("example.com", "www.example.com")
			isSettled(t, a, b, instance, at)
			b.start()
			a.start()
			a.connected(b.name)
			m := a.drift(b)
			if m.Differ != 1 || m.Healed != 0 || m.Zones[0].Zone != "example.com" || m.Zones[0].Kind != "damaged" || m.Zones[0].Repair != "nothing" {
				t.Fatalf("%+v", m)
			}
			if r := m.Zones[0].RRsets; len(r) != 1 || r[0].Name != "www.example.com." || len(r[0].Ours) != 1 || len(r[0].Theirs) != 0 {
				t.Errorf("its records are %+v", r)
			}
			out := a.run("cluster", "repair", "--yes")
			if !containsAll(out, "left alone", "example.com", "damaged", "if "+a.name+" is right: ", "if "+b.name+" is right: ") {
				t.Errorf("repair says %q", out)
			}
			if a.drift(b).Differ != 1 {
				t.Error("the repair has joined them")
			}
			a.keepsAnswering("www.example.com", "192.0.2.1")
			a.shell(commandFor(t, out, []*server{a, b}[c.right]), b)
			for _, s := range []*server{a, b} {
				s.answers("www.example.com", dns.TypeA, c.want...)
			}
			if m := a.drift(b); m.Differ != 0 {
				t.Errorf("%+v", m)
			}
			if c.role == "synchronize" { // a write-only link does not read the change that was made there
				sameSerial(t, "example.com", a, b)
			}
		})
	}
}

// commandFor is what the text says to run if that server is right.
func commandFor(t *testing.T, text string, right *server) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if _, command, ok := strings.Cut(line, "if "+right.name+" is right: "); ok {
			return strings.TrimSpace(command)
		}
	}
	t.Fatalf("%q says nothing for %s", text, right.name)
	return ""
}
