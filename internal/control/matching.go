package control

import (
	"context"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// ZoneMatch is all zones that a list shows when it is narrowed like that, on whatever page of it. Empty fields narrow
// nothing.
type ZoneMatch struct {
	Search string     `json:",omitempty"` // part of the name
	Owner  string     `json:",omitempty"`
	Home   string     `json:",omitempty"` // name of the server that is home
	State  ZoneFilter `json:",omitempty"`
	// Listed is how many of them a person saw counted; 0: nobody did. If others are found, the set says so.
	Listed int `json:",omitempty"`
}

// Words say which zones these are, to go on a sentence with "zones".
func (m ZoneMatch) Words() string {
	var list []string
	add := func(value, format string) {
		if value != "" {
			list = append(list, fmt.Sprintf(format, value))
		}
	}
	add(m.Search, "with “%s” in the name")
	add(m.Owner, "of the owner %s")
	add(m.Home, "at home on %s")
	switch m.State {
	case ZonesConflict:
		list = append(list, "with conflicts")
	case ZonesHeld:
		list = append(list, "with held changes")
	case ZonesBehind:
		list = append(list, "not on all servers")
	}
	if len(list) == 0 {
		return "all there are"
	}
	return strings.Join(list, ", ")
}

// matchPage is how many zones are read at once while a match is searched for.
const matchPage = 1000

// maxMatchText is more than any name, account or server has.
const maxMatchText = 255

// checkMatch refuses what no list can be narrowed to.
func checkMatch(r *SetRequest) error {
	m := r.Match
	m.Search, m.Owner, m.Home = strings.TrimSpace(m.Search), strings.TrimSpace(m.Owner), strings.TrimSpace(m.Home)
	for what, text := range map[string]string{"search": m.Search, "owner": m.Owner, "home": m.Home} {
		if len(text) > maxMatchText || !printable(text) {
			return fail(CodeInvalid, what, "it is one line of at most %d octets", maxMatchText)
		}
	}
	switch {
	case len(r.Zones) > 0:
		return fail(CodeInvalid, "match", "zones are given, and a match too").hint("give one of both")
	case r.Kind != SetDelete && r.Kind != SetHome && r.Kind != SetTTL:
		return fail(CodeInvalid, "match", "a change set of kind %q does not take all that match", r.Kind).hint("name the zones")
	case m.State != ZonesAll && m.State != ZonesConflict && m.State != ZonesHeld && m.State != ZonesBehind:
		return unknownState(m.State)
	}
	return nil
}

func unknownState(state ZoneFilter) error {
	return fail(CodeInvalid, "state", "%q is not known (conflict, held, behind)", state)
}

// searchMatch finds the zones that match, page by page. The set is about those from then on: what comes to match later is
// not in it.
func (c *Control) searchMatch(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	for s.State == SetSearching {
		p, err := c.rightsNow(ctx, s)
		if err != nil {
			return s, err
		}
		page, err := c.matching(p, s)
		if err != nil {
			return s, err
		}
		if s.Zones+len(page.Zones) > maxSetZones {
			return c.cannot(ctx, s, fail(CodeTooLarge, "zones", "more than %d zones match: narrow the search", maxSetZones))
		}
		zones := make([]SetZone, 0, len(page.Zones))
		for _, h := range page.Zones {
			z := SetZone{Zone: h.Zone, Position: h.Position, Records: h.Records}
			if c.allowOwned(p, s.Kind.verb(), textOf(h.Zone), h.Owner) != nil {
				z.Skip = "it is not yours to change"
			}
			zones = append(zones, z)
			s.Cursor = h.Zone.Text()
		}
		if s, err = c.found(ctx, s, zones, len(zones), s.Cursor); err != nil {
			return s, err
		}
		if page.Next == "" {
			return c.matched(ctx, s, page.More)
		}
	}
	return s, nil
}

// matching is the next page of the zones of a set. None is counted: all of them are read anyway.
func (c *Control) matching(p acl.Principal, s ChangeSet) (ZonePage, error) {
	sight, err := c.sightOf(p)
	if err != nil {
		return ZonePage{}, err
	}
	m := s.Match
	if m.State != ZonesAll {
		return c.pageOfState(sight, ListRequest{Search: m.Search, After: s.Cursor, Limit: matchPage, Owner: m.Owner, Home: m.Home, State: m.State})
	}
	found, err := c.Store.Page(store.PageQuery{
		Query: store.Query{Search: m.Search, After: s.Cursor, Limit: matchPage, Owners: sight.within(m.Owner), Home: m.Home}, Count: 1,
	})
	if err != nil {
		return ZonePage{}, fmt.Errorf("list zones: %w", err)
	}
	return ZonePage{Zones: found.Heads, Next: found.Next}, nil
}

// matched ends the search. A number other than the one that a person saw is said, and so is a list that was cut.
func (c *Control) matched(ctx context.Context, s ChangeSet, cut bool) (ChangeSet, error) {
	listed := s.Match.Listed
	if cut || listed != 0 && listed != s.Zones {
		var err error
		s, err = c.updateSet(ctx, acl.Node(), s.ID, func(_ *store.Tx, now *ChangeSet) error {
			if cut {
				now.note("", fmt.Sprintf("more than %d zones are in that state: these are the first", maxCounted))
			}
			if listed != 0 && listed != now.Zones {
				now.note("", fmt.Sprintf("the list showed %d, and %d match now", listed, now.Zones))
			}
			return nil
		})
		if err != nil {
			return s, err
		}
	}
	return c.searched(ctx, s)
}
