package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Options say what to run. Server i (from 1) answers DNS on DNSPort+i-1 and HTTPS on HTTPPort+i-1.
type Options struct {
	Servers  int    // 2 to 9, 3 by default
	Zones    string // folder of zone files; empty: the zones that the program carries
	Dir      string // folder that keeps the data; empty: a temporary one, removed at the end
	DNSPort  int
	HTTPPort int
	Tour     bool
	Out      io.Writer
}

// Bounds of Options. Each server is a process with an open database; nine still start on a laptop.
const (
	minServers = 2
	maxServers = 9
)

// startLimit is how long all servers may take to answer; a folder kept from before may hold many zones.
const startLimit = 2 * time.Minute

type demo struct {
	Options
	binary  string
	servers []*server
}

// Run starts the servers, sets them up unless their folder says that this was done before, and stays until ctx ends or,
// with Tour, until the tour is over.
func Run(ctx context.Context, o Options) (err error) {
	if o.Servers < minServers || o.Servers > maxServers {
		return fmt.Errorf("%d servers: the demo runs %d to %d", o.Servers, minServers, maxServers)
	}
	if err := checkPorts(o); err != nil {
		return err
	}
	if o.Zones != "" {
		if _, err := os.Stat(o.Zones); err != nil {
			return fmt.Errorf("look at the zone files: %w", err)
		}
	}
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program itself: %w", err)
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "zonefleet-demo-"); err != nil {
			return fmt.Errorf("make a data folder: %w", err)
		}
		dir := o.Dir
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}

	// The children die with the thread that starts them: this one, which stays with Run to its end.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	d := &demo{Options: o, binary: binary, servers: newServers(o)}
	var children sync.WaitGroup
	defer func() {
		d.stop()
		children.Wait()
	}()
	for _, s := range d.servers {
		if err := s.start(binary); err != nil {
			return err
		}
		children.Go(s.wait)
	}
	return d.run(ctx)
}

func (d *demo) run(ctx context.Context) error {
	if err := d.awaitReady(ctx); err != nil {
		return err
	}
	if err := d.setUp(ctx); err != nil {
		return err
	}
	if d.Tour {
		return d.tour(ctx)
	}
	if err := d.printLinks(ctx); err != nil {
		return err
	}
	d.printHow(d.exampleZone(ctx))
	d.stay(ctx)
	return nil
}

func (d *demo) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("no answer for %s", startLimit))
	defer cancel()
	for _, s := range d.servers {
		if err := s.ready(ctx); err != nil {
			return err
		}
		d.say("server %d  %-20s %s  DNS %s  HTTPS %s", s.number, s.name, s.what, s.dns, s.https)
	}
	return nil
}

// stay waits for the end and says when a server goes; it starts none again, so that a reader can kill one and start it
// by hand.
func (d *demo) stay(ctx context.Context) {
	gone := make(chan *server, len(d.servers))
	var watchers sync.WaitGroup
	defer watchers.Wait()
	for _, s := range d.servers {
		watchers.Go(func() {
			select {
			case <-s.ended:
				gone <- s
			case <-ctx.Done():
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			d.say("\nstopping the servers")
			return
		case s := <-gone:
			d.say("server %d (%s) ended: %v\n  start it again: %s serve --data %s", s.number, s.name, s.err, d.binary, s.dir)
		}
	}
}

func (d *demo) stop() {
	var stops sync.WaitGroup
	for _, s := range d.servers {
		if s.ended != nil {
			stops.Go(s.stop)
		}
	}
	stops.Wait()
	d.stopByHand()
}

// exampleZone is a zone to try things in: the first that there is, unless example.com is there.
func (d *demo) exampleZone(ctx context.Context) string {
	example := "example.com"
	var list struct {
		Zones []struct{ Name string } `json:"zones"`
	}
	if _, err := d.at(ctx, d.first(), "zone", "show", example); err == nil {
		return example
	}
	if err := d.ask(ctx, d.first(), &list, "zone", "list", "--limit", "1"); err == nil && len(list.Zones) > 0 {
		example = list.Zones[0].Name
	}
	return example
}

// printLinks prints for each server a link that signs a browser in as root, once and for an hour.
func (d *demo) printLinks(ctx context.Context) error {
	d.say("\nopen a server in a browser, which warns of its certificate, made for this demo (a link works once; zonefleet sign-in makes another):")
	for _, s := range d.servers {
		var link struct {
			URL string `json:"url"`
		}
		if err := d.ask(ctx, s, &link, "sign-in"); err != nil {
			return err
		}
		d.say("  server %d  %s", s.number, link.URL)
	}
	return nil
}

func (d *demo) printHow(zone string) {
	d.say("\nin another terminal, point the command line at a server:")
	for _, s := range d.servers {
		d.say("  export ZONEFLEET_SERVER=https://%s ZONEFLEET_DATA=%s   # server %d, %s", s.https, s.dir, s.number, s.name)
	}
	last := d.servers[len(d.servers)-1]
	d.say("\nthen try:")
	d.say("  %s zone list", d.binary)
	d.say("  %s record set %s www 300 A 192.0.2.99 --wait=all", d.binary, zone)
	d.say("  dig @127.0.0.1 -p %d www.%s A        # what server %d answers", d.DNSPort+last.number-1, zone, last.number)
	d.say("\nit runs until you press Ctrl-C; the data is in %s", d.Dir)
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.Out, format+"\n", args...) }
