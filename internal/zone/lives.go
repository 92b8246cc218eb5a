package zone

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
)

// LifeInfo describes one life of a zone.
type LifeInfo struct {
	Life    Dot
	Owner   string
	Home    string
	Created Millis
	Ended   bool
	End     Vector // what the ends of the life saw, nil if it is not ended
	// Newest is the newest version with a value of any of its keys, apart from its end.
	Newest Version
}

// older orders lives by creation: a domain served for years does not lose to one made a second ago.
func (l LifeInfo) older(m LifeInfo) int {
	return cmp.Or(cmp.Compare(l.Created, m.Created), l.Life.Compare(m.Life))
}

// Lives returns all lives, ended ones included, the oldest first. In a partial state Newest is only of what is loaded.
func (s *State) Lives() []LifeInfo {
	lives := map[Dot]*LifeInfo{}
	for k, versions := range s.Keys {
		life := lives[k.Life]
		if life == nil {
			// Without a readable creation time a life must not win over one that has it.
			life = &LifeInfo{Life: k.Life, Owner: "root", Created: math.MaxInt64}
			lives[k.Life] = life
		}
		life.learn(k, versions)
	}
	all := make([]LifeInfo, 0, len(lives))
	for _, life := range lives {
		all = append(all, *life)
	}
	slices.SortFunc(all, LifeInfo.older)
	return all
}

// learn takes over what one key says about its life.
func (l *LifeInfo) learn(k Key, versions []Version) {
	if k.Meta == MetaEnd {
		l.Ended, l.End = true, endVector(versions)
		return
	}
	newest, ok := newestValue(versions)
	if !ok {
		return
	}
	if l.Newest.Dot.IsZero() || newest.Compare(l.Newest) > 0 {
		l.Newest = newest
	}
	switch k.Meta {
	case MetaOwner:
		l.Owner = string(newest.Value)
	case MetaHome:
		l.Home = string(newest.Value)
	case MetaCreated:
		if ms, err := strconv.ParseInt(string(newest.Value), 10, 64); err == nil {
			l.Created = Millis(ms)
		}
	}
}

// newestValue is the greatest version with a value.
func newestValue(versions []Version) (Version, bool) {
	for _, v := range slices.Backward(versions) {
		if !v.Absent {
			return v, true
		}
	}
	return Version{}, false
}

// endVector is the union of what several concurrent ends saw, never nil.
func endVector(versions []Version) Vector {
	seen := Vector{}
	for _, v := range versions {
		// A value that does not decode has seen nothing; Delta.Check keeps such out.
		if end, rest, err := DecodeVector(v.Value); err == nil && len(rest) == 0 {
			seen.Merge(end)
		}
	}
	return seen
}

// ends returns what the ends of each ended life saw.
func (s *State) ends() map[Dot]Vector {
	ends := map[Dot]Vector{}
	for k, versions := range s.Keys {
		if k.Meta == MetaEnd {
			ends[k.Life] = endVector(versions)
		}
	}
	return ends
}

// answer is the choice of the life that a view is made from.
type answer struct {
	life  LifeInfo
	equal []LifeInfo // lives of the same owner with equal content
	apart []LifeInfo // other lives not ended: other content, or another owner
}

// answering chooses the life: lives not ended are grouped by owner, and the group with the oldest life answers, so that
// two customers never answer for each other's names. In the group the life written last answers; among lives of equal
// content always the oldest, so that writers agree which one to keep and never end each other's.
func (s *State) answering() (answer, bool) {
	live := s.live()
	if len(live) == 0 {
		return answer{}, false
	}
	return s.choose(live), true
}

// choose is answering among the given lives, the oldest first and at least one.
func (s *State) choose(live []LifeInfo) answer {
	if len(live) == 1 {
		return answer{life: live[0]}
	}
	best := live[0]
	for _, l := range live {
		if l.Owner == live[0].Owner && l.Newest.Compare(best.Newest) > 0 {
			best = l
		}
	}
	content := s.content(best.Life)
	var a answer
	for _, l := range live {
		same := l.Owner == best.Owner && (l.Life == best.Life || maps.Equal(content, s.content(l.Life)))
		switch {
		case same && a.life.Life.IsZero():
			a.life = l
		case same:
			a.equal = append(a.equal, l)
		default:
			a.apart = append(a.apart, l)
		}
	}
	return a
}

// live returns the lives not ended, the oldest first.
func (s *State) live() []LifeInfo {
	return slices.DeleteFunc(s.Lives(), func(l LifeInfo) bool { return l.Ended })
}

// NeedsWhole says that the choice of the life depends on more than metadata: a partial state must be replaced by the
// whole one before it is written or viewed.
func (s *State) NeedsWhole() bool {
	return len(s.live()) > 1
}

// Life returns the life that answers, false if the zone does not live.
func (s *State) Life() (LifeInfo, bool) {
	a, ok := s.answering()
	return a.life, ok
}

// content is what a life would serve, to compare lives: the RRsets' stored form, in which the SOA has no serial. Metadata
// is left out: two homes may well have made the same zone.
func (s *State) content(life Dot) map[Key]string {
	content := map[Key]string{}
	for k, c := range s.cells(life) {
		if !c.ruled {
			content[Key{Owner: k.Owner, Type: k.Type}] = string(c.value)
		}
	}
	return content
}
