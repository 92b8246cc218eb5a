package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Overlap is what this node and another server have in common, as far as the token lets it be seen.
type Overlap struct {
	Here, There         int // zones
	Same                int // that both have alike
	OnlyHere, OnlyThere int
	NewerHere           int         // what the other side lacks changes of
	NewerThere          int         // what this side lacks changes of
	Apart               int         // both have changes that the other lacks
	GoneHere            int         // of those only there, what was deleted here
	GoneThere           int         // of those only here, what was deleted there
	Newer, Both         []zone.Name // some of NewerThere, and of Apart
	More                bool        // there are more zones that differ than were looked at: the numbers are at least these

	zones overlapZones
}

// overlapZones is the zones that the numbers count, as far as they were looked at.
type overlapZones struct{ newerHere, newerThere, apart, onlyHere, onlyThere []zone.Name }

// examplesShown is how many names of each kind are kept: a person looks at some, the numbers say how many there are. As many
// zones are looked at as a comparison does.
const examplesShown = 20

// overlap compares this node with another server that answers questions, in as many rounds as comparing takes.
func (c *Control) overlap(ctx context.Context, v Visited, scope cluster.Scope, by digest.By) (Overlap, error) {
	owners, grant := scope.Owners, v.Facts().Grant
	grant.Holder = c.home()
	see := carries(scope, c.sees(grant, owners))
	here := seen{ctx, c.Store, func(g digest.Group) bool { return !g.Deleted && see(g) }}
	ask := func(q digest.Question) ([]digest.Part, error) {
		parts, err := v.Compare(ctx, q)
		parts, err = carried(scope, parts, err)
		for i := range parts {
			parts[i].Below = slices.DeleteFunc(parts[i].Below, func(k digest.Known) bool { return k.Group.Deleted })
		}
		return parts, err
	}
	total, err := here.Total(digest.Branch{}, by)
	if err != nil {
		return Overlap{}, err
	}
	found, err := digest.Walk(here, by, owners, digest.Wanted{OnlyHere: true, OnlyThere: true, Names: maxCandidates}, ask)
	if err != nil {
		return Overlap{}, fmt.Errorf("compare: %w", err)
	}
	o := Overlap{Here: total.Zones, OnlyHere: found.Here, OnlyThere: found.There, More: found.More}
	differ, onlyHere, onlyThere := apart(found)
	o.OnlyHere -= len(differ) - len(found.Differ)
	o.OnlyThere -= len(differ) - len(found.Differ)
	if err := o.sort(ctx, c.Store, v, differ); err != nil {
		return o, err
	}
	if err := o.gone(ctx, c.Store, v, onlyHere, onlyThere); err != nil {
		return o, err
	}
	o.zones.onlyHere, o.zones.onlyThere = onlyHere, onlyThere
	o.Same = max(o.Here-o.OnlyHere-o.NewerHere-o.NewerThere-o.Apart, 0)
	o.There = o.Here - o.OnlyHere + o.OnlyThere
	return o, nil
}

// apart moves zones that seem to be at each side alone, because they have another home or owner there, to those that differ.
func apart(found digest.Found) (differ, onlyHere, onlyThere []zone.Name) {
	there := map[zone.Name]bool{}
	for _, z := range found.OnlyThere {
		there[z] = true
	}
	differ = slices.Clone(found.Differ)
	for _, z := range found.OnlyHere {
		if there[z] {
			differ = append(differ, z)
			delete(there, z)
		} else {
			onlyHere = append(onlyHere, z)
		}
	}
	for _, z := range found.OnlyThere {
		if there[z] {
			onlyThere = append(onlyThere, z)
		}
	}
	return differ, onlyHere, onlyThere
}

// sort says of each zone that differs which side lacks something.
func (o *Overlap) sort(ctx context.Context, s *store.Store, v Visited, zones []zone.Name) error {
	return o.each(ctx, s, v, zones, func(h store.Head, theirs Standing, there bool) {
		if !there || h.Zone == "" {
			return // it has just gone
		}
		e := ends{}.with(h, theirs, true)
		lacksHere := !standingOf(h).Vector.Includes(theirs.Vector) || h.Base < theirs.Base
		lacksThere := !theirs.Vector.Includes(h.Vector) || theirs.Base < h.Base
		switch {
		case e.ours == e.theirs:
		case lacksHere && !lacksThere:
			o.NewerThere++
			o.Newer, o.zones.newerThere = example(o.Newer, h.Zone), append(o.zones.newerThere, h.Zone)
		case lacksThere && !lacksHere:
			o.NewerHere++
			o.zones.newerHere = append(o.zones.newerHere, h.Zone)
		default:
			o.Apart++
			o.Both, o.zones.apart = example(o.Both, h.Zone), append(o.zones.apart, h.Zone)
		}
	})
}

