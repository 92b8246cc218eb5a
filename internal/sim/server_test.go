package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/node"
	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// server is one simulated server: the real node.Node on a virtual host, with a disk that a power failure tears.
type server struct {
	world *world
	name  string // in scenarios
	fqdn  string // what it calls itself; a clone has the name of the other
	addr  netip.Addr
	dir   string // of the few files that lie beside the database
	next  image  // what it starts from the next time
	kept  *image // a copy that was made of its disk
	clock atomic.Int64
	run   *running // nil: down

	gone  bool                      // for good
	read  map[had]bool              // what was seen in its history, on this disk
	epoch int                       // raised when its disk goes back
	floor map[zone.Name]zone.Vector // what it was seen to have, on this disk
	shown map[zone.Name]shown       // what it was last seen to serve, on this disk
}

// running is one life of a server's process.
type running struct {
	node   *node.Node
	disk   *disk
	cancel context.CancelFunc
	ended  chan error

	failing sync.Once
	dead    atomic.Bool // the power has failed: what it still says counts for nothing
	left    image       // what the power failure left

	upTo store.Position // up to where its history was read
}

func (s *server) host() string { return net.JoinHostPort(s.addr.String(), fmt.Sprint(port)) }

// start starts the server from the disk as it was left.
func (s *server) start() error {
	if s.run != nil {
		return fmt.Errorf("%s is up", s.name)
	}
	if s.gone {
		return fmt.Errorf("%s is gone", s.name)
	}
	if s.next.memory == nil {
		s.next.memory = vfs.NewCrashableMem()
	} else if s.next.instance != nil {
		if err := s.next.lay(s.dir); err != nil {
			return err
		}
	}
	r := &running{disk: newDisk(s.next.memory), ended: make(chan error, 1)}
	jitter := rand.New(rand.NewPCG(s.world.seed, uint64(s.addr.As4()[3])))
	var lock sync.Mutex
	n, err := node.Open(node.Options{
		Config: config.Config{
			Name: s.fqdn, Data: s.dir, Listen: s.host(), Advertise: s.host(), Profile: config.ProfileStandard,
		},
		Version: "sim", Logs: s.world.logs(s.name),
		World: node.World{
			Listen: func(_, _ string) (net.Listener, error) { return s.world.net.listen(s.addr) },
			Dial: func(ctx context.Context, _, to string) (net.Conn, error) {
				return s.world.net.dial(ctx, s.addr, to)
			},
			Now: func() time.Time { return time.Now().Add(time.Duration(s.clock.Load())) },
			Jitter: func() float64 {
				lock.Lock()
				defer lock.Unlock()
				return jitter.Float64()
			},
			Answer:      func(ctx context.Context, _ *serve.Server) error { <-ctx.Done(); return nil },
			Batch:       2, // so that a first synchronization has many
			MembersOnly: true,
			Uncompared:  s.world.uncompared,
			Store:       store.Options{FS: r.disk, MachineID: "virtual", Untimed: true},
		},
	})
	if err != nil {
		return fmt.Errorf("%s does not start: %w", s.name, err)
	}
	r.node = n
	s.run = r
	s.world.net.start(s.addr)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.ended <- n.Run(ctx) }()
	return nil
}

// stop ends the server in good order.
func (s *server) stop() error {
	r, err := s.running()
	if err != nil {
		return err
	}
	s.sample()
	r.cancel()
	err = <-r.ended
	s.world.net.stop(s.addr, false)
	s.run = nil
	if r.dead.Load() { // the power failed meanwhile
		s.next = r.left
		return nil
	}
	var copying error
	s.next, copying = copyOf(r.disk.memory, s.dir, vfs.CrashCloneCfg{})
	return errors.Join(err, copying)
}

