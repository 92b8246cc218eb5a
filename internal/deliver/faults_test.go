package deliver

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// TestWhateverHappensTheTargetGetsEverything: after any faults in any order, the target has each zone's last change,
// the cursor is at the head, and every change is reached.
func TestWhateverHappensTheTargetGetsEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{
			"change", "change", "change many", "pass", "crash", "start", "lose acks", "wipe", "refuse", "fail", "take", "new start", "lose registers", "store only", "report",
		}), 1, 40).Draw(rt, "faults")
		which := rapid.SliceOfN(rapid.IntRange(0, 59), len(faults), len(faults)).Draw(rt, "zones")
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			s := &scene{here: newHere(t), all: names(60), m: newMember("a")}
			s.m.takes = 20 * time.Millisecond
			_, s.stop = s.work("ns1", s.m)
			for i, fault := range faults {
				s.happen(fault, which[i])
			}
			wrong = s.wrong()
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

type scene struct {
	*here
	all  []zone.Name
	m    *member
	stop func()
}

func (s *scene) happen(fault string, i int) {
	z := s.all[i]
	switch fault {
	case "change":
		s.change(z)
	case "change many":
		s.change(s.all[i:]...)
	case "pass":
		pass(time.Duration(i) * 10 * time.Millisecond)
	case "crash":
		s.m.crash()
	case "start":
		s.m.start()
	case "lose acks":
		s.m.set(func() { s.m.loseAcks = 2 })
	case "wipe":
		s.m.crash()
		s.m.set(func() { s.m.instance += "x"; clear(s.m.has) })
	case "refuse":
		s.m.set(func() { s.m.refuses[z] = "no" })
	case "fail":
		s.m.set(func() { s.m.fails = map[zone.Name]string{z: "full"} })
	case "take":
		s.m.set(func() { clear(s.m.refuses) })
		s.Retry("ns1", z)
	case "new start":
		s.stop()
		s.Tracker = NewTracker(s.journal, "self", nil)
		_, s.stop = s.work("ns1", s.m)
	case "lose registers":
		s.journal.mu.Lock()
		clear(s.registers)
		s.journal.mu.Unlock()
	case "store only":
		s.m.set(func() { s.m.result = Stored })
	case "report":
		if head, err := s.Head(z); err == nil {
			s.Report("ns1", Report{Zone: z, Position: head.Position - 1, Servers: []string{"ns1"}})
		}
	}
}

// wrong says what is not as it must be after everything is well again; empty if nothing.
func (s *scene) wrong() string {
	s.m.set(func() {
		clear(s.m.refuses)
		clear(s.m.fails)
		s.m.down, s.m.result = nil, Served
	})
	pass(2 * time.Minute)
	s.m.crash() // what was only stored is asked about in the next session
	s.m.start()
	pass(2 * time.Minute)
	s.Retry("ns1")
	pass(time.Minute)
	st := s.status("ns1")
	if st.Waiting != 0 || st.Cursor != s.Synced() || st.Served != s.Synced() || len(st.Exceptions) != 0 || st.Unserved != 0 {
		return fmt.Sprintf("head %d, status %+v", s.Synced(), st)
	}
	for _, z := range s.all {
		head, err := s.Head(z)
		if err != nil {
			continue // never made
		}
		if s.m.count(z) != head.Vector[writer] {
			return fmt.Sprintf("has %d of %d changes of %s", s.m.count(z), head.Vector[writer], z.Text())
		}
		if r, err := s.Reached(z, head.Position); err != nil || !r.All() {
			return fmt.Sprintf("%+v, %v", r, err)
		}
	}
	return ""
}
