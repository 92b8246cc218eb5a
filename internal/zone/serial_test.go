package zone

import (
	"testing"
	"time"
)

// stateAt is a state that serves the serial.
func stateAt(serial uint32) *State {
	return &State{Zone: exampleOrg, Vector: Vector{{1}: 3, {2}: 4}, Base: uint64(serial - 7), Keys: map[Key][]Version{}}
}

func TestSerialIsBasePlusChanges(t *testing.T) {
	s := &State{Vector: Vector{{1}: 3, {2}: 4}, Base: 1<<32 + 100}
	if got := s.Serial(); got != 107 {
		t.Errorf("serial %d, want 107", got)
	}
}

func TestBaseForAForeignSerial(t *testing.T) {
	for name, tc := range map[string]struct {
		served, want uint32
		plus         uint64
		ok           bool
	}{
		"the next one needs no base":               {100, 101, 1, true},
		"one ahead":                                {100, 2023111400, 1, true},
		"the one served is not ahead":              {100, 100, 1, false},
		"one behind":                               {100, 99, 1, false},
		"fewer ahead than the changes":             {100, 101, 2, false},
		"far ahead":                                {100, 100 + 1<<31 - 1, 0, true},
		"half the circle ahead is not (RFC 1982)":  {100, 100 + 1<<31, 0, false},
		"over the end of the circle":               {1<<32 - 10, 5, 1, true},
		"over the end of the circle, backwards":    {5, 1<<32 - 10, 1, false},
		"0 after the end":                          {1<<32 - 1, 0, 1, true},
		"0 after the end, with a change too many":  {1<<32 - 1, 0, 2, false},
		"the one served, to be reached by changes": {100, 100, 0, false},
	} {
		s := stateAt(tc.served)
		if s.Serial() != tc.served {
			t.Fatalf("%s: serves %d", name, s.Serial())
		}
		base, ok := BaseFor(tc.want, s, tc.plus)
		if ok != tc.ok {
			t.Errorf("%s: %v", name, ok)
			continue
		}
		if !ok {
			continue
		}
		after := &State{Vector: Vector{{1}: 7 + tc.plus}, Base: base}
		if after.Serial() != tc.want || base < s.Base || base-s.Base >= 1<<32 {
			t.Errorf("%s: base %d after %d serves %d, want %d", name, base, s.Base, after.Serial(), tc.want)
		}
	}
}

func TestAZoneNeverHeardOfTakesAnySerial(t *testing.T) {
	for _, want := range []uint32{0, 1, 7, 1 << 31, 1<<32 - 1} {
		base, ok := BaseFor(want, NewState(exampleOrg), 1)
		s := &State{Vector: Vector{{1}: 1}, Base: base}
		if !ok || s.Serial() != want {
			t.Errorf("%d: %v, serves %d", want, ok, s.Serial())
		}
	}
}

func TestFirstSerial(t *testing.T) {
	a := newNodes(t, "a")[0]
	a.create()
	if got := a.state.Serial(); got != 2023111400 {
		t.Errorf("a new zone starts at %d, want today's first", got)
	}
	a.end()
	last := a.state.Serial()
	a.create()
	if got := a.state.Serial(); got != last+1 {
		t.Errorf("a zone made anew starts at %d, want above %d", got, last)
	}
	a.end()
	o := a.options()
	o.HasSerial, o.Serial = true, 2030010100
	a.apply(a.state.Create(soaAndNS(), o))
	if got := a.state.Serial(); got != 2030010100 {
		t.Errorf("a zone with a wish starts at %d", got)
	}
	a.end()
	o.Serial = 5 // behind: not adopted
	last = a.state.Serial()
	a.apply(a.state.Create(soaAndNS(), o))
	if got := a.state.Serial(); got != last+1 {
		t.Errorf("a zone with a wish that is behind starts at %d", got)
	}
}

func TestJoinRaisesTheSerialByTheGreaterBase(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	c := a.state.Change(a.tick(), "a", a.state.Set(rr("www", TypeA, "192.0.2.1"))...)
	c.Base, _ = BaseFor(2024010100, a.state, 1)
	a.apply(c)
	b.set(rr("mail", TypeA, "192.0.2.2"))
	d := a.state.Whole()
	want := b.state.SerialAfter(d)
	b.join(a)
	a.join(b)
	if got := b.state.Serial(); got != 2024010101 || got != want || a.state.Serial() != got {
		t.Errorf("b serves %d (foretold %d), a %d, want 2024010101", got, want, a.state.Serial())
	}
}

// A higher serial alone is taken over by a Change that writes nothing.
func TestAChangeOfTheBaseAlone(t *testing.T) {
	a := sharing(t, []string{"a"})[0]
	c := a.state.Change(a.tick(), "a")
	c.Base, _ = BaseFor(2024010100, a.state, 1)
	a.apply(c)
	if got := a.state.Serial(); got != 2024010100 {
		t.Errorf("serves %d", got)
	}
}

// A file or a member with a serial from nowhere would use up half of the number space at a time.
func TestWishedSerialFarAhead(t *testing.T) {
	now := Millis(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC).UnixMilli())
	for name, tc := range map[string]struct {
		served, want uint32
		allowed      bool
	}{
		"a little ahead":            {100, 100 + 1<<24, true},
		"too far ahead":             {100, 101 + 1<<24, false},
		"a date":                    {100, 2026112399, true},
		"an old date":               {100, 2009010100, true},
		"a date far in the future":  {100, 2099010100, false},
		"no date":                   {100, 2026139900, false},
		"unix time":                 {100, uint32(now / 1000), true},
		"unix time of long ago":     {100, 1000000000, false},
		"over the end, near":        {1<<32 - 5, 5, true},
		"over the end, far":         {1<<32 - 5, 1 << 30, false},
		"from a date to the next":   {2026112300, 2026112400, true},
		"from a date to the future": {2026112300, 2147483647, false},
	} {
		if got := stateAt(tc.served).WishAllowed(tc.want, now); got != tc.allowed {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !NewState(exampleOrg).WishAllowed(4_000_000_000, now) {
		t.Error("a zone that is new here takes any serial")
	}
}

func TestETagIsNotTheSerial(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	n[0].set(rr("www", TypeA, "192.0.2.1"))
	n[1].set(rr("www", TypeA, "192.0.2.2"))
	if n[0].state.Serial() != n[1].state.Serial() {
		t.Fatal("the partitioned nodes do not share a serial")
	}
	if n[0].state.ETag() == n[1].state.ETag() {
		t.Error("different contents have one ETag")
	}
	raised := n[0].state.Clone()
	raised.Base++
	if raised.ETag() == n[0].state.ETag() {
		t.Error("the base is not in the ETag")
	}
}
