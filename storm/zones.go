package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

func now() time.Time { return time.Now() }

// zoneList is the names that clients use. Deleted ones stay in it: people write to them too.
type zoneList struct {
	mu      sync.Mutex
	names   []string
	deletes []time.Time // lately, everywhere
	most    int         // of them
}

// newZoneList knows how many deletions are no accident. The brake holds those beyond 30 % of the zones, if these are 10
// or more, in 10 minutes; and where all of them come over one member, it counts all of them together.
func newZoneList(zones int) *zoneList { return &zoneList{most: max(9, zones/4)} }

func (l *zoneList) add(z string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.names, z) {
		l.names = append(l.names, z)
	}
}

// pick takes one of the zones: a few often, so that clients meet, and all of them sometimes.
func (l *zoneList) pick(r *rand.Rand, may func(zone string) bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := slices.DeleteFunc(slices.Clone(l.names), func(z string) bool { return !may(z) })
	if r.IntN(2) == 0 {
		return names[r.IntN(min(6, len(names)))]
	}
	return names[r.IntN(len(names))]
}

// What the names of zones begin with that are created, deleted and restored at one server only, whose letter follows:
// "leaf-c-z007.example" is made at server c.
const (
	leafPrefix = "leaf-" // of a leaf
	sentPrefix = "sent-" // of a server with write-only links; others edit them too, which it never hears of
	solePrefix = "sole-" // of such a server; nobody else edits them
)

// prefix is what the name of the nth zone that is made at the server begins with.
func (s *server) prefix(n int) string {
	letter := s.name[:1] + "-"
	switch {
	case s.leaf:
		return leafPrefix + letter
	case s.sender && n%2 == 0:
		return sentPrefix + letter
	case s.sender:
		return solePrefix + letter
	}
	return ""
}

// scoped says that the server has its own zones only.
func (s *server) scoped() bool { return s.leaf || s.sender }

// has says that the zone is in the scope of the server.
func (s *server) has(z string) bool {
	return !s.scoped() || strings.HasPrefix(z, s.prefix(0)) || strings.HasPrefix(z, s.prefix(1))
}

// edits says that clients of the server edit the zone.
func (s *server) edits(z string) bool {
	return s.has(z) && (s.scoped() || !strings.HasPrefix(z, solePrefix))
}

// shows says that the server has in the end the same of the zone as the others.
func (s *server) shows(z string) bool {
	return s.has(z) && !(s.sender && strings.HasPrefix(z, sentPrefix))
}

// mayMake says that the server creates, deletes and restores zones of that name.
func (s *server) mayMake(z string) bool {
	if s.scoped() {
		return s.has(z)
	}
	return !strings.HasPrefix(z, leafPrefix) && !strings.HasPrefix(z, sentPrefix) && !strings.HasPrefix(z, solePrefix)
}

// count is how many zones a server has.
func (l *zoneList) count(at *server) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, z := range l.names {
		if at.has(z) {
			n++
		}
	}
	return n
}

func (l *zoneList) mayDelete() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deletes = slices.DeleteFunc(l.deletes, func(t time.Time) bool { return time.Since(t) > 11*time.Minute })
	if len(l.deletes) >= l.most {
		return false
	}
	l.deletes = append(l.deletes, time.Now())
	return true
}

func zoneText(z, addr string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "$TTL 300\n$ORIGIN %s.\n@ SOA ns1.zonefleet.test. hostmaster.zonefleet.test. 1 3600 900 1209600 300\n@ NS ns1.zonefleet.test.\n@ A %s\nwww A %s\n", z, addr, addr)
	for n := range pairs {
		x, y := pairNames(n)
		fmt.Fprintf(&b, "%s TXT \"start\"\n%s TXT \"start\"\n", x, y)
	}
	return b.String()
}

// fillZones makes the zones of the start, at all servers, and waits until all have them.
func (s *storm) fillZones(ctx context.Context, r *rand.Rand) error {
	for i := range s.options.zones {
		c := newClient(s, s.servers[i%len(s.servers)], r)
		z := c.at.prefix(i/len(s.servers)) + fmt.Sprintf("z%03d.example", i)
		if err := c.createZone(ctx, z); err != nil {
			return fmt.Errorf("create %s at %s: %w", z, c.at.name, err)
		}
	}
	deadline := time.Now().Add(startLimit)
	for {
		missing := ""
		for _, srv := range s.servers {
			var list api.ZoneList
			if err := srv.call(ctx, http.MethodGet, "/zones?limit=1", nil, &list); err != nil {
				return err
			}
			if list.Total != s.zones.count(srv) {
				missing += fmt.Sprintf(" %s has %d;", srv.name, list.Total)
			}
		}
		if missing == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("of %d zones at the start%s", s.options.zones, missing)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *client) createZone(ctx context.Context, z string) error {
	c.storm.zones.add(z)
	return c.writeJSON(ctx, "create", z, http.MethodPost, "/zones", api.NewZone{Name: z, Text: zoneText(z, c.addr())})
}

// create makes a zone: a new one, one that another client makes at the same time, or one again that was deleted.
func (c *client) create(ctx context.Context, z string) {
	if c.rand.IntN(2) == 0 {
		n := c.rand.IntN(40)
		z = c.at.prefix(n) + fmt.Sprintf("new%d.example", n)
	}
	if !c.at.mayMake(z) {
		c.setPair(ctx, z)
		return
	}
	if err := c.createZone(ctx, z); refused(err) {
		_ = c.writeJSON(ctx, "restore", z, http.MethodPost, zonePath(z)+"/restore", api.Restore{})
	}
}

func (c *client) deleteZone(ctx context.Context, z string) {
	if !c.at.mayMake(z) || !c.storm.zones.mayDelete() {
		c.setPair(ctx, z)
		return
	}
	_, err := c.write(ctx, "delete", z, http.MethodDelete, zonePath(z), "", nil)
	if c.rand.IntN(2) == 0 && (err == nil || errors.Is(err, context.DeadlineExceeded)) {
		_ = c.writeJSON(ctx, "restore", z, http.MethodPost, zonePath(z)+"/restore", api.Restore{})
	}
}
