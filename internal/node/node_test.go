package node

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// built is a node with everything that a running one has, of which only the committer runs.
func built(t testing.TB, dir string, change ...func(*config.Config)) *Node {
	t.Helper()
	o := Options{Config: config.Config{Name: "web1.test", Data: dir, Advertise: "127.0.0.1:2087"}, Version: "1.0"}
	for _, f := range change {
		f(&o.Config)
	}
	n := newNode(newFront(o))
	if err := n.open(); err != nil {
		t.Fatal(err)
	}
	return n
}

// running commits until the returned function or the end of the test closes the node.
func running(t testing.TB, n *Node) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.store.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		for _, err := range []error{<-done, n.store.Close(), n.trace.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

// newTestNode is a running node in a folder of its own.
func newTestNode(t *testing.T) *Node {
	t.Helper()
	n := built(t, t.TempDir())
	running(t, n)
	return n
}

func name(t testing.TB, text string) zone.Name {
	t.Helper()
	z, err := zone.ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func numbered(t testing.TB, i int) zone.Name {
	t.Helper()
	return name(t, fmt.Sprintf("zone%05d.test", i))
}

// commit creates a zone in the node's store and returns its position.
func (n *Node) commit(t *testing.T, z zone.Name) store.Position {
	t.Helper()
	e, err := n.store.Commit(t.Context(), z, func(tx *store.Tx) error {
		s, err := tx.State()
		if err != nil {
			return err
		}
		_, touched, err := s.Apply(n.store.NodeID(), s.Create(nil, zone.CreateOptions{Owner: "root", Home: "home", Now: n.now()}))
		tx.Put(s, touched, store.Entry{Kind: "create", Time: n.now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 5 s: %s", what)
		}
	}
}
