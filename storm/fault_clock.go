package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// wrongClock starts a server for a minute with a clock that is a year ahead, or behind.
func wrongClock(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	if err := srv.stop(); err != nil {
		return err
	}
	// What is older than a quarter of a year is forgotten then: remember who replaced what.
	if _, err := s.past.read(srv); err != nil {
		return err
	}
	const year = 365 * 24 * time.Hour
	srv.offset = year
	if r.IntN(3) == 0 {
		srv.offset = -year
	}
	s.log.say(fmt.Sprintf("the clock of %s is off by %s", srv.name, srv.offset))
	if err := srv.start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	s.rest(ctx, r, time.Minute)
	if err := srv.stop(); err != nil {
		return err
	}
	srv.offset = 0
	return srv.start(context.WithoutCancel(ctx))
}

// jump sets the clock of a server while it runs, a year ahead or behind for up to a minute, and back. Half of the servers
// are stopped just then.
func jump(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	by := 365 * 24 * 60 * 60
	if r.IntN(3) == 0 {
		by = -by
	}
	if err := os.WriteFile(srv.clockFile(), fmt.Append(nil, by), 0o600); err != nil {
		return err
	}
	s.rest(ctx, r, time.Minute)
	if err := os.Remove(srv.clockFile()); err != nil || r.IntN(2) == 0 {
		return err
	}
	return restart(ctx, s, srv, r)
}
