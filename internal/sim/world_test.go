package sim

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/logs"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// world is one simulated cluster. One goroutine drives it; all choices are drawn from its seed.
type world struct {
	dir      string
	seed     uint64
	rng      *rand.Rand
	net      *network
	out      io.Writer // of the servers' logs
	servers  []*server
	gone     []*server // for good
	links    []*edge
	removed  []*edge     // since
	names    []zone.Name // zones that were ever written
	oracle   *oracle
	began    time.Time
	pending  []*act // edits that may be under way
	line     string // the step that is done, for messages
	said     []string
	replays  []replay
	repeated bool // old messages were handed in past all links
	hasty    bool // a clock was so far ahead that what is kept for a time was forgotten early

	uncompared bool // nothing is mended by comparing
}

// edge is a link of the scenario: what the holder's member table says.
type edge struct {
	from, to *server
	role     cluster.Role
	zones    cluster.Zones
	leaf     bool
	sync     bool
}

func newWorld(dir string, seed uint64, out io.Writer) *world {
	w := &world{dir: dir, seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), net: newNetwork(), out: out, began: time.Now()}
	w.oracle = &oracle{world: w, changes: map[zone.Name][]change{}}
	return w
}

// end stops what runs, so that nothing of the simulation is left.
func (w *world) end() {
	w.net.change(func() {
		for _, p := range w.net.paths {
			p.cut = false
		}
	})
	for _, s := range w.servers {
		if s.run != nil {
			s.run.cancel()
		}
	}
	for _, s := range w.servers {
		if s.run != nil {
			<-s.run.ended
		}
	}
	w.await()
}

// say writes a line of the protocol of the run.
func (w *world) say(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf("%12s  ", time.Since(w.began).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (w *world) add(name string) *server {
	s := &server{
		world: w, name: name, fqdn: name + ".test", addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(len(w.servers) + len(w.gone) + 1)}),
		dir: filepath.Join(w.dir, name), floor: map[zone.Name]zone.Vector{}, shown: map[zone.Name]shown{}, read: map[had]bool{},
	}
	w.servers = append(w.servers, s)
	return s
}

// boot adds a new server and starts it.
func (w *world) boot(name string) error {
	s := w.add(name)
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	return s.start()
}

// logs is the log of one server; each line says which.
func (w *world) logs(name string) *logs.Logs {
	if w.out == io.Discard {
		return nil
	}
	levels := logs.Levels{Default: slog.LevelDebug}
	return logs.New(labelled{w.out, name}, logs.Text, levels)
}

// labelled writes a name before each line.
type labelled struct {
	io.Writer
	name string
}

func (l labelled) Write(line []byte) (int, error) {
	_, err := fmt.Fprintf(l.Writer, "%-6s %s", l.name, line)
	return len(line), err
}

func (w *world) server(name string) (*server, error) {
	for _, s := range slices.Concat(w.servers, w.gone) {
		if s.name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no server %q", name)
}

// step is how long nobody looks at what the servers do.
const step = 500 * time.Millisecond

// wait lets time pass, and looks at the servers now and then.
func (w *world) wait(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(step, time.Until(end)))
		w.look()
	}
}

// look notes what the servers hold and serve, and buries those whose power failed.
func (w *world) look() {
	synctest.Wait()
	for _, s := range w.servers {
		if s.run != nil && s.run.dead.Load() {
			w.say("%s has crashed", s.name)
			if err := s.bury(); err != nil {
				w.oracle.broken("%s: %v", s.name, err)
			}
		}
		s.sample()
	}
	w.collect()
}

// await waits for the edits under way; each ends within the time that a person would wait.
func (w *world) await() {
	for _, a := range w.pending {
		<-a.done
	}
	w.collect()
}

// remember notes a zone's name.
func (w *world) remember(z zone.Name) {
	if !slices.Contains(w.names, z) {
		w.names = append(w.names, z)
	}
}
