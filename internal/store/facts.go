package store

import (
	"github.com/zonefleet/zonefleet/internal/zone"
)

// facts derives what lists show. A whole state is looked at whole. For a part of a state the counts change by what the
// edit changed at its owners, as long as the edit can change nothing else: it writes no metadata (an end hides and
// uncovers whole lives) and stays within the owners that were loaded. Otherwise the rest is loaded after all.
func (tx *Tx) facts(old Head, s *zone.State, touched []zone.Key) (facts, error) {
	p, isPart := tx.parts[s]
	if !isPart {
		return factsOf(s, old.facts), nil
	}
	if !p.holds(touched) || !old.Live {
		whole, err := loadState(tx.reader, old)
		if err != nil {
			return facts{}, err
		}
		whole.Vector, whole.Base = s.Vector, s.Base
		for _, k := range touched {
			delete(whole.Keys, k)
			if versions := s.Keys[k]; len(versions) > 0 {
				whole.Keys[k] = versions
			}
		}
		return factsOf(whole, old.facts), nil
	}
	before, now := factsOf(p.before, old.facts), factsOf(s, old.facts)
	now.Records += old.Records - before.Records
	now.Conflicts += old.Conflicts - before.Conflicts
	return now, nil
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

func factsOf(s *zone.State, last facts) facts {
	f := last
	f.Live, f.Records = false, 0
	f.Serial, f.Conflicts = s.Serial(), len(s.Conflicts())
	v, ok := s.View()
	if !ok {
		return f
	}
	f.Live, f.Life, f.Owner, f.Home, f.Created = true, v.Life, v.Owner, v.Home, v.Created
	for _, set := range v.RRsets {
		f.Records += len(set.Data)
	}
	return f
}