// fail is the failure of the power, now. First nothing leaves the host any more, then its disk is what it is: what the
// others know of is on it.
func (s *server) fail(r *running, silent bool, unsynced int, rng *rand.Rand) {
	r.failing.Do(func() {
		s.world.net.stop(s.addr, silent)
		r.dead.Store(true)
		var err error
		if r.left, err = copyOf(r.disk.memory, s.dir, vfs.CrashCloneCfg{UnsyncedDataPercent: unsynced, RNG: rng}); err != nil {
			panic(err) // only a real disk can fail here
		}
		r.cancel()
	})
}

// crash fails the power and clears away what is left of the process.
func (s *server) crash(silent bool) error {
	r, err := s.running()
	if err != nil {
		return err
	}
	s.world.look()
	if s.run != r {
		return nil // it did so by itself
	}
	s.fail(r, silent, s.world.rng.IntN(101), s.world.rng)
	return s.bury()
}

// trapped arms the disk: the power fails just before, or just after, the n-th sync from now.
func (s *server) trapped(n int, after bool) error {
	r, err := s.running()
	if err != nil {
		return err
	}
	unsynced, rng := s.world.rng.IntN(101), rand.New(rand.NewPCG(s.world.rng.Uint64(), 0))
	t := &trap{after: after, fall: func() { s.fail(r, false, unsynced, rng) }}
	t.left.Store(int64(n))
	r.disk.trap.Store(t)
	return nil
}

// bury waits for the end of a process whose power has failed. Its disk is what it was at that moment.
func (s *server) bury() error {
	r := s.run
	if r == nil || !r.dead.Load() {
		return nil
	}
	<-r.ended // whatever it says: it worked without a network, on a disk that nobody sees any more
	s.run, s.next = nil, r.left
	return nil
}

func (s *server) running() (*running, error) {
	if s.run == nil || s.run.dead.Load() {
		return nil, fmt.Errorf("%s is down", s.name)
	}
	return s.run, nil
}

// control is the way in, while the server runs.
func (s *server) control() (*control.Control, error) {
	r, err := s.running()
	if err != nil {
		return nil, err
	}
	return r.node.Control(), nil
}

// keep makes a copy of the disk, as a snapshot of a virtual machine does.
func (s *server) keep() error {
	if s.run == nil {
		s.kept = &image{memory: s.next.memory.CrashClone(vfs.CrashCloneCfg{}), instance: s.next.instance}
		return nil
	}
	i, err := copyOf(s.run.disk.memory, s.dir, vfs.CrashCloneCfg{})
	s.kept = &i
	return err
}

// putBack makes the server start from the copy the next time, in the same folder or, as a restored backup, in another one. What
// only this disk had is gone: no software brings it back.
func (s *server) putBack(elsewhere bool) error {
	if s.kept == nil {
		return fmt.Errorf("no copy was made of the disk of %s", s.name)
	}
	if s.run != nil {
		if err := s.crash(false); err != nil {
			return err
		}
	}
	s.next = image{memory: s.kept.memory.CrashClone(vfs.CrashCloneCfg{}), instance: s.kept.instance}
	if elsewhere {
		s.next = s.next.withInode("another")
	}
	s.world.look()
	s.epoch++
	s.floor, s.shown, s.read = map[zone.Name]zone.Vector{}, map[zone.Name]shown{}, map[had]bool{}
	s.world.oracle.excuse()
	return nil
}

// cloneAs makes another server of a copy of the disk: a virtual machine that was copied, with key, name and all.
func (s *server) cloneAs(name string) (*server, error) {
	i, err := copyOf(s.run.disk.memory, s.dir, vfs.CrashCloneCfg{})
	if err != nil {
		return nil, err
	}
	c := s.world.add(name)
	c.fqdn = s.fqdn
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	for _, file := range []string{"node.key", "node.crt", "seal.key"} {
		text, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(c.dir, file), text, 0o600); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(c.dir)
	if err != nil {
		return nil, err
	}
	c.next = i.withInode(fmt.Sprint(info.Sys().(*syscall.Stat_t).Ino))
	return c, i.move(s.dir, c.dir)
}
