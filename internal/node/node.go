package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/logs"
	"github.com/zonefleet/zonefleet/internal/metrics"
	"github.com/zonefleet/zonefleet/internal/notify"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/systemd"
	"github.com/zonefleet/zonefleet/internal/web"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Options are what Run needs beside the configuration.
type Options struct {
	Config  config.Config
	Version string
	Out     io.Writer        // for people: where it listens
	Logs    *logs.Logs       // nil: silent
	Hangup  <-chan os.Signal // each asks for a reload; nil: none does
	// Getenv is the environment that the process was started with; nil: nobody started it but a person.
	Getenv func(string) string
	// Restart is received from when the process is to hand over to the program file on disk; nil: never.
	Restart <-chan os.Signal
	World   World // the zero value is the real one
}

// budgetOctets bounds what large zones that arrive in parts take together, over all links.
const budgetOctets = 256 << 20

// Node is one running server.
type Node struct {
	Options
	front     *front
	log       *slog.Logger
	live      atomic.Pointer[config.Config] // what a reload changes; the rest of it is as Options.Config
	reloading sync.Mutex
	badConfig atomic.Bool // the last reload found mistakes
	store     *store.Store
	identity  *identity.Identity
	control   *control.Control
	verifier  auth.Verifier
	tracker   *deliver.Tracker
	table     *serve.Table
	dns       *serve.Server
	door      *peer.Door
	web       *web.Server
	links     *links
	edges     edges
	settle    *settle
	recorded  *recorded
	budget    wire.Budget
	metrics   *metrics.Metrics
	trace     *traceLog
	backups   *backups
	notifier  *notify.Notifier
}

// Run runs a server until ctx ends, until it cannot go on, or until another process has taken over from it. Every
// acknowledged change is on disk when it returns.
func Run(ctx context.Context, o Options) (err error) {
	f := newFront(o)
	drain := drainStop
	ctx, over := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer func() {
		over()
		err = errors.Join(err, f.end(drain))
		beside.Wait()
	}()
	defer context.AfterFunc(ctx, func() { _ = f.systemd.Send(systemd.Stopping) })()
	if f.settled, err = f.predecessor.Hello(ctx, o.Version); err != nil {
		return err
	}
	beside.Go(func() { f.watchdog(ctx) })
	for {
		n := newNode(f)
		if err := n.open(); err != nil {
			return err
		}
		switch err := n.work(ctx); {
		case !errors.Is(err, errHandOver):
			return err
		case f.handOver(ctx) == nil:
			drain = drainHandOver
			return nil
		}
	}
}

// Open builds a server in its data folder; nothing runs and nobody is answered before Run.
func Open(o Options) (*Node, error) {
	n := newNode(newFront(o))
	return n, n.open()
}

// Run runs what Open built, once, and closes it. No other process takes over from it.
func (n *Node) Run(ctx context.Context) error {
	return errors.Join(n.work(ctx), n.front.end(0))
}

// work works with the open data folder until ctx ends or a successor waits for the folder, and closes it.
func (n *Node) work(ctx context.Context) error {
	f := n.front
	f.start(ctx)
	f.life.Store(n)
	err := n.run(ctx)
	f.life.Store(nil)
	f.latest, f.settled = n.live.Load(), n.settle.isDecided()
	return errors.Join(err, n.store.Close(), n.trace.Close())
}

func newNode(f *front) *Node {
	n := &Node{Options: f.Options, front: f, log: f.log, table: f.table, dns: f.dns}
	n.live.Store(f.latest)
	return n
}

// open builds everything; nothing runs yet.
func (n *Node) open() (err error) {
	c := n.Config
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	n.metrics = newMetrics(n)
	disk := n.World.Store
	disk.Logger, disk.Synced = n.log.With("package", "store"), n.metrics.Synced
	if n.store, err = store.Open(c.Data, disk); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.store.Close())
		}
	}()
	n.identity, err = identity.Open(c.Data, identity.Options{
		Name: c.Name, Addresses: advertisedAddresses(c.Advertise), CertFile: c.TLSCert, KeyFile: c.TLSKey, Logger: n.log.With("package", "identity"),
	})
	if err != nil {
		return err
	}
	if err := errors.Join(removeLeftovers(c.Data), c.Remember()); err != nil {
		return err
	}
	n.trace = newTraceLog(filepath.Join(c.Data, "log"))
	n.budget = semaphore.NewWeighted(budgetOctets)
	n.tracker = deliver.NewTracker(n.store, c.Name, n.metrics.Propagated)
	n.tracker.Expect(localID, c.Name, 0, nil)
	n.recorded = newRecorded(n)
	n.settle = newSettle(n, n.front.settled)
	n.links = newLinks(n)
	n.backups = &backups{node: n, commandTime: commandTime, commandStall: commandStall, commandGrace: commandGrace}
	n.notifier = newNotifier(n)
	n.control = control.New(control.Deps{
		Store: n.store, Members: members{n}, Reach: reach{n}, Comparing: comparing{n}, Served: servedAt, Nameservers: n.nameservers, Question: question, Lookup: net.DefaultResolver, Delegations: net.DefaultResolver, Now: n.now,
		Self: control.Identity{
			Name: c.Name, Fingerprint: n.identity.Fingerprint(), Version: n.Version, Software: softwareEmbedded,
			Advertise: c.Advertise, Addresses: advertisedAddresses(c.Advertise),
		},
		Profile:        func() cluster.Profile { return cluster.Profile(n.live.Load().Profile) },
		MembersChanged: n.links.changed, Edges: n.edges.known, BeforeWrite: n.settle.beforeWrite,
		Steps: reach{n}.steps, Behind: n.tracker.Behind,
		OfferAgain: n.links.offerAgain, Unreached: n.unreached, BackupPlan: n.backups.plan, Notifier: notifier{n}, DoorLists: n.doorLists, Transactions: n.trace.tail, Logger: n.log.With("package", "control"),
	})
	n.verifier = auth.Verifier{Book: n.control, Now: n.clock}
	n.web = web.New(web.Deps{Control: n.control, Accounts: accounts{n}, Now: n.clock, Logger: n.log.With("package", "web")})
	n.door = peer.New(peer.Options{Cluster: inbound{n}, Link: wire.Options{Budget: n.budget}, Stranger: func(key string) string { return n.control.Replaced(key) }, Logger: n.log.With("package", "peer")})
	return nil
}

