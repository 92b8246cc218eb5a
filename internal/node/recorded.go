package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What the data folder records of time, in registers: when it was last in use, when each server last answered, and when
// the node id was taken. cluster.NodeIDFact says what for.
const (
	aliveKey   = "alive"
	takenKey   = "node-id-taken"
	aliveEvery = time.Minute
)

func answeredKey(fingerprint string) string { return "answered/" + fingerprint }

// recorded is what the folder recorded before this start.
type recorded struct {
	node  *Node
	now   zone.Millis // at the start
	alive zone.Millis
	taken taken

	mu   sync.Mutex
	open map[string]int // servers with links open, and how many
}

// taken is when the node id was taken, and what servers had heard then: those who were ahead are so for good, and no
// reason to take another.
type taken struct {
	Format int
	ID     string
	At     zone.Millis
	Heard  map[string]uint64
}

func (n *Node) millis(key string) zone.Millis {
	text, _ := n.store.Register(key)
	ms, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0
	}
	return zone.Millis(ms)
}

func (n *Node) setMillis(key string, at zone.Millis) {
	n.store.SetRegister(key, strconv.AppendInt(nil, int64(at), 10))
}

func hexID(id zone.NodeID) string { return hex.EncodeToString(id[:]) }

// newRecorded reads the record, before anything of this start is written to it.
func newRecorded(n *Node) *recorded {
	r := &recorded{node: n, now: n.now(), alive: n.millis(aliveKey), open: map[string]int{}}
	if text, ok := n.store.Register(takenKey); ok && (json.Unmarshal(text, &r.taken) != nil || r.taken.Format != 1 || r.taken.ID != hexID(n.store.NodeID())) {
		r.taken = taken{} // of another id
	}
	return r
}

// fact is what was recorded of a server.
func (r *recorded) fact(fingerprint string) cluster.NodeIDFact {
	return cluster.NodeIDFact{Now: r.now, Alive: r.alive, Taken: r.taken.At, Answered: r.node.millis(answeredKey(fingerprint))}
}

// known says that a server was ahead when the id was taken, and has heard no more since. An older copy would say so too.
func (r *recorded) known(fingerprint string, heard store.Position) bool {
	return heard > 0 && uint64(heard) <= r.taken.Heard[fingerprint] && r.fact(fingerprint).AsLeft()
}

// take records that a fresh id was taken, and what servers had heard by then.
func (r *recorded) take(heard map[string]store.Position) {
	t := taken{Format: 1, ID: hexID(r.node.store.NodeID()), At: r.node.now(), Heard: map[string]uint64{}}
	maps.Copy(t.Heard, r.taken.Heard)
	for server, at := range heard {
		t.Heard[server] = max(t.Heard[server], uint64(at))
	}
	if text, err := json.Marshal(t); err == nil {
		r.node.store.SetRegister(takenKey, text)
	}
}

// entered and left note that a server answers; while a link is open it may get something at any time.
func (r *recorded) entered(fingerprint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[fingerprint]++
	r.node.setMillis(answeredKey(fingerprint), r.node.now())
}

func (r *recorded) left(fingerprint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.setMillis(answeredKey(fingerprint), r.node.now())
	if r.open[fingerprint]--; r.open[fingerprint] <= 0 {
		delete(r.open, fingerprint)
	}
}

// Run records every minute, and at the end, that the folder is in use and who answers.
func (r *recorded) Run(ctx context.Context) error {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		r.note()
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.note()
			return nil
		}
	}
}

func (r *recorded) note() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.node.now()
	for fingerprint := range r.open {
		r.node.setMillis(answeredKey(fingerprint), now)
	}
	r.node.setMillis(aliveKey, now)
}

// maxRefusedAge is how long a target that refuses a zone keeps the zone's history.
const maxRefusedAge = 90 * 24 * time.Hour

// unreached is what targets have not got, apart from those that have been silent for so long that they get whole zones.
func (n *Node) unreached() (store.Position, map[zone.Name]bool) {
	now := n.now()
	return n.tracker.Unreached(time.Now().Add(-maxRefusedAge), func(id string) bool {
		key, ok := n.links.keyOf(id)
		return ok && (!n.links.feeds(id) || cluster.Silent(n.millis(answeredKey(key)), now))
	})
}

// keyOf is the key of the server behind a target; the local nameserver has none.
func (ls *links) keyOf(target string) (string, bool) {
	ls.mu.Lock()
	key, ok := ls.targets[target]
	ls.mu.Unlock()
	if ok {
		return key, true
	}
	for _, f := range ls.followers.all() {
		if f.ID == target {
			return f.Fingerprint, true
		}
	}
	return "", false
}
