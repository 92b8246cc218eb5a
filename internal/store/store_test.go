package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		os.Exit(child(dir))
	}
	goleak.VerifyTestMain(m)
}

var (
	nodeA = zone.NodeID{0xa}
	nodeB = zone.NodeID{0xb}
)

// name makes a wire-form name of labels.
func name(labels ...string) zone.Name {
	var b []byte
	for _, l := range labels {
		b = append(append(b, byte(len(l))), l...)
	}
	return zone.Name(append(b, 0))
}

func numbered(i int) zone.Name { return name(fmt.Sprintf("z%06d", i), "example") }

// openStore opens a folder and runs its committer until the test ends or the returned function is called.
func openStore(t testing.TB, dir string, o Options) (s *Store, stop func()) {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	stop = start(t, s)
	return s, stop
}

func start(t testing.TB, s *Store) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil && !errors.Is(err, ErrFailed) {
			t.Errorf("run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// testContext ends when a test hangs.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// aKey is the key of an address RRset of the zone's only life.
func aKey(z zone.Name, owner zone.Name) zone.Key {
	return zone.Key{Life: life(z), Owner: owner, Type: 1}
}

// life is the one life that the tests' zones have.
func life(zone.Name) zone.Dot { return zone.Dot{Node: nodeA, Counter: 1} }

// address is the stored form of an address RRset; n is told apart in the address.
func address(n int) []byte {
	return zone.EncodeRRset(300, [][]byte{binary.BigEndian.AppendUint32(nil, uint32(n))})
}

// write changes keys of a state as one change of the node does, and returns what it touched. A nil value is a deletion.
func write(s *zone.State, node zone.NodeID, at zone.Millis, values map[zone.Key][]byte) []zone.Key {
	s.Vector[node]++
	dot := zone.Dot{Node: node, Counter: s.Vector[node]}
	var touched []zone.Key
	for k, v := range values {
		s.Keys[k] = []zone.Version{{Dot: dot, Time: at, Hash: uint32(at), Absent: v == nil, Value: v, Author: "test@node"}}
		touched = append(touched, k)
	}
	return touched
}

// birth is what creating a zone with n addresses at its apex, named 0.. below it, writes.
func birth(z zone.Name, n int) map[zone.Key][]byte {
	values := map[zone.Key][]byte{
		{Life: life(z), Meta: zone.MetaCreated}: []byte("1000"),
		{Life: life(z), Meta: zone.MetaOwner}:   []byte("root"),
		{Life: life(z), Meta: zone.MetaHome}:    []byte("web1 key"),
	}
	for i := range n {
		values[aKey(z, ownerIn(z, i))] = address(i)
	}
	return values
}

func ownerIn(z zone.Name, i int) zone.Name {
	return name(fmt.Sprintf("h%d", i))[:1+len(fmt.Sprintf("h%d", i))] + z
}

// create commits a new zone.
func create(ctx context.Context, s *Store, z zone.Name, records int) (Position, error) {
	return s.Commit(ctx, z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		touched := write(st, nodeA, 1000, birth(z, records))
		tx.Put(st, touched, Entry{Time: 1000, Kind: "create", Author: "test@node"})
		return nil
	})
}

// edit commits a change of one address.
func edit(ctx context.Context, s *Store, z zone.Name, owner zone.Name, n int) (Position, error) {
	return s.Commit(ctx, z, func(tx *Tx) error {
		st, err := tx.Partial(owner)
		if err != nil {
			return err
		}
		values := map[zone.Key][]byte{aKey(z, owner): address(n)}
		touched := write(st, nodeA, zone.Millis(2000+n), values)
		tx.Put(st, touched, Entry{Time: zone.Millis(2000 + n), Kind: "edit"})
		return nil
	})
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
