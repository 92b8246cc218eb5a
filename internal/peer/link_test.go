package peer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// member is the side that dials; it keeps what it is sent, as server does.
func member() *server { return new(server) }

func open(t testing.TB, c *zonefleet.Client, h wire.Hello, r wire.Receiver) *zonefleet.Session {
	t.Helper()
	l, err := c.Link(t.Context(), h, r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLinkCarriesChangesBothWays(t *testing.T) {
	s, web := newServer(t), member()
	back := make(chan error, 1)
	s.attend = func(ctx context.Context, l *wire.Link) {
		out, err := l.Deliver(ctx, []wire.Item{state(example, 3)})
		if err == nil && (len(out) != 1 || out[0].Result != wire.Stored) {
			err = fmt.Errorf("outcomes %v", out)
		}
		back <- err
		<-ctx.Done()
	}
	hello := wire.Hello{
		Facts: wire.Facts{Name: "web1.example.net", Instance: "instance-web1"}, Push: true, Follow: true,
		Cursor: wire.Cursor{Instance: "instance-ns1", Position: 17},
	}
	l := open(t, newClient(t, s.address), hello, web)
	if l.Welcome.Stored != 41 || l.Welcome.Instance != "instance-ns1" || l.Fingerprint != s.id.Fingerprint() {
		t.Errorf("welcome %+v", l.Welcome)
	}
	if d := cmp.Diff(hello.Cursor, s.hello.Cursor); d != "" || !s.hello.Push || !s.hello.Follow || s.hello.Replace {
		t.Errorf("hello %+v", s.hello)
	}
	if err := <-back; err != nil {
		t.Errorf("followed: %v", err)
	}
	time.Sleep(600 * time.Millisecond) // longer than the server's time limits for ordinary requests
	out, err := l.Deliver(t.Context(), []wire.Item{state(example, 2)})
	if err != nil || len(out) != 1 || out[0].Result != wire.Stored || out[0].Zone != example {
		t.Errorf("pushed: %v, %v", out, err)
	}
	if len(s.items) != 1 || len(web.items) != 1 {
		t.Errorf("%d came to the server, %d to the member", len(s.items), len(web.items))
	}
}

func TestStateOfFiftyMegabytesArrives(t *testing.T) {
	s := newServer(t)
	l := open(t, newClient(t, s.address), wire.Hello{}, member())
	big := state(example, 1250)
	for i := range big.Delta.Keys {
		data := make([]byte, 40_000)
		rand.Read(data)
		big.Delta.Keys[i].Versions[0].Value = zone.EncodeRRset(300, [][]byte{data})
	}
	if _, err := l.Deliver(t.Context(), []wire.Item{big}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]wire.Item{big}, s.items, cmp.Comparer(bytes.Equal), cmp.Comparer(sameVector)); d != "" {
		t.Errorf("(-sent +received):\n%.1000s", d)
	}
}

func TestDisableEndsTheLinkWithItsReason(t *testing.T) {
	s := newServer(t)
	l := open(t, newClient(t, s.address), wire.Hello{}, member())
	s.door.HangUp(t.Context(), wire.ReasonOff, func(c peer.Caller) bool { return c.TokenID == "abcdefghij" })
	<-l.Done()
	if err := l.Err(); !errors.Is(err, zonefleet.ErrOff) || zonefleet.IsFailure(err) {
		t.Errorf("ended with %v", err)
	}
}

func TestClosingTheDoorEndsLinksAndTakesNoNewOnes(t *testing.T) {
	s := newServer(t)
	var attended sync.WaitGroup
	attended.Add(1)
	s.attend = func(ctx context.Context, _ *wire.Link) { <-ctx.Done(); attended.Done() }
	c := newClient(t, s.address)
	l := open(t, c, wire.Hello{}, member())
	s.door.Close(t.Context())
	attended.Wait()
	<-l.Done()
	var bye *wire.ByeError
	if !errors.As(l.Err(), &bye) || bye.Reason != wire.ReasonShutdown {
		t.Errorf("ended with %v", l.Err())
	}
	if _, err := c.Link(t.Context(), wire.Hello{}, member()); !errors.Is(err, zonefleet.ErrBusy) {
		t.Errorf("a link to a closed door: %v", err)
	}
}

func TestMemberClosesAndTheServerNotices(t *testing.T) {
	s := newServer(t)
	here, gone := make(chan struct{}), make(chan struct{})
	s.attend = func(ctx context.Context, _ *wire.Link) { close(here); <-ctx.Done(); close(gone) }
	l := open(t, newClient(t, s.address), wire.Hello{}, member())
	<-here
	l.Close()
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the server keeps a closed link")
	}
}

