package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// A server is small enough to fill quickly, and large enough for the database's own needs.
const smallDisk = "size=512m"

func (s *storm) setUp(ctx context.Context) error {
	r := s.random("topology", 0)
	n := s.options.servers
	if n == 0 {
		n = 3 + r.IntN(3)
	}
	// An address of the loopback network for each server, so that nobody else takes its port while it is down.
	net := fmt.Sprintf("127.%d.%d", 16+os.Getpid()%200, r.IntN(250)+1)
	var err error
	if s.network, err = newNetwork(s.out); err != nil {
		return err
	}
	for i := range n {
		host := fmt.Sprintf("%s.%d", net, i+1)
		if s.network != nil {
			host = serverAddress(i)
		}
		srv, err := s.newServer(host, string(rune('a'+i))+".zonefleet.test")
		if err != nil {
			return err
		}
		if err := srv.start(ctx); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(s.servers, func(srv *server) bool { return srv.mounted }) {
		fmt.Fprintln(s.out, "no file system can be mounted: disks are not filled")
	}
	if err := s.linkAll(ctx, r); err != nil {
		return err
	}
	return s.fillZones(ctx, r)
}

func (s *storm) newServer(host, name string) (*server, error) {
	srv := &server{name: name, host: host, binary: s.binary, home: filepath.Join(s.dir, name), given: map[string]wire.TokenHash{}}
	srv.dir = filepath.Join(srv.home, "data")
	s.servers = append(s.servers, srv)
	if err := os.MkdirAll(srv.home, 0o700); err != nil {
		return nil, err
	}
	if small := len(s.servers)%2 == 0; small && os.Geteuid() == 0 {
		if err := syscall.Mount("tmpfs", srv.home, "tmpfs", 0, smallDisk); err == nil {
			srv.mounted = true
		}
	}
	if s.network != nil {
		var err error
		if srv.space, err = s.network.add(host, len(s.servers)); err != nil {
			return nil, err
		}
	}
	for _, addr := range []*string{&srv.dns, &srv.https} {
		l, err := srv.listen(net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, err
		}
		*addr = l.Addr().String()
		l.Close()
	}
	// Own server, own loopback: the key says nothing here.
	srv.client = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8,
	}}
	var err error
	if srv.door, err = newProxy(srv.proxyHost(), srv.https); err == nil {
		srv.ways = append(srv.ways, srv.door)
	}
	return srv, err
}

// listen opens a port where the server is.
func (s *server) listen(address string) (l net.Listener, err error) {
	err = s.space.inside(func() error {
		l, err = net.Listen("tcp", address)
		return err
	})
	return l, err
}

// proxyHost is where the ways to the server begin that can be cut and garbled.
func (s *server) proxyHost() string {
	if s.space != nil {
		return storms
	}
	return s.host
}

// linkAll links the servers in one of the shapes.
func (s *storm) linkAll(ctx context.Context, r *rand.Rand) error {
	all := s.servers
	switch r.IntN(3) {
	case 0:
		s.shape = "all linked with each other"
		for i, from := range all {
			for _, to := range all[i+1:] {
				if err := s.linkPair(ctx, r, from, to); err != nil {
					return err
				}
			}
		}
	case 1:
		s.shape = "a chain"
		for i := range all[1:] {
			if err := s.linkPair(ctx, r, all[i], all[i+1]); err != nil {
				return err
			}
		}
	default:
		names := 2
		if len(all) == 3 {
			names = 1
		}
		s.shape = fmt.Sprintf("%d web servers, each linked with each of %d nameservers", len(all)-names, names)
		for i, web := range all[names:] {
			switch r.IntN(3) {
			case 0:
				web.leaf = true
				s.shape += fmt.Sprintf(", %s a leaf", web.name[:1])
			case 1:
				web.sender = true
				s.shape += fmt.Sprintf(", %s write-only", web.name[:1])
			}
			if web.scoped() {
				s.zones.most = 9 // of its zones, which are fewer, 10 are always more than 30 %
			}
			for _, ns := range all[:names] {
				if err := s.linkPair(ctx, r, web, ns); err != nil {
					return fmt.Errorf("web server %d: %w", i, err)
				}
			}
		}
		if names == 2 {
			return s.linkPair(ctx, r, all[0], all[1])
		}
	}
	return nil
}

// linkPair makes two servers hold the same: by one row, by one and the reverse trust, or by a row on each side.
func (s *storm) linkPair(ctx context.Context, r *rand.Rand, a, b *server) error {
	how := r.IntN(3)
	if a.leaf {
		how = min(how, 1) // only a leaf's own link knows that it is one
	}
	switch {
	case a.sender:
		return a.link(ctx, r, b, map[string]any{"role": "write-only"})
	case how == 0:
		return a.link(ctx, r, b, map[string]any{})
	case how == 1:
		return a.link(ctx, r, b, map[string]any{"reverse_trust": true})
	default:
		if err := a.link(ctx, r, b, map[string]any{}); err != nil {
			return err
		}
		return b.link(ctx, r, a, map[string]any{})
	}
}

// link makes to a member of s. In a network of its own the way is now and then direct: then only cables cut it.
func (s *server) link(ctx context.Context, r *rand.Rand, to *server, how map[string]any) error {
	var made struct {
		Token string `json:"token"`
	}
	kind := "relay"
	if s.scoped() {
		kind = "leaf"
	}
	if err := to.call(ctx, http.MethodPost, "/tokens", map[string]any{"name": s.name, "kind": kind}, &made); err != nil {
		return err
	}
	id, hash, err := wire.SplitToken(made.Token)
	if err != nil {
		return err
	}
	to.given[id] = hash
	address := to.https
	if to.space == nil || r.IntN(2) == 0 {
		way, err := newProxy(to.proxyHost(), to.https)
		if err != nil {
			return err
		}
		s.ways, to.ways, address = append(s.ways, way), append(to.ways, way), way.addr()
	}
	if how["reverse_trust"] != nil {
		to.ways = append(to.ways, s.door)
	}
	row := map[string]any{"host": address, "token": made.Token, "role": "synchronize", "zones": "all", "sync_now": true}
	for k, v := range how {
		row[k] = v
	}
	return s.call(ctx, http.MethodPost, "/members", row, nil)
}
