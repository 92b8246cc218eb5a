package node

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/handover"
	"github.com/zonefleet/zonefleet/internal/logs"
	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/systemd"
)

// front is what of a server outlives its hold on the data folder: the sockets, the tables and the nameserver that answers
// from them. While a successor has the data folder, the front goes on alone; if the successor fails, another Node opens the
// folder again behind it.
type front struct {
	Options
	log         *slog.Logger
	systemd     *systemd.Notifier
	sockets     *handover.Sockets
	predecessor *handover.Predecessor
	restarts    *restarts

	table    *serve.Table
	dns      *serve.Server
	loaded   chan struct{} // closed when the table has all that there was at the start
	loadOnce sync.Once
	held     chan struct{} // closed when questions that wait in inherited sockets may be read
	holdOnce sync.Once

	started time.Time
	isReady atomic.Bool          // everything is loaded and this process is the server, no predecessor is any more
	life    atomic.Pointer[Node] // nil while nobody here has the data folder
	latest  *config.Config       // as the last reload left it
	settled bool                 // the node may go on writing under its id: the one before, here or in another process, found it out
	begin   sync.Once
	stop    context.CancelFunc
	ended   chan struct{} // closed when the nameserver has ended
	err     error         // why; read only then
}

const (
	// holdFor is how long questions wait in inherited sockets while zones are loaded. Resolvers do not wait longer for an
	// answer; after that they are told to ask another server. Behind a predecessor, which answers, nothing is read at all.
	holdFor = 4 * time.Second
	// drainStop and drainHandOver are how long TCP connections may be used at the end: at a stop somebody waits for it.
	drainStop     = 2 * time.Second
	drainHandOver = time.Minute
)

func newFront(o Options) *front {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Logs == nil {
		o.Logs = logs.New(io.Discard, logs.Text, logs.Levels{})
	}
	o.World = o.World.orReal()
	f := &front{
		Options: o, log: o.Logs.Logger("node"), latest: &o.Config, systemd: systemd.Open(o.Getenv), predecessor: handover.Find(o.Getenv), restarts: newRestarts(),
		table: serve.NewTable(), loaded: make(chan struct{}), held: make(chan struct{}), ended: make(chan struct{}), started: time.Now(),
	}
	f.sockets = handover.Inherit(o.Getenv)
	if f.predecessor == nil {
		f.adopt()
	}
	f.dns = serve.NewServer(f.table, serve.Options{
		Addrs: o.Config.DNS, MayTransfer: f.mayTransfer, Loading: func() bool { return !f.isLoaded() },
		Hold: f.hold(), Sockets: f.sockets, NSID: o.Config.Name, Version: "ZoneFleet", Logger: f.log.With("package", "serve"),
	})
	return f
}

// adopt puts the sockets into systemd's care, which only the main process of the unit may do.
func (f *front) adopt() {
	if f.systemd == nil {
		return
	}
	if err := f.sockets.Attach(f.systemd); err != nil {
		f.log.Warn("systemd does not keep the sockets: a restart loses the questions that wait in them", "err", err)
	}
}

// hold is what questions wait for: nothing, unless they have waited since before this process.
func (f *front) hold() <-chan struct{} {
	if f.predecessor == nil && !f.sockets.Waiting() {
		f.release()
	}
	return f.held
}

func (f *front) release() { f.holdOnce.Do(func() { close(f.held) }) }

// all marks the table as complete.
func (f *front) all() { f.loadOnce.Do(func() { close(f.loaded) }) }

func (f *front) isLoaded() bool {
	select {
	case <-f.loaded:
		return true
	default:
		return false
	}
}

// start starts the nameserver, once; it ends with end.
func (f *front) start(ctx context.Context) {
	f.begin.Do(func() {
		answering, stop := context.WithCancel(context.WithoutCancel(ctx))
		f.stop = stop
		go func() {
			f.err = f.World.Answer(answering, f.dns)
			close(f.ended)
		}()
	})
}

// end lets the nameserver answer what has come in, and returns when it has ended.
func (f *front) end(drain time.Duration) error {
	defer f.sockets.Close()
	if f.stop == nil {
		return nil
	}
	f.dns.DrainFor(drain)
	f.stop()
	<-f.ended
	return f.err
}

// watch returns an error when the nameserver ends before ctx does.
func (f *front) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-f.ended:
		return errors.Join(errors.New("the nameserver has ended"), f.err)
	}
}

// mayTransfer refuses while nobody can be asked.
func (f *front) mayTransfer(client netip.Addr) bool {
	n := f.life.Load()
	return n != nil && n.mayTransfer(client)
}

// listenHTTPS takes the socket of an earlier process or Node, or opens it.
func (f *front) listenHTTPS(addr string) (net.Listener, error) {
	if l := f.sockets.TCP(addr); l != nil {
		return l, nil
	}
	l, err := f.World.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	if tcp, real := l.(*net.TCPListener); real {
		if err := f.sockets.Keep("tcp", addr, tcp); err != nil {
			f.log.Warn("a restart will refuse connections for a moment", "err", err)
		}
	}
	return l, nil
}

// program is what a successor is started from: the file that this process was started from, as it is on disk now.
func program() (handover.Program, error) {
	path, err := os.Executable()
	return handover.Program{Path: path, Args: os.Args[1:], Env: os.Environ()}, err
}