func TestLinkOverALostConnectionEndsAndCanBeOpenedAgain(t *testing.T) {
	s := newServer(t)
	wire1 := newCable(t, s.address)
	c := newClient(t, wire1.address)
	l := open(t, c, wire.Hello{}, member())
	hold := make(chan struct{})
	s.receive = func(ctx context.Context, items []wire.Item) []wire.Outcome {
		close(hold)
		<-ctx.Done() // the link ends while the receiver works
		return make([]wire.Outcome, len(items))
	}
	delivered := make(chan error, 1)
	go func() {
		_, err := l.Deliver(t.Context(), []wire.Item{state(example, 1)})
		delivered <- err
	}()
	<-hold
	wire1.cut()
	if err := <-delivered; err == nil || !zonefleet.IsFailure(l.Err()) {
		t.Errorf("deliver over a cut cable: %v, link %v", err, l.Err())
	}
	s.receive = nil
	again := open(t, c, wire.Hello{}, member())
	if _, err := again.Deliver(t.Context(), []wire.Item{state(example, 1)}); err != nil {
		t.Errorf("on a new connection: %v", err)
	}
}

// cable is a TCP connection that can be cut.
type cable struct {
	address string
	mu      sync.Mutex
	conns   []net.Conn
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			if err != nil {
				down.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, down, up)
			c.mu.Unlock()
			all.Go(func() { copyUntilCut(up, down) })
			all.Go(func() { copyUntilCut(down, up) })
		}
	})
	t.Cleanup(func() { l.Close(); c.cut(); all.Wait() })
	return c
}

func copyUntilCut(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

func TestAForgottenLinkMakesRoomForItsHolder(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1")
	hello := wire.Hello{Facts: wire.Facts{Instance: "instance-web1"}}
	var links []*zonefleet.Session
	for range 6 {
		links = append(links, open(t, newClient(t, s.address, as(web)), hello, member()))
	}
	<-links[0].Done()
	<-links[1].Done()
	for i, l := range links[2:] {
		if l.Err() != nil {
			t.Errorf("link %d ended: %v", i+2, l.Err())
		}
	}
}

func TestLinksAreLimited(t *testing.T) {
	s := newServer(t, func(o *peer.Options) { o.MaxLinks = 1 })
	web := newIdentity(t, "web1")
	open(t, newClient(t, s.address, as(web)), wire.Hello{}, member())
	_, err := newClient(t, s.address, as(web)).Link(t.Context(), wire.Hello{}, member())
	if !errors.Is(err, zonefleet.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestAcknowledgementTakesNoTimer(t *testing.T) {
	s := newServer(t)
	l := open(t, newClient(t, s.address), wire.Hello{}, member())
	best := time.Hour
	for range 50 {
		start := time.Now()
		if _, err := l.Deliver(t.Context(), []wire.Item{state(example, 1)}); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	t.Logf("fastest round trip %v", best)
	if best > 5*time.Millisecond {
		t.Errorf("the fastest of 50 acknowledgements took %v", best)
	}
}

func BenchmarkDeliver(b *testing.B) {
	s := newServer(b)
	s.receive = func(_ context.Context, items []wire.Item) []wire.Outcome {
		out := make([]wire.Outcome, len(items))
		for i := range out {
			out[i].Result = wire.Stored
		}
		return out
	}
	l := open(b, newClient(b, s.address), wire.Hello{}, member())
	for _, n := range []int{1, 1000} {
		items := make([]wire.Item, n)
		for i := range items {
			items[i] = state(example, 10)
		}
		b.Run(fmt.Sprintf("%d zones at once", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Deliver(b.Context(), items); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "zones/s")
		})
	}
}
