package peer

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// Limits of a door.
const (
	DefaultMaxLinks     = 4096
	maxQuestions        = 64 // answered at once; more wait
	linksPerHolder      = 4  // of one token and instance; a further one replaces the oldest
	greetingTimeout     = 15 * time.Second
	questionReadTimeout = 30 * time.Second
	questionTimeout     = 2 * time.Minute
)

// Options of a Door. Cluster is required.
type Options struct {
	Cluster  Cluster
	MaxLinks int           // 0: DefaultMaxLinks
	Versions wire.Versions // zero: those of this software
	Link     wire.Options  // heartbeat; budget, nil: one of this door's own
	Logger   *slog.Logger  // nil: slog.Default
	// Stranger, which may be nil, says why the holder of a key is not let in whatever it proves, "" if that depends.
	Stranger func(fingerprint string) string
}

// Door answers /peer/v1/*. It needs an HTTP/2 server (HTTP2) with the TLS configuration of identity.
type Door struct {
	opt       Options
	mux       *http.ServeMux
	throttle  throttle
	decoy     wire.TokenHash // compared with when a token is unknown
	questions chan struct{}

	mu     sync.Mutex
	closed bool
	inside int // handlers of links
	links  map[*wire.Link]holder
	joined sync.WaitGroup
}

// New makes a door.
func New(o Options) *Door {
	if o.MaxLinks <= 0 {
		o.MaxLinks = DefaultMaxLinks
	}
	if o.Link.Budget == nil {
		o.Link.Budget = semaphore.NewWeighted(2 * wire.MaxMessage)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	d := &Door{
		opt:       o,
		mux:       http.NewServeMux(),
		throttle:  throttle{now: time.Now},
		decoy:     randomHash(),
		questions: make(chan struct{}, maxQuestions),
		links:     make(map[*wire.Link]holder),
	}
	d.mux.HandleFunc("POST "+wire.PathLink, d.link)
	d.mux.HandleFunc("GET "+wire.PathHello, d.ask(introduce))
	d.mux.HandleFunc("POST "+wire.PathExists, d.ask(exists))
	d.mux.HandleFunc("POST "+wire.PathCompare, d.ask(compare))
	d.mux.HandleFunc("POST "+wire.PathStand, d.ask(stand))
	d.mux.HandleFunc("POST "+wire.PathFetch, d.ask(fetch))
	d.mux.HandleFunc("POST "+wire.PathTrust, d.ask(trust))
	d.mux.HandleFunc("POST "+wire.PathUntrust, d.ask(untrust))
	d.mux.HandleFunc("POST "+wire.PathLeave, d.ask(leaveCluster))
	d.mux.HandleFunc("POST "+wire.PathJoin, d.ask(join))
	return d
}

// HTTP2 is how the server of a door should be set up: windows wide enough for links over long distances, and pings, so
// that a caller whose host vanished is noticed.
func HTTP2() *http.HTTP2Config {
	return &http.HTTP2Config{
		MaxConcurrentStreams:          100,
		MaxReceiveBufferPerStream:     4<<20 - 1, // the largest that is taken
		MaxReceiveBufferPerConnection: 4<<20 - 1,
		SendPingTimeout:               20 * time.Second,
		PingTimeout:                   20 * time.Second,
	}
}

// ServeHTTP answers one request below /peer/v1/.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(wire.HeaderProtocol, d.opt.Versions.String())
	d.mux.ServeHTTP(w, r)
}

// HangUp ends the links of the callers that match, telling them why, and returns when that is sent or ctx ends.
func (d *Door) HangUp(ctx context.Context, why wire.Reason, match func(Caller) bool) {
	var all sync.WaitGroup
	d.mu.Lock()
	for l, h := range d.links {
		if match(h.caller) {
			all.Go(func() { l.Bye(ctx, why) })
		}
	}
	d.mu.Unlock()
	all.Wait()
}

// Close refuses further links, ends those that are open, and waits for their handlers.
func (d *Door) Close(ctx context.Context) {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.HangUp(ctx, wire.ReasonShutdown, func(Caller) bool { return true })
	d.joined.Wait()
}

func statusOf(c wire.Code) int {
	switch c {
	case wire.CodeToken:
		return http.StatusUnauthorized
	case wire.CodeForbidden:
		return http.StatusForbidden
	case wire.CodeOff, wire.CodeDisabled:
		return http.StatusConflict
	case wire.CodeNotFound:
		return http.StatusNotFound
	case wire.CodeRefused:
		return http.StatusUnprocessableEntity
	case wire.CodeVersion, wire.CodeBadInput:
		return http.StatusBadRequest
	case wire.CodeBusy:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problemOf is what a caller may learn of an error.
func (d *Door) problemOf(r *http.Request, err error) *wire.Problem {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, wire.ErrProtocol) {
		return &wire.Problem{Code: wire.CodeBadInput, Message: err.Error()}
	}
	d.opt.Logger.Error("member's request failed", "path", r.URL.Path, "from", r.RemoteAddr, "err", err)
	return &wire.Problem{Code: wire.CodeInternal, Message: "internal error"}
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := d.problemOf(r, err)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statusOf(p.Code))
	json.NewEncoder(w).Encode(p) // the caller is gone when this fails
}
