package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// impostor answers members in the place of a stopped server: at its address, with its key, knowing the tokens that it
// gave. It acknowledges everything that it gets and keeps nothing; a mad one answers with nonsense as well.
type impostor struct {
	peer.Answers // nil: what nobody asks in a storm
	of           *server
	mad          bool
	facts        wire.Facts
	door         *peer.Door
	server       *http.Server
}

// newImpostor reads what it has to know from the folder of the stopped server.
func newImpostor(of *server, mad bool) (*impostor, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(of.dir, "node.crt"), filepath.Join(of.dir, "node.key"))
	if err != nil {
		return nil, err
	}
	st, err := store.Open(of.dir, store.Options{})
	if err != nil {
		return nil, err
	}
	i := &impostor{of: of, mad: mad, facts: wire.Facts{
		Name: of.name, Instance: st.Instance(), Fingerprint: identity.FingerprintOf(cert.Leaf), Position: uint64(st.Synced()),
		Version: "1", Software: "embedded", Profile: "standard", Clock: zone.Millis(time.Now().UnixMilli()),
	}}
	if err := st.Close(); err != nil {
		return nil, err
	}
	i.door = peer.New(peer.Options{Cluster: i, Logger: slog.New(slog.DiscardHandler)})
	i.server = &http.Server{
		Handler: i, HTTP2: peer.HTTP2(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), ReadHeaderTimeout: babbleTime,
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, ClientAuth: tls.RequestClientCert,
			Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true,
		},
	}
	return i, nil
}

// play answers until pause returns.
func (i *impostor) play(pause func()) error {
	l, err := i.of.listen(i.of.https)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- i.server.ServeTLS(l, "", "") }() // ends with Close, below
	pause()
	err = i.server.Close()
	if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	ctx, cancel := context.WithTimeout(context.Background(), babbleTime)
	defer cancel()
	i.door.Close(ctx)
	return err
}

// madness is how many answers of ten of a mad one are noise from the first octet on.
const madness = 3

func (i *impostor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !strings.HasPrefix(r.URL.Path, wire.PathPrefix):
		http.Error(w, "nobody is here", http.StatusServiceUnavailable)
	case i.mad && rand.IntN(10) < madness:
		i.prove(w, r)
		_, _ = w.Write(noise(rand.IntN(64 << 10)))
	default:
		i.door.ServeHTTP(w, r)
	}
}

// prove does what makes a member read on.
func (i *impostor) prove(w http.ResponseWriter, r *http.Request) {
	id, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), wire.AuthScheme+" "), " ")
	exporter, err := r.TLS.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		return
	}
	w.Header().Set(wire.HeaderProtocol, wire.Versions{}.String())
	w.Header().Set(wire.HeaderProof, hex.EncodeToString(wire.Prove(i.of.given[id], wire.SideServer, exporter)))
}

// Secret implements peer.Cluster.
func (i *impostor) Secret(_ context.Context, id string, _ netip.Addr) (wire.TokenHash, error) {
	hash, ok := i.of.given[id]
	if !ok {
		return hash, errors.New("unknown token")
	}
	return hash, nil
}

// Admit implements peer.Cluster.
func (i *impostor) Admit(context.Context, peer.Caller) (peer.Answers, error) { return i, nil }

// Introduce implements peer.Answers.
func (i *impostor) Introduce(context.Context) (wire.Introduction, error) {
	return wire.Introduction{Facts: i.facts, Grant: wire.Grant{Kind: "relay", User: "root"}, Clustering: true}, nil
}

// Exists says that there is everything, or nothing.
func (i *impostor) Exists(_ context.Context, names []zone.Name) ([]zone.Name, error) {
	if i.mad {
		return nil, nil
	}
	return names, nil
}

// Compare says that everything is equal.
func (i *impostor) Compare(_ context.Context, q digest.Question) ([]digest.Part, error) {
	parts := make([]digest.Part, len(q.Branches))
	for n := range parts {
		parts[n].Equal = !i.mad
		parts[n].Left = i.mad && rand.IntN(2) == 0
	}
	return parts, nil
}

// Stand says nothing of any zone.
func (i *impostor) Stand(context.Context, []zone.Name) ([]wire.Standing, error) { return nil, nil }

// Fetch implements peer.Answers.
func (i *impostor) Fetch(context.Context, zone.Name) (wire.Item, error) {
	return wire.Item{}, &wire.Problem{Code: wire.CodeNotFound, Message: "no such zone"}
}

// Open lets everybody in, and says that it has nothing yet.
func (i *impostor) Open(context.Context, wire.Hello) (peer.Reception, error) {
	return peer.Reception{Welcome: wire.Welcome{Facts: i.facts, Settled: new(uint64)}, Receiver: i}, nil
}

// Receive implements wire.Receiver: everything is stored, in words. What a mad one says differs from zone to zone.
func (i *impostor) Receive(_ context.Context, items []wire.Item) []wire.Outcome {
	said := make([]wire.Outcome, len(items))
	for n, item := range items {
		said[n] = wire.Outcome{Zone: item.Delta.Zone, Position: item.Position, Result: wire.Stored}
		if i.mad {
			said[n].Result = wire.Result(1 + rand.IntN(6))
			said[n].Reason = string(noise(30))
			said[n].Vector = zone.Vector{zone.NodeID(noise(8)): rand.Uint64() >> 1}
		}
	}
	return said
}

// Reported implements wire.Receiver.
func (i *impostor) Reported([]wire.Report) {}

// Topology implements wire.Receiver.
func (i *impostor) Topology([]string) {}

// impersonate puts an impostor in the place of a server for a while.
func impersonate(mad bool) func(context.Context, *storm, *server, *rand.Rand) error {
	return func(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
		if err := srv.stop(); err != nil {
			return err
		}
		i, err := newImpostor(srv, mad)
		if err != nil {
			return err
		}
		if err := i.play(func() { s.rest(ctx, r, 20*time.Second) }); err != nil {
			return err
		}
		return srv.start(context.WithoutCancel(ctx))
	}
}
