package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// driftTable holds what the last comparison with each member found. It is as large as comparisons are: each is bounded.
type driftTable struct {
	mu   sync.Mutex
	last map[string]Comparison // by target
	busy map[string]*sync.Mutex
}

// lock makes one comparison or repair of a link wait for the other.
func (t *driftTable) lock(target string) (unlock func()) {
	t.mu.Lock()
	if t.busy == nil {
		t.busy = map[string]*sync.Mutex{}
	}
	m := t.busy[target]
	if m == nil {
		m = &sync.Mutex{}
		t.busy[target] = m
	}
	t.mu.Unlock()
	m.Lock()
	return m.Unlock
}

func (t *driftTable) get(target string) Comparison {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last[target]
}

func (t *driftTable) put(c Comparison) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]Comparison{}
	}
	t.last[c.Target] = c
}

// keep forgets links that are gone.
func (t *driftTable) keep(targets map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for target := range t.last {
		if !targets[target] {
			delete(t.last, target)
			delete(t.busy, target)
		}
	}
}

// DriftQuery chooses of what the last comparisons found.
type DriftQuery struct {
	Member string    // host, host:port or name; empty: all
	Zone   zone.Name // empty: all
}

// Drift returns what the last comparison with each member found, in the order of the member table.
func (c *Control) Drift(ctx context.Context, p acl.Principal, q DriftQuery) ([]Comparison, error) {
	if err := allowed(p, acl.ReadStatus); err != nil {
		return nil, err
	}
	members, err := c.driftMembers(ctx, p, q.Member)
	if err != nil {
		return nil, err
	}
	var list []Comparison
	for _, m := range members {
		k := c.drift.get(m.Target)
		k.Target, k.Member, k.Role = m.Target, m.Label(), m.Role
		if q.Zone != "" {
			k = k.only(q.Zone)
		}
		list = append(list, k)
	}
	return list, nil
}

func (c *Control) driftMembers(ctx context.Context, p acl.Principal, host string) ([]Member, error) {
	if host != "" {
		m, err := c.member(c.Store, p, host)
		return []Member{m}, err
	}
	all, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	var own []Member
	targets := map[string]bool{}
	for _, m := range all {
		targets[m.Target] = true
		if m.User == p.Account() {
			own = append(own, m)
		}
	}
	c.drift.keep(targets)
	return own, nil
}

// only is the comparison as far as it concerns one zone.
func (k Comparison) only(z zone.Name) Comparison {
	zones, here, there, left := k.Zones, k.OnlyHere, k.OnlyThere, k.Left
	k.Zones, k.OnlyHere, k.OnlyThere, k.Left = nil, nil, nil, nil
	for _, d := range zones {
		if d.Zone == z {
			k.Zones = append(k.Zones, d)
		}
	}
	for _, name := range here {
		if name == z {
			k.OnlyHere = append(k.OnlyHere, z)
		}
	}
	for _, name := range there {
		if name == z {
			k.OnlyThere = append(k.OnlyThere, z)
		}
	}
	if slices.Contains(left, z) {
		k.Left = []zone.Name{z}
	}
	k.More, k.CountHere, k.CountThere, k.CountLeft = 0, len(k.OnlyHere), len(k.OnlyThere), len(k.Left)
	return k
}

// tellDrift makes events of what a comparison found beyond the one before.
func (c *Control) tellDrift(ctx context.Context, before, now Comparison) error {
	known := map[zone.Name]bool{}
	for _, d := range before.Zones {
		known[d.Zone] = true
	}
	var fresh []zone.Name
	for _, d := range now.Zones {
		if !known[d.Zone] {
			fresh = append(fresh, d.Zone)
		}
	}
	ended := before.Drifted() > 0 && now.Drifted() == 0
	left := now.CountLeft > before.CountLeft
	if len(fresh) == 0 && now.Healed == 0 && !ended && !left {
		return nil
	}
	return c.commitRecords(ctx, now.Member, func(tx *store.Tx) error {
		if now.Healed > 0 {
			tx.AppendEvent(c.driftEvent(now, "drift-healed", fmt.Sprintf("%s and this server differed in %s: what was missing was brought again", now.Member, zonesText(now.Healed))))
		}
		if len(fresh) > 0 {
			e := c.driftEvent(now, "drift", fmt.Sprintf("%s differs from this server in %s, among them %s", now.Member, zonesText(now.Drifted()), someNames(fresh)))
			e.Severity = severityWarning
			tx.AppendEvent(e)
		}
		if left {
			e := c.driftEvent(now, "left-behind", fmt.Sprintf("%s has %s of this server that no link carries to it any more, among them %s: it answers them as they were", now.Member, zonesText(now.CountLeft), someNames(now.Left)))
			e.Severity = severityWarning
			tx.AppendEvent(e)
		}
		if ended {
			tx.AppendEvent(c.driftEvent(now, "drift-over", fmt.Sprintf("%s does not differ from this server any more", now.Member)))
		}
		return nil
	})
}

func (c *Control) driftEvent(k Comparison, kind, text string) store.Event {
	e := c.event(acl.Node(), kind, text)
	e.Member = k.Member
	if kind != "drift-healed" && kind != "left-behind" {
		e.Fields = map[string]string{"notify": "yes", "zones": strconv.Itoa(k.Drifted())}
	}
	return e
}

func zonesText(n int) string {
	if n == 1 {
		return "1 zone"
	}
	return fmt.Sprintf("%d zones", n)
}

// someNames names the first of many zones.
func someNames(zones []zone.Name) string {
	const most = 5
	var names []string
	for _, z := range zones[:min(len(zones), most)] {
		names = append(names, z.Text())
	}
	return strings.Join(names, ", ")
}
