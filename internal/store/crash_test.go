package store

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// ledger is what the outside knows: what was acknowledged, and what was seen by readers.
type ledger struct {
	mu    sync.Mutex
	acked map[zone.Name]uint64 // zone → counter of node A
	seen  map[zone.Name]uint64
}

func (l *ledger) note(m map[zone.Name]uint64, z zone.Name, counter uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m[z] = max(m[z], counter)
}

// crash is a disk after a power failure, and what was known just before it.
type crash struct {
	disk   *vfs.MemFS
	ledger ledger
}

// A power failure at any moment loses nothing that was acknowledged or seen, and leaves no half change.
func TestAPowerFailureLosesNothingAcknowledgedOrSeen(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir, disk := t.TempDir(), vfs.NewCrashableMem()
	s, stop := openStore(t, dir, Options{FS: disk})
	known := ledger{acked: map[zone.Name]uint64{}, seen: map[zone.Name]uint64{}}

	ctx, cancel := context.WithCancel(context.Background())
	var load sync.WaitGroup
	for writer := range 8 {
		load.Go(func() { writeStamps(ctx, t, s, &known, writer) })
	}
	load.Go(func() { followStamps(ctx, t, s, &known) })
	load.Go(func() { listStamps(ctx, t, s, &known) })

	var crashes []*crash
	for range 12 {
		time.Sleep(time.Duration(rng.IntN(40)) * time.Millisecond)
		known.mu.Lock()
		c := &crash{ledger: ledger{acked: maps.Clone(known.acked), seen: maps.Clone(known.seen)}}
		known.mu.Unlock()
		// After what is known is noted: the disk may know more, never less.
		c.disk = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
		crashes = append(crashes, c)
	}
	cancel()
	load.Wait()
	stop()
	if len(known.seen) < 8 || s.counters.position < 50 {
		t.Fatalf("the load did only %d commits", s.counters.position)
	}
	for i, c := range crashes {
		t.Run(fmt.Sprint(i), func(t *testing.T) { c.check(t, dir) })
	}
}

const stampedKeys = 5

// writeStamps writes the same number under all keys of its zones, again and again.
func writeStamps(ctx context.Context, t *testing.T, s *Store, known *ledger, writer int) {
	for i := 0; ctx.Err() == nil; i++ {
		z := numbered(writer*10 + i%5)
		counter, err := stamp(s, z)
		if err != nil {
			t.Errorf("commit: %v", err)
			return
		}
		known.note(known.acked, z, counter)
	}
}

func followStamps(ctx context.Context, t *testing.T, s *Store, known *ledger) {
	for after := Position(0); ; {
		items, err := s.Follow(ctx, after, 100)
		if err != nil {
			return
		}
		for _, i := range items {
			after = i.Position
			st, _, err := s.State(i.Zone)
			if err != nil {
				t.Errorf("state of a zone in the feed: %v", err)
				return
			}
			known.note(known.seen, i.Zone, st.Vector[nodeA])
		}
	}
}

func listStamps(ctx context.Context, t *testing.T, s *Store, known *ledger) {
	for ctx.Err() == nil {
		page, _, _, err := s.Heads(Query{IncludeDeleted: true})
		if err != nil {
			t.Errorf("heads: %v", err)
			return
		}
		for _, h := range page {
			known.note(known.seen, h.Zone, h.Vector[nodeA])
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *crash) check(t *testing.T, dir string) {
	s, _ := openStore(t, dir, Options{FS: c.disk})
	checkWhole(t, s)
	for kind, m := range map[string]map[zone.Name]uint64{"acknowledged": c.ledger.acked, "seen": c.ledger.seen} {
		for z, counter := range m {
			checkStamp(t, s, z, kind, counter)
		}
	}
	if _, err := create(testContext(t), s, numbered(999), 1); err != nil {
		t.Errorf("commit after the crash: %v", err)
	}
}

// checkStamp: the zone holds at least the change, and one change only.
func checkStamp(t *testing.T, s *Store, z zone.Name, kind string, counter uint64) {
	t.Helper()
	st, _, err := s.State(z)
	if err != nil {
		t.Errorf("zone %q was %s at change %d: %v", z, kind, counter, err)
		return
	}
	have := st.Vector[nodeA]
	if have < counter {
		t.Errorf("zone %q was %s at change %d, has %d", z, kind, counter, have)
	}
	for k := range stampedKeys {
		if v := st.Keys[aKey(z, ownerIn(z, k))]; len(v) != 1 || v[0].Dot.Counter != have {
			t.Errorf("zone %q is half at change %d: key %d has %v", z, have, k, v)
		}
	}
}
