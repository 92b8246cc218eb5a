package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

type options struct {
	binary, dir, faults  string
	duration, grace      time.Duration
	jumps                bool // the program's clock can be set, by a file that STORM_CLOCK names
	seed                 uint64
	servers, zones, rate int
}

// again is the command that makes a storm like this one.
func (o options) again() string {
	again := fmt.Sprintf("make storm DURATION=%s SEED=%d SERVERS=%d", o.duration, o.seed, o.servers)
	more := ""
	if o.zones != defaultZones {
		more += fmt.Sprintf(" -zones %d", o.zones)
	}
	if o.rate != defaultRate {
		more += fmt.Sprintf(" -rate %d", o.rate)
	}
	if o.faults != "" {
		more += " -faults " + o.faults
	}
	if more != "" {
		again += fmt.Sprintf(" STORM=%q", more[1:])
	}
	return again
}

// What a storm has if nothing else is said.
const (
	defaultZones = 60
	defaultRate  = 20
)

// defaultGrace is how long after the end all servers must be equal.
const defaultGrace = 30 * time.Second

// storm is one run.
type storm struct {
	options
	out      io.Writer
	began    time.Time
	servers  []*server
	shape    string // in words
	zones    *zoneList
	ledger   *ledger
	past     *past
	log      *faultLog
	network  *network // nil: servers are on the loopback network
	findings *findings
}

// random returns a source of its own for each part of a run, so that one more question of one part changes no other.
func (s *storm) random(part string, n int) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, b := range []byte(part) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(s.seed, h+uint64(n)))
}

// run is one storm from its start to its verdict.
func run(ctx context.Context, o options, out io.Writer) (good bool, err error) {
	made := o.dir == ""
	if made {
		if o.dir, err = os.MkdirTemp("", "zonefleet-storm-"); err != nil {
			return false, err
		}
	}
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return false, err
	}
	s := &storm{options: o, out: out, began: time.Now(), zones: newZoneList(o.zones), ledger: newLedger(), past: newPast()}
	if s.log, err = newFaultLog(filepath.Join(o.dir, "faults.log"), s.began); err != nil {
		return false, err
	}
	defer s.log.close()
	s.findings = &findings{log: s.log}
	defer func() { err = errors.Join(err, s.cleanUp(ctx, good, made)) }()
	if err := s.setUp(ctx); err != nil {
		return false, fmt.Errorf("set up: %w", err)
	}
	fmt.Fprintf(out, "storm: seed %d, %s, %d servers: %s\nfaults are written to %s\n", o.seed, o.duration, len(s.servers), s.shape, s.log.path)
	if err := s.blow(ctx); err != nil {
		return false, err
	}
	good, err = s.judge(ctx)
	fmt.Fprintln(out, "again:", o.again())
	return good, err
}

// blow runs clients, readers and faults until the time is over, and heals everything.
func (s *storm) blow(ctx context.Context) error {
	s.began = time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.duration)
	defer cancel()
	var wg sync.WaitGroup
	for i, srv := range s.servers {
		for n := range clientsPerServer {
			wg.Go(func() { newClient(s, srv, s.random("client", i*clientsPerServer+n)).run(ctx) })
		}
		wg.Go(func() { newReader(s, srv, s.random("reader", i)).run(ctx) })
	}
	wg.Go(func() { s.report(ctx) })
	err := s.rage(ctx, s.random("faults", 0))
	wg.Wait()
	return err
}

// cleanUp leaves nothing behind, no process, no mount, no listener, and no folder unless there is something to look at.
func (s *storm) cleanUp(ctx context.Context, good, made bool) (err error) {
	keep := !good && ctx.Err() == nil
	for _, srv := range s.servers {
		err = errors.Join(err, srv.discard(keep))
	}
	if keep {
		fmt.Fprintf(s.out, "kept for analysis: %s\n", s.dir)
	} else if made {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
