package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// searchRows is how many rows a search looks at before it says how far it is: a tenth of a second.
const searchRows = 50_000

// checkSwap refuses values that cannot replace each other.
func checkSwap(r *SetRequest) error {
	r.From, r.To = strings.TrimSpace(r.From), strings.TrimSpace(r.To)
	switch {
	case r.From == "":
		return fail(CodeInvalid, "from", "the value to replace is missing")
	case r.To == "":
		return fail(CodeInvalid, "to", "the new value is missing")
	}
	if _, err := zone.ParseSwap(r.From, r.To); err != nil {
		return fail(CodeInvalid, "to", "%v", err).because(err)
	}
	return nil
}

// searchValue looks for the zones that have the value and that whoever began the set may write.
func (c *Control) searchValue(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	swap, err := zone.ParseSwap(s.From, s.To)
	if err != nil {
		return c.cannot(ctx, s, err)
	}
	known, err := c.Homes(ctx)
	if err != nil {
		return s, err
	}
	var at zone.Name
	if s.Cursor != "" {
		if at, err = zone.ParseName(s.Cursor); err != nil {
			return c.cannot(ctx, s, err)
		}
	}
	for s.State == SetSearching {
		p, err := c.rightsNow(ctx, s)
		if err != nil {
			return s, err
		}
		candidates, last, seen, err := c.Store.Holding(at, swap.Octets(), searchRows)
		if err != nil {
			return s, fmt.Errorf("search zones: %w", err)
		}
		var zones []SetZone
		for _, z := range candidates {
			found, err := c.holds(p, z, swap, known)
			if err != nil {
				return s, err
			}
			if found.Records > 0 {
				zones = append(zones, found)
			}
		}
		if !p.Root {
			seen = len(zones) // how many others there are is not theirs to know
		}
		cursor := ""
		if last != "" {
			cursor = last.String()
		}
		if s, err = c.found(ctx, s, zones, seen, cursor); err != nil {
			return s, err
		}
		if at = last; last == "" {
			return c.searched(ctx, s)
		}
	}
	return s, nil
}

// holds looks at one zone. It has no records if it is nothing to the one who asks.
func (c *Control) holds(p acl.Principal, z zone.Name, swap zone.Swap, known func(home string) bool) (SetZone, error) {
	h, err := c.Store.Head(z)
	if errors.Is(err, store.ErrNotFound) || err == nil && !h.Live || err == nil && c.allowOwned(p, acl.WriteZone, textOf(z), h.Owner) != nil {
		return SetZone{}, nil
	}
	if err != nil {
		return SetZone{}, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	state, _, err := c.Store.State(z)
	if err != nil {
		return SetZone{}, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	before := contentOf(state)
	sets, n := swap.In(before)
	out := SetZone{Zone: z, Position: h.Position, Records: n, Skip: c.outOfReach(h, known)}
	if n > 0 {
		out.Example = becomes(z, before, sets[0])
	}
	return out, nil
}

// becomes shows what becomes of one RRset.
func becomes(z zone.Name, before []zone.RRset, after zone.RRset) string {
	text := fmt.Sprintf("%s %s", after.Owner.Relative(z), after.Type)
	for _, set := range before {
		if set.Owner == after.Owner && set.Type == after.Type {
			text += " " + describe(set)
		}
	}
	return text + " → " + describe(after)
}

// outOfReach says why a zone is better not changed here: its home is a member that gets nothing from here, so that it
// would go on with what it has.
func (c *Control) outOfReach(h store.Head, known func(home string) bool) string {
	if h.Home == c.home() || !known(h.Home) || c.Steps == nil {
		return ""
	}
	name := nameOf(h.Home)
	for _, server := range c.Steps(h).Servers {
		if strings.EqualFold(server, name) {
			return ""
		}
	}
	return "its home " + name + " does not get changes from here: do it there, or change the role of the link"
}

// rewrite writes the RRsets that f makes of what is there now.
func (c *Control) rewrite(ctx context.Context, p acl.Principal, s ChangeSet, z zone.Name, f func([]zone.RRset) []zone.RRset) (Result, error) {
	if err := c.allowZone(p, s.Kind.verb(), z); err != nil {
		return Result{}, err
	}
	if _, err := c.live(z); err != nil {
		return Result{}, err
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: z, kind: string(s.Kind), reason: s.reason(), check: true, meant: s.meant(), set: s.ID,
		build: func(st *zone.State) (zone.Change, error) {
			writes := st.Set(f(contentOf(st))...)
			if len(writes) == 0 {
				return zone.Change{}, nil
			}
			return st.Change(c.Now(), c.author(p), writes...), nil
		},
	})
	return w.Result, err
}

// reason says in the history what the set did, where nobody said why.
func (s ChangeSet) reason() string {
	switch {
	case s.Reason != "":
		return s.Reason
	case s.Kind == SetReplace:
		return s.From + " → " + s.To
	case s.Kind == SetTTL:
		return fmt.Sprintf("TTL of all records: %d", s.TTL)
	}
	return ""
}

// swapIn replaces the value in one zone, as it is now.
func (c *Control) swapIn(ctx context.Context, p acl.Principal, s ChangeSet, z zone.Name) (Result, error) {
	swap, err := zone.ParseSwap(s.From, s.To)
	if err != nil {
		return Result{}, fail(CodeInvalid, "to", "%v", err)
	}
	return c.rewrite(ctx, p, s, z, func(sets []zone.RRset) []zone.RRset {
		changed, _ := swap.In(sets)
		return changed
	})
}

// maxSetTTL is the greatest TTL (RFC 2181 section 8).
const maxSetTTL = 1<<31 - 1

func checkTTL(r *SetRequest) error {
	if r.TTL < 1 || r.TTL > maxSetTTL {
		return fail(CodeInvalid, "ttl", "a TTL is a number of seconds from 1 to %d", maxSetTTL).hint("14400 is usual")
	}
	return nil
}

// setTTL gives all records of one zone a TTL, SOA and NS too.
func (c *Control) setTTL(ctx context.Context, p acl.Principal, s ChangeSet, z zone.Name) (Result, error) {
	return c.rewrite(ctx, p, s, z, func(sets []zone.RRset) []zone.RRset { return zone.WithTTL(sets, s.TTL) })
}
