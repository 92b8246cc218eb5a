package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ZoneFilter is a state of zones that a list is asked for.
type ZoneFilter string

// The states. Each is a short list that is kept anyway, so that asking for it reads no other zones.
const (
	ZonesAll      ZoneFilter = ""
	ZonesConflict ZoneFilter = "conflict" // with versions that nothing serves
	ZonesHeld     ZoneFilter = "held"     // with changes that wait for a person's decision
	ZonesBehind   ZoneFilter = "behind"   // that some server does not serve as they are here
)

// ListRequest asks for one page of zones in the order of their names.
type ListRequest struct {
	Search  string // part of the name
	After   string // Next of the page before
	Limit   int    // 1 to 1000, default 100
	Owner   string
	Home    string // name of the server that is home
	State   ZoneFilter
	Deleted bool // also what is left of deleted zones
	Steps   bool // say how many servers serve each
}

// Steps is how many of the servers that are to serve a zone serve it as it is here, and which those all are.
type Steps struct {
	Served, Total int
	Servers       []string
}

// ZonePage is one page.
type ZonePage struct {
	Zones []store.Head
	Steps []Steps            // of each of Zones, if it was asked for and is known
	Held  map[zone.Name]bool // with changes that wait for a decision, if steps were asked for
	Next  string             // empty on the last page
	Total int
	More  bool // there are more than Total
}

// maxCounted is up to how many zones that match a search are counted: "more than 10,000" says to search for more.
const maxCounted = 10_000

// ListZones returns one page of the zones that p may read.
func (c *Control) ListZones(ctx context.Context, p acl.Principal, r ListRequest) (ZonePage, error) {
	if err := allowed(p, acl.ReadZone); err != nil {
		return ZonePage{}, err
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return ZonePage{}, err
	}
	var out ZonePage
	if r.State == ZonesAll {
		out, err = c.pageOfAll(sight, r)
	} else {
		out, err = c.pageOfState(sight, r)
	}
	if err != nil {
		return ZonePage{}, err
	}
	if r.Steps {
		err = c.addSteps(&out)
	}
	return out, err
}

func (c *Control) addSteps(out *ZonePage) error {
	if c.Steps != nil {
		for _, h := range out.Zones {
			out.Steps = append(out.Steps, c.Steps(h))
		}
	}
	out.Held = map[zone.Name]bool{}
	if c.HeldCount() == 0 {
		return nil
	}
	held, err := c.heldZones()
	for _, z := range held {
		out.Held[z] = true
	}
	return err
}

func (c *Control) pageOfAll(s sight, r ListRequest) (ZonePage, error) {
	q := store.PageQuery{
		Query: store.Query{Search: r.Search, After: r.After, Limit: page(r.Limit), Owners: s.within(r.Owner), Home: r.Home, IncludeDeleted: r.Deleted},
		Count: maxCounted,
	}
	found, err := c.Store.Page(q)
	if err != nil {
		return ZonePage{}, fmt.Errorf("list zones: %w", err)
	}
	return ZonePage{Zones: found.Heads, Next: found.Next, Total: found.Total, More: found.More}, nil
}

// isHome compares the name in a home, which the fingerprint of the server's key follows.
func isHome(home, name string) bool {
	have, _, _ := strings.Cut(home, " ")
	return strings.EqualFold(have, strings.TrimSuffix(name, "."))
}

// pageOfState reads the zones of a short list.
func (c *Control) pageOfState(s sight, r ListRequest) (ZonePage, error) {
	zones, more, err := c.zonesIn(r.State)
	if err != nil {
		return ZonePage{}, err
	}
	search := strings.TrimSuffix(strings.ToLower(r.Search), ".")
	heads := make([]store.Head, 0, len(zones))
	for _, z := range zones {
		h, err := c.Store.Head(z)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return ZonePage{}, fmt.Errorf("read zone %s: %w", textOf(z), err)
		}
		named := strings.Contains(z.Text(), search) || strings.Contains(z.Unicode(), search)
		if err == nil && (h.Live || r.Deleted) && named && s.account(h.Owner) && (r.Owner == "" || h.Owner == r.Owner) && (r.Home == "" || isHome(h.Home, r.Home)) {
			heads = append(heads, h)
		}
	}
	slices.SortFunc(heads, func(a, b store.Head) int { return strings.Compare(a.Zone.Text(), b.Zone.Text()) })
	out := ZonePage{Total: len(heads), More: more}
	heads = slices.DeleteFunc(heads, func(h store.Head) bool { return h.Zone.Text() <= r.After })
	if n := page(r.Limit); len(heads) > n {
		heads, out.Next = heads[:n], heads[n-1].Zone.Text()
	}
	out.Zones = heads
	return out, nil
}

// zonesIn are the zones of a state, at most maxCounted of them.
func (c *Control) zonesIn(state ZoneFilter) (zones []zone.Name, more bool, err error) {
	switch state {
	case ZonesConflict:
		zones, err = c.conflicted()
	case ZonesHeld:
		zones, err = c.heldZones()
	case ZonesBehind:
		if c.Behind != nil {
			return c.behind()
		}
	default:
		return nil, false, unknownState(state)
	}
	if len(zones) > maxCounted {
		zones, more = zones[:maxCounted], true
	}
	return zones, more, err
}

func (c *Control) behind() (zones []zone.Name, more bool, err error) {
	zones, more = c.Behind(maxCounted)
	return zones, more, nil
}

// heldZones are the zones with a change that waits for a decision here.
func (c *Control) heldZones() ([]zone.Name, error) {
	rows, err := loadAll[heldRow](c.Store, kindHeld)
	if err != nil {
		return nil, err
	}
	seen := map[zone.Name]bool{}
	var zones []zone.Name
	for _, h := range rows {
		z, err := zone.ParseName(h.Zone)
		if err != nil || h.State != HeldWaiting || seen[z] {
			continue
		}
		seen[z] = true
		zones = append(zones, z)
	}
	return zones, nil
}