// gone counts those of the zones that one side alone has which the other has deleted.
func (o *Overlap) gone(ctx context.Context, s *store.Store, v Visited, onlyHere, onlyThere []zone.Name) error {
	for _, z := range onlyThere {
		switch h, err := s.Head(z); {
		case err == nil && !h.Live:
			o.GoneHere++
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("read zone %s: %w", z.Text(), err)
		}
	}
	return o.each(ctx, s, v, onlyHere, func(_ store.Head, theirs Standing, there bool) {
		if there && !theirs.Live {
			o.GoneThere++
		}
	})
}

func (o *Overlap) each(ctx context.Context, s *store.Store, v Visited, zones []zone.Name, f func(h store.Head, theirs Standing, there bool)) error {
	if len(zones) > maxCandidates {
		zones, o.More = zones[:maxCandidates], true
	}
	for part := range slices.Chunk(zones, maxStand) {
		list, err := v.Stand(ctx, part)
		if err != nil {
			return fmt.Errorf("ask for zones: %w", err)
		}
		theirs := make(map[zone.Name]Standing, len(list))
		for _, t := range list {
			theirs[t.Zone] = t
		}
		for _, z := range part {
			h, err := s.Head(z)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("read zone %s: %w", z.Text(), err)
			}
			t, there := theirs[z]
			f(h, t, there)
		}
	}
	return nil
}

func example(list []zone.Name, z zone.Name) []zone.Name {
	if len(list) < examplesShown {
		list = append(list, z)
	}
	return list
}

// moves says in numbers what adding the member does at once, with and without synchronizing.
func (o Overlap) moves(m Member, syncNow bool) []string {
	pol, name := m.Policy(), m.Label()
	first := pol.FirstSync
	if !syncNow {
		first = cluster.FirstSync{}
	}
	var list lines
	goes, comes := o.OnlyHere-o.GoneThere, o.OnlyThere-o.GoneHere
	list.add(first.Push && goes > 0, fmt.Sprintf("%s that only this server has %s to %s", plural(goes, "zone"), verb(goes, "goes", "go"), name))
	list.add(first.Push && o.NewerHere > 0, fmt.Sprintf("%s that %s newer here %s to %s", plural(o.NewerHere, "zone"), verb(o.NewerHere, "is", "are"), verb(o.NewerHere, "goes", "go"), name))
	list.add(first.PullOthers && comes > 0, fmt.Sprintf("%s that only %s has %s here", plural(comes, "zone"), name, verb(comes, "comes", "come")))
	list.add(first.Pull && o.NewerThere > 0, fmt.Sprintf("%s that %s newer there %s here", plural(o.NewerThere, "zone"), verb(o.NewerThere, "is", "are"), verb(o.NewerThere, "comes", "come")))
	list.add(first.Overwrite && o.NewerThere+o.Apart > 0, fmt.Sprintf("of %s there something newer is overwritten; it can be put back there", plural(o.NewerThere+o.Apart, "zone")))
	list.add(first.Push && first.Pull && o.Apart > 0, fmt.Sprintf("%s changed on both %s brought together, and what clashes is listed as conflicts", plural(o.Apart, "zone"), verb(o.Apart, "is", "are")))
	list.add(first.PullOthers && o.GoneHere > 0, fmt.Sprintf("%s that %s deleted here %s deleted there too, unless made anew there", plural(o.GoneHere, "zone"), verb(o.GoneHere, "was", "were"), verb(o.GoneHere, "is", "are")))
	list.add(first.Pull && first.Push && o.GoneThere > 0, fmt.Sprintf("%s that %s deleted there %s deleted here too, unless made anew here", plural(o.GoneThere, "zone"), verb(o.GoneThere, "was", "were"), verb(o.GoneThere, "is", "are")))
	differ := o.NewerHere + o.NewerThere + o.Apart
	list.add(!syncNow && differ > 0, fmt.Sprintf("nothing moves now: %s %s until they are changed, or synchronized", plural(differ, "zone"), verb(differ, "differs", "differ")))
	list.add(!syncNow && differ == 0, "nothing moves now: what is changed from now on does")
	list.add(syncNow && len(list) == 0, "nothing has to move: what the role carries is alike on both")
	return list
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
