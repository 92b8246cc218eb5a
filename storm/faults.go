package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// fault is one thing that can happen to a server. It returns when all is as before; when ctx ends it ends early. Its
// error says that a server did not survive it.
type fault struct {
	name   string
	weight int
	may    func(*server) bool // nil: always
	do     func(ctx context.Context, s *storm, srv *server, r *rand.Rand) error
}

// faults are all that can happen.
func faults() []fault {
	return []fault{
		{"kill", 20, nil, kill},
		{"restart", 8, nil, restart},
		{"stopped", 12, nil, stopped},
		{"black-hole", 12, nil, cutBy(hole)},
		{"closed-port", 12, nil, cutBy(closed)},
		{"garbled", 8, nil, cutBy(garbled)},
		{"cable", 10, func(srv *server) bool { return srv.space != nil }, cable},
		{"mute", 6, func(srv *server) bool { return srv.space != nil }, mute},
		{"garbage", 6, nil, cutBy(garbage)},
		{"mad", 6, nil, impersonate(true)},
		{"forgets", 6, nil, impersonate(false)},
		{"disk-full", 8, func(srv *server) bool { return srv.mounted }, diskFull},
		{"clock", 4, nil, wrongClock},
		{"jump", 8, nil, jump},
		// What a server with write-only links loses with its disk does not come back to it: that is its role.
		{"copy", 6, func(srv *server) bool { return srv.copied == nil && !srv.sender }, takeCopy},
		{"rollback", 10, func(srv *server) bool { return srv.copied != nil }, rollBack},
		{"amnesia", 6, func(srv *server) bool { return srv.copied != nil }, amnesia},
	}
}

// atOnce is how many servers something happens to at a time.
const atOnce = 2

// rage makes faults until ctx ends and waits until all are over.
func (s *storm) rage(ctx context.Context, r *rand.Rand) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	known := faults()
	if !s.jumps {
		known = slices.DeleteFunc(known, func(f fault) bool { return f.name == "jump" })
	}
	if s.faults != "" {
		known = slices.DeleteFunc(known, func(f fault) bool { return !slices.Contains(strings.Split(s.faults, ","), f.name) })
	}
	var wg sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			wg.Wait()
			if err := context.Cause(ctx); err != context.DeadlineExceeded && err != context.Canceled {
				return err
			}
			return nil
		case <-time.After(time.Duration(500+r.IntN(4000)) * time.Millisecond):
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		f, srv, own := s.draw(known, r), s.servers[r.IntN(len(s.servers))], s.random("fault", n)
		if f.name == "" || f.may != nil && !f.may(srv) || !srv.take() {
			<-places
			continue
		}
		wg.Go(func() {
			defer func() { srv.give(); <-places }()
			title := f.name + " " + srv.name[:1]
			s.log.begin(title)
			if err := f.do(ctx, s, srv, own); err != nil {
				s.log.say("FAILED " + title + ": " + err.Error())
				cancel(fmt.Errorf("%s: %w", title, err))
			}
			s.log.end(title)
		})
	}
}

// draw takes a fault by its weight.
func (s *storm) draw(known []fault, r *rand.Rand) fault {
	sum := 0
	for _, f := range known {
		sum += f.weight
	}
	if sum == 0 {
		return fault{}
	}
	n := r.IntN(sum)
	for _, f := range known {
		if n -= f.weight; n < 0 {
			return f
		}
	}
	return fault{}
}

// take reserves a server for one fault.
func (s *server) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		return false
	}
	s.busy = true
	return true
}

func (s *server) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = false
}

// rest waits from a tenth up to all of the time, shorter in short storms; it ends with ctx.
func (s *storm) rest(ctx context.Context, r *rand.Rand, longest time.Duration) {
	longest = min(longest, s.duration/6)
	select {
	case <-ctx.Done():
	case <-time.After(longest/10 + time.Duration(r.Int64N(int64(longest)))*9/10):
	}
}

func kill(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	if err := srv.kill(); err != nil {
		return err
	}
	if r.IntN(2) == 0 {
		s.rest(ctx, r, 15*time.Second)
	}
	return srv.start(context.WithoutCancel(ctx))
}

func restart(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	if err := srv.stop(); err != nil {
		return err
	}
	if r.IntN(2) == 0 {
		s.rest(ctx, r, 10*time.Second)
	}
	return srv.start(context.WithoutCancel(ctx))
}

func stopped(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	srv.signal(syscall.SIGSTOP)
	s.rest(ctx, r, 20*time.Second)
	srv.signal(syscall.SIGCONT)
	return nil
}

// cutBy does something to the way to a server, and to its ways to the others.
func cutBy(m mode) func(context.Context, *storm, *server, *rand.Rand) error {
	return func(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
		for _, way := range srv.ways {
			way.set(srv.name, m)
		}
		s.rest(ctx, r, 20*time.Second)
		for _, way := range srv.ways {
			way.set(srv.name, pass)
		}
		return nil
	}
}
