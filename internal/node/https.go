package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/rest"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// Time limits of the HTTPS port. Bodies have limits of their own at the doors: a bulk import may take an hour.
const (
	headerTimeout   = 10 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
	maxHeaderBytes  = 64 << 10
	// maxConnections is how many may be open at once: links of thousands of members, people and programs. More wait to be
	// accepted.
	maxConnections = 8192
)

func (n *Node) listen() (net.Listener, error) {
	l, err := n.front.listenHTTPS(n.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTPS on %s: %w\nhint: another program has the port (ss -ltnp shows which), or choose one with --listen", n.Config.Listen, err)
	}
	return netutil.LimitListener(allowListener{l, n}, maxConnections), nil
}

// freshTime is how long after it was accepted a connection may take to send its first request. One that has sent none is
// closed when the server ends, so its request would be lost on the way.
const freshTime = 300 * time.Millisecond

// entrance is a listener that knows when it accepted the last connection.
type entrance struct {
	net.Listener
	began time.Time
	last  atomic.Int64 // how long after it began, whatever the clock is set to meanwhile
}

func (e *entrance) Accept() (net.Conn, error) {
	c, err := e.Listener.Accept()
	if err == nil {
		e.last.Store(int64(time.Since(e.began)))
	}
	return c, err
}

// shut accepts no more, and returns when the last connection has had its time. Whoever comes now waits for the next
// process, if there will be one.
func (e *entrance) shut() {
	e.Close()
	time.Sleep(time.Duration(e.last.Load()) + freshTime - time.Since(e.began))
}

// serveHTTPS answers until ctx ends; then links are told good-bye and requests under way may end.
func (n *Node) serveHTTPS(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: n.doors(ctx), TLSConfig: n.identity.ServerTLS(),
		HTTP2: peer.HTTP2(), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:    slog.NewLogLogger(n.log.With("package", "https").Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	done := make(chan error, 1)
	in := &entrance{Listener: l, began: time.Now()}
	go func() { done <- server.Serve(tls.NewListener(in, server.TLSConfig)) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve HTTPS: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	in.shut()
	<-done
	n.web.Close()
	n.door.Close(ending)
	err := server.Shutdown(ending)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return err
}

// doors is what the port answers, until ctx ends. With the profile "nameserver" the public sees the members' door alone.
func (n *Node) doors(ctx context.Context) http.Handler {
	if n.World.MembersOnly {
		return n.door
	}
	api := rest.New(rest.Deps{
		Control: n.control, Tokens: n.verifier, Passwords: n.control, Metrics: n.metrics.Handler(),
		Ready: n.readyError, Backups: n.backups,
		Process: n.front, Ending: ctx, SignInLink: n.signInLink, LinkOf: n.linkOf,
		Now: n.clock, Logger: n.log.With("package", "rest"),
		Running: process{n},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !n.allows(r):
			http.Error(w, "this address is not allowed here", http.StatusForbidden)
		case strings.HasPrefix(r.URL.Path, wire.PathPrefix):
			n.door.ServeHTTP(w, r)
		case n.live.Load().Profile == config.ProfileNameserver && !fromLoopback(r):
			http.NotFound(w, r)
		case rest.Answers(r.URL.Path):
			api.ServeHTTP(w, r)
		default:
			n.web.ServeHTTP(w, r)
		}
	})
}

func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && net.ParseIP(host).IsLoopback()
}
