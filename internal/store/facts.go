package store

import (
	"github.com/zonefleet/zonefleet/internal/zone"
)

// derive makes what lists show and what servers compare. A whole state is looked at whole. For a part of a state counts
// and sums change by what the edit changed at its owners, as long as the edit can change nothing else: it writes no
// metadata (an end hides and uncovers whole lives) and stays within the owners that were loaded. Otherwise the rest is
// loaded after all.
func (tx *Tx) derive(old Head, s *zone.State, touched []zone.Key) (facts, sums, error) {
	p, isPart := tx.parts[s]
	if !isPart {
		f, x := derivedFrom(s, old.facts)
		return f, x, nil
	}
	if !p.holds(touched) || !old.Live || !old.reckoned {
		whole, err := loadState(tx.reader, old)
		if err != nil {
			return facts{}, sums{}, err
		}
		whole.Vector, whole.Base = s.Vector, s.Base
		for _, k := range touched {
			delete(whole.Keys, k)
			if versions := s.Keys[k]; len(versions) > 0 {
				whole.Keys[k] = versions
			}
		}
		f, x := derivedFrom(whole, old.facts)
		return f, x, nil
	}
	before, sumsBefore := derivedFrom(p.before, old.facts)
	now, sumsNow := derivedFrom(s, old.facts)
	now.Records += old.Records - before.Records
	now.Conflicts += old.Conflicts - before.Conflicts
	sumsNow.keys = old.keys.Add(sumsNow.keys).Sub(sumsBefore.keys)
	sumsNow.content = old.content.Add(sumsNow.content).Sub(sumsBefore.content)
	return now, sumsNow, nil
}

// holds says whether an edit of these keys changes nothing outside the part. Metadata has no owner.
func (p part) holds(touched []zone.Key) bool {
	for _, k := range touched {
		if !p.owners[k.Owner] {
			return false
		}
	}
	return true
}

func derivedFrom(s *zone.State, last facts) (facts, sums) {
	f, x := last, sums{reckoned: true, keys: s.Sum()}
	f.Live, f.Records = false, 0
	f.Serial, f.Conflicts = s.Serial(), len(s.Conflicts())
	v, ok := s.View()
	if !ok && f.Home == "" {
		f.lastOf(s.Lives())
	}
	if !ok {
		return f, x
	}
	x.content = v.Sum()
	f.Live, f.Life, f.Owner, f.Home, f.Created = true, v.Life, v.Owner, v.Home, v.Created
	for _, set := range v.RRsets {
		f.Records += len(set.Data)
	}
	return f, x
}

// lastOf takes the facts of the youngest life: of a zone that was deleted before anything of it came here, whose home must hear
// of that all the same.
func (f *facts) lastOf(lives []zone.LifeInfo) {
	if len(lives) == 0 {
		return
	}
	l := lives[len(lives)-1]
	f.Life, f.Owner, f.Home, f.Created = l.Life, l.Owner, l.Home, l.Created
}
