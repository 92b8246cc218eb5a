package deliver

import (
	"cmp"

	"github.com/zonefleet/zonefleet/internal/store"
)

// question is: how far is a server with the change of the zone that was committed at a position?
type question struct {
	head   store.Head // the zone's live position is there
	at     store.Position
	memory *memory // nil if nothing was heard lately
}

// remembered answers from what was heard lately.
func (q question) remembered(name string) (ServerReach, bool) {
	if q.memory == nil {
		return ServerReach{}, false
	}
	k, ok := q.memory.servers[name]
	if !ok || k.served < q.at {
		return ServerReach{}, false
	}
	return ServerReach{Name: name, State: ReachServed, At: k.at, Took: k.took}, true
}

// direct answers for a target's own server; false means that the change is not expected there.
//
// "Cursor at or above the position" alone would be wrong: the zone may have moved to a later position since, which the
// cursor has yet to pass. So the cursor answers for the zone's live position, which is at or after the change, and
// memory answers for what was acknowledged above the cursor.
func (q question) direct(p *progress) (ServerReach, bool) {
	if s, ok := q.remembered(p.name); ok {
		return s, true
	}
	s := ServerReach{Name: p.name, State: ReachWaiting}
	if !p.connected {
		s.Reason = p.lastError
	}
	if q.memory != nil && q.memory.ignored[p.id] >= q.at || q.head.Position <= p.start {
		return s, false
	}
	if x, ok := p.refused.byZone[q.head.Zone]; ok {
		if x.Position >= q.at {
			s.Reason = x.Reason
		}
		if x.Position >= q.at && x.Result == Refused {
			s.State = ReachRefused
		}
		return s, true // it has not got what the cursor passed
	}
	acked, known := p.acked[q.head.Zone]
	switch unserved := p.pending[q.head.Zone]; {
	case unserved >= q.at && unserved > 0:
		s.State, s.Reason = ReachStored, ""
	case !p.cursor.covers(q.head.Position) && (!known || acked.at < q.at):
	case unserved == 0 && (p.lost == 0 || q.head.Position < p.lost):
		s.State, s.Reason = ReachServed, ""
	default:
		s.State, s.Reason = ReachStored, ""
	}
	return s, true
}

// behind answers for a server behind a target. What the target refused never gets there through it.
func (q question) behind(name string, through ServerReach) ServerReach {
	if s, ok := q.remembered(name); ok {
		return s
	}
	s := ServerReach{Name: name, State: ReachWaiting}
	switch {
	case through.State == ReachRefused:
		s.State, s.Reason = ReachRefused, through.Name+": "+through.Reason
	case q.memory != nil && q.memory.servers[name].stored >= q.at:
		s.State = ReachStored
	case through.State == ReachWaiting:
		s.Reason = through.Reason
	}
	return s
}

// keepBest keeps the better of two answers for a server that is reached on two ways.
func keepBest(best map[string]ServerReach, s ServerReach) {
	if old, ok := best[s.Name]; !ok || rank(s.State) < rank(old.State) {
		best[s.Name] = s
	}
}

func rank(s ReachState) int {
	switch s {
	case ReachServed:
		return 0
	case ReachStored:
		return 1
	case ReachWaiting:
		return 2
	}
	return 3
}

func compare(a, b string) int { return cmp.Compare(a, b) }
