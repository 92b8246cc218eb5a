package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// cable pulls a server's cable: nothing reaches it, members, clients and readers, and open connections just fall silent.
func cable(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	err := srv.space.plug(false)
	s.rest(ctx, r, 20*time.Second)
	return errors.Join(err, srv.space.plug(true))
}

// mute loses what a server sends to other servers, while what they send arrives.
func mute(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	var others []string
	for _, o := range s.servers {
		if o != srv && r.IntN(3) > 0 {
			others = append(others, o.host)
		}
	}
	err := srv.space.mute(true, others)
	s.rest(ctx, r, 20*time.Second)
	return errors.Join(err, srv.space.mute(false, others))
}
