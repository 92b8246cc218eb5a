package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// started starts the first n servers.
func started(ctx context.Context, o options, prefix string, n int) (servers []*server, err error) {
	for i := range n {
		s, err := newServer(o, fmt.Sprintf("%s%d", prefix, i))
		if err != nil {
			return servers, err
		}
		if _, err := s.start(ctx); err != nil {
			return servers, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// link links all servers with each other; with now each also gets at once what the other has.
func link(ctx context.Context, servers []*server, now bool) error {
	for i, from := range servers {
		for _, to := range servers[i+1:] {
			if err := from.link(ctx, to, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// linked starts servers that all synchronize everything with each other.
func linked(ctx context.Context, o options, prefix string) ([]*server, error) {
	servers, err := started(ctx, o, prefix, o.servers)
	if err != nil {
		return servers, err
	}
	return servers, link(ctx, servers, true)
}

// cluster is servers full of zones that all synchronize everything with each other. They are filled before they are linked,
// one by an import and the others from its backup: in a cluster of five each zone would travel over twenty links, which
// takes half an hour for 100,000 of them and is not what is measured here.
// owner says whose a zone is, by its number; nil: nobody's.
func cluster(ctx context.Context, o options, prefix string, owner func(i int) string) ([]*server, error) {
	began := time.Now()
	say("importing %d zones at the first of %d servers", o.zones, o.servers)
	servers, err := started(ctx, o, prefix, 1)
	if err != nil {
		return servers, err
	}
	file := filepath.Join(o.dir, "first.zfb")
	defer os.Remove(file)
	if err := fill(ctx, o, servers[0], file, owner); err != nil {
		return servers, err
	}
	for i := range o.servers - 1 {
		s, err := newServer(o, fmt.Sprintf("%s%d", prefix, i+1))
		if err != nil {
			return servers, err
		}
		if err := s.cli(ctx, "restore", "--without-secrets", file); err != nil {
			return servers, err
		}
		if _, err := s.start(ctx); err != nil {
			return servers, err
		}
		servers = append(servers, s)
	}
	if err := link(ctx, servers, false); err != nil {
		return servers, err
	}
	say("all have them and are linked with each other, after %s", time.Since(began).Round(time.Second))
	return servers, servers[0].inStep(ctx)
}

func fill(ctx context.Context, o options, s *server, file string, owner func(i int) string) error {
	zones := filepath.Join(o.dir, "zones")
	defer os.RemoveAll(zones)
	if owner == nil {
		owner = func(int) string { return "" }
	}
	for from := 0; from < o.zones; {
		to := from + 1
		for to < o.zones && owner(to) == owner(from) {
			to++
		}
		dir := filepath.Join(zones, fmt.Sprint(from))
		if err := writeZones(dir, from, to); err != nil {
			return err
		}
		if err := s.cli(ctx, "zone", "import", "--owner", owner(from), dir); err != nil {
			return err
		}
		os.RemoveAll(dir)
		from = to
	}
	return s.cli(ctx, "backup", file)
}

func stopAll(servers []*server) {
	for _, s := range servers {
		s.stop()
	}
}

// say tells who waits what is being done.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().UTC().Format(time.TimeOnly)+" "+format+"\n", args...)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