// run starts what was built and ends it in the opposite order: doors, links, and the committer when nobody writes any more.
// The nameserver, which is the front's, goes on.
func (n *Node) run(ctx context.Context) (err error) {
	committing, stopCommitting := context.WithCancel(context.WithoutCancel(ctx))
	committed := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { committed <- n.store.Run(committing); stop() }()
	defer func() {
		stopCommitting()
		err = errors.Join(err, <-committed)
	}()

	listener, err := n.listen()
	if err != nil {
		return err
	}
	if _, err := n.control.FirstToken(running, n.Config.Data); err != nil {
		listener.Close()
		return err
	}
	pid := filepath.Join(n.Config.Data, "zonefleet.pid")
	if err := os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		listener.Close()
		return fmt.Errorf("write process id: %w", err)
	}
	defer os.Remove(pid)

	group, running := errgroup.WithContext(running)
	group.Go(func() error { return n.front.watch(running) })
	group.Go(func() error { return n.takeOver(running) })
	group.Go(func() error { return n.startSuccessor(running) })
	group.Go(func() error { return n.front.onSignal(running) })
	group.Go(func() error { return n.localTarget().Run(running) })
	group.Go(func() error { return n.links.Run(running) })
	group.Go(func() error { return n.control.RunSyncs(running) })
	group.Go(func() error { return n.serveHTTPS(running, listener) })
	group.Go(func() error { return n.announce(running) })
	group.Go(func() error { return n.expire(running) })
	group.Go(func() error { return n.control.WorkChangeSets(running) })
	group.Go(func() error { return n.recorded.Run(running) })
	group.Go(func() error { return n.reloadOnHangup(running) })
	group.Go(func() error { return n.backups.run(running) })
	group.Go(func() error { return n.notifier.Run(running) })
	return group.Wait()
}

// announce tells people where the server is, once it answers.
func (n *Node) announce(ctx context.Context) error {
	select {
	case <-n.dns.Ready():
	case <-ctx.Done():
		return nil
	}
	var dns []string
	for _, a := range n.dns.Addrs() {
		dns = append(dns, a.String())
	}
	n.sayWhere(dns)
	for _, name := range n.Logs.Unknown() {
		n.log.Warn("log_level names a package that does not log", "name", name, "packages", slices.Sorted(maps.Keys(n.Logs.Levels().Packages)))
	}
	n.log.Info("started", "name", n.Config.Name, "version", n.Version, "data", n.Config.Data, "dns", dns, "https", n.Config.Listen)
	return nil
}

func (n *Node) sayWhere(dns []string) {
	if n.Out == nil {
		return
	}
	fmt.Fprintf(n.Out, "zonefleet %s is %s\n", n.Version, n.Config.Name)
	for _, a := range dns {
		fmt.Fprintf(n.Out, "  DNS         %s (UDP and TCP)\n", a)
	}
	fmt.Fprintf(n.Out, "  HTTPS       %s (members, REST, command line), advertised as %s\n", n.Config.Listen, n.Config.Advertise)
	fmt.Fprintf(n.Out, "  key         %s\n", n.identity.ShownFingerprint())
	fmt.Fprintf(n.Out, "  sign in     %s (works once, for an hour)\n", n.signInLink())
	fmt.Fprintf(n.Out, "  root token  %s\n", filepath.Join(n.Config.Data, auth.RootFile))
}

// clock is the wall clock of this server.
func (n *Node) clock() time.Time { return n.World.Now().Add(n.Config.ClockOffset) }

// now is the clock by which changes are timed.
func (n *Node) now() zone.Millis { return zone.Millis(n.clock().UnixMilli()) }

// signInLink is for a browser, where members reach this server too.
func (n *Node) signInLink() string { return "https://" + n.Config.Advertise + n.web.NewLink() }

// linkOf is where the secret of a sign-in link is used.
func (n *Node) linkOf(secret string) string {
	return "https://" + n.Config.Advertise + web.LinkPath(secret)
}

// readyError says why the server does not serve all that it holds.
func (n *Node) readyError() error {
	switch {
	case !n.front.isLoaded():
		return errors.New("zones are still being loaded")
	case !n.front.isReady.Load():
		return errors.New("it has not taken over yet")
	}
	return nil
}

func advertisedAddresses(advertise string) []netip.Addr {
	host, _, err := net.SplitHostPort(advertise)
	if err != nil {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}
	}
	return nil
}
