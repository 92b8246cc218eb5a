package digest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Wanted says what a walk looks for beside zones that both sides have.
type Wanted struct {
	OnlyHere, OnlyThere bool
	Names               int // at most so many names of each kind; the rest is counted
}

// Found is what a walk found. A zone whose group is another on each side may be among those that only one side has.
type Found struct {
	Differ              []zone.Name
	OnlyHere, OnlyThere []zone.Name
	Here, There         int  // how many only one side has
	More                bool // more differ than are named; Here and There may then be too few
	Rounds              int
}

// The bounds of a walk. One that has named as many zones as it may goes on for enoughRounds, to count the rest; maxRounds
// ends one against a server that goes on answering nonsense.
const (
	enoughRounds = 50
	maxRounds    = 200
)

// Walk asks the other side from the root down to the zones that differ. It takes one round where nothing does, and one
// more for each level where something does.
func Walk(here Source, by By, owners []string, w Wanted, ask func(Question) ([]Part, error)) (Found, error) {
	k := walk{here: here, by: by, wanted: w}
	total, err := here.Total(Branch{}, by)
	if err != nil {
		return k.found, err
	}
	k.open = []Known{{Total: total}}
	for len(k.open) > 0 {
		if k.found.Rounds >= enoughRounds && len(k.found.Differ) >= w.Names {
			k.found.More = true
			break
		}
		if k.found.Rounds++; k.found.Rounds > maxRounds {
			return k.found, fmt.Errorf("compare: no end after %d rounds", maxRounds)
		}
		// The deepest first: what is open stays small, and zones are found early.
		n := len(k.open) - min(len(k.open), MaxBranches)
		asked := slices.Clone(k.open[n:])
		k.open = k.open[:n]
		parts, err := ask(Question{By: by, Owners: owners, Branches: asked})
		if err != nil {
			return k.found, err
		}
		if len(parts) != len(asked) {
			return k.found, fmt.Errorf("compare: %d answers to %d branches", len(parts), len(asked))
		}
		if err := k.take(asked, parts); err != nil {
			return k.found, err
		}
	}
	return k.found, k.nameOnlyHere()
}

type walk struct {
	here     Source
	by       By
	wanted   Wanted
	open     []Known
	onlyHere []Branch
	found    Found
}

// take goes on below what differs.
func (k *walk) take(asked []Known, parts []Part) error {
	var buckets []Branch
	for i, p := range parts {
		switch b := asked[i]; {
		case p.Equal:
		case p.Left:
			k.open = append(k.open, b)
		case b.Level == Bucket:
			buckets = append(buckets, b.Branch)
		default:
			if err := k.below(b.Branch, p.Below); err != nil {
				return err
			}
		}
	}
	if len(buckets) == 0 {
		return nil
	}
	zones, err := k.here.Zones(buckets, k.by)
	if err != nil {
		return err
	}
	for i, p := range parts {
		if !p.Equal && !p.Left && asked[i].Level == Bucket {
			k.zones(zones[asked[i].Branch], p.Zones)
		}
	}
	return nil
}

// below compares the children of a branch.
func (k *walk) below(b Branch, theirs []Known) error {
	list, err := k.here.Below(b, k.by)
	if err != nil {
		return err
	}
	mine := make(map[Branch]Total, len(list))
	for _, c := range list {
		mine[c.Branch] = c.Total
	}
	for _, c := range theirs {
		if c.Level != b.Level+1 || !b.contains(c.Group, c.Bucket) || c.Zones <= 0 {
			return errors.New("compare: what came is not below what was asked for")
		}
		have, both := mine[c.Branch]
		delete(mine, c.Branch)
		switch {
		case both && have == c.Total:
		case both, k.wanted.OnlyThere && len(k.found.OnlyThere) < k.wanted.Names:
			k.open = append(k.open, Known{c.Branch, have})
		default:
			k.found.There += c.Zones
		}
	}
	for branch, have := range mine {
		if k.wanted.OnlyHere {
			k.onlyHere = append(k.onlyHere, branch)
		} else {
			k.found.Here += have.Zones
		}
	}
	return nil
}

// nameOnlyHere names what is below the branches of which the other side has nothing.
func (k *walk) nameOnlyHere() error {
	if len(k.onlyHere) == 0 {
		return nil
	}
	zones, err := k.here.Zones(k.onlyHere, k.by)
	for _, b := range k.onlyHere {
		k.zones(zones[b], nil)
	}
	return err
}

// zones compares the zones of a bucket.
func (k *walk) zones(mine, theirs []Leaf) {
	have := make(map[zone.Name]zone.Sum, len(mine))
	for _, l := range mine {
		have[l.Zone] = l.Sum
	}
	for _, l := range theirs {
		sum, both := have[l.Zone]
		delete(have, l.Zone)
		switch {
		case both && sum == l.Sum:
		case both:
			if len(k.found.Differ) < k.wanted.Names {
				k.found.Differ = append(k.found.Differ, l.Zone)
			} else {
				k.found.More = true
			}
		default:
			k.found.There++
			if k.wanted.OnlyThere && len(k.found.OnlyThere) < k.wanted.Names {
				k.found.OnlyThere = append(k.found.OnlyThere, l.Zone)
			}
		}
	}
	for z := range have {
		k.found.Here++
		if k.wanted.OnlyHere && len(k.found.OnlyHere) < k.wanted.Names {
			k.found.OnlyHere = append(k.found.OnlyHere, z)
		}
	}
}
