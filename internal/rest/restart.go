package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Process is the process that this server is, which another one may take over from.
type Process interface {
	Process() ProcessState
	// Restart asks for a successor, started from the program file on disk. It may load no further zone for as long as limit
	// before it counts as hung; 0: as long as usual.
	Restart(limit time.Duration)
}

// ProcessState is what a Process says of itself.
type ProcessState struct {
	PID        int
	Started    time.Time
	Restarting bool   // a successor was asked for, or this is one that has not taken over yet
	Failed     string // why the last successor did not take over; empty: none has failed
	FailedAt   time.Time
}

func (s *Server) restartRoutes(a huma.API) {
	handle(s, a, op("show-process", http.MethodGet, "/process", "server", "The process that this server is, and whether another takes over"), s.showProcess)
	restart := op("restart", http.MethodPost, "/process/restart", "server", "Hand over to a new process, started from the program file on disk, without losing a query")
	restart.DefaultStatus = http.StatusAccepted
	handle(s, a, restart, s.restart)
	link := op("create-sign-in-link", http.MethodPost, "/sign-in-link", "server", "Make a link that signs a browser in, once and within an hour; the one before it no longer works")
	link.DefaultStatus = http.StatusCreated
	handle(s, a, link, s.signInLink)
}

func (s *Server) showProcess(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.Process], error) {
	if err := may(p, acl.ManageNode); err != nil {
		return nil, err
	}
	if s.Process == nil {
		return nil, &control.Error{Code: control.CodeUnavailable, Message: "this server does not know its process"}
	}
	st := s.Process.Process()
	doc := api.Process{PID: st.PID, Version: s.Control.Self.Version, Started: st.Started.UTC(), Restarting: st.Restarting}
	if st.Failed != "" {
		at := st.FailedAt.UTC()
		doc.Failed, doc.FailedAt = st.Failed, &at
	}
	return answer(doc), nil
}

type restart struct {
	Standstill string `query:"standstill" doc:"how long the new process may load no further zone before it is given up, as 30s; default 20s, at most 10m"`
}

func (s *Server) restart(ctx context.Context, p acl.Principal, in *restart) (*body[api.Process], error) {
	before, err := s.showProcess(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	var limit time.Duration
	if in.Standstill != "" {
		if limit, err = time.ParseDuration(in.Standstill); err != nil || limit <= 0 || limit > 10*time.Minute {
			return nil, invalid("standstill", "%q is not a duration of at most 10m", in.Standstill)
		}
	}
	s.Process.Restart(limit)
	before.Body.Restarting = true
	return before, nil
}

func (s *Server) signInLink(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.SignInLink], error) {
	if err := may(p, acl.ManageNode); err != nil {
		return nil, err
	}
	if s.SignInLink == nil {
		return nil, &control.Error{Code: control.CodeUnavailable, Message: "this server has no pages"}
	}
	return answer(api.SignInLink{URL: s.SignInLink()}), nil
}
