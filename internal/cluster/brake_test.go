package cluster_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

const minute = zone.Millis(60_000)

// taking takes zones away one after the other, as many as the brake lets, and returns how many that were.
type taking struct {
	brake  cluster.Brake
	losses cluster.Losses
	live   int
	made   int
}

func (x *taking) one(z string, at, now zone.Millis) bool {
	name := zone.Name(z)
	if x.brake.Holds(x.losses, name, at, now) {
		x.losses.Count(x.brake, x.live, now) // control counts anew before it holds
		if x.brake.Holds(x.losses, name, at, now) {
			return false
		}
	}
	x.losses.Take(name, at, now, true)
	x.live--
	return true
}

func (x *taking) many(n int, at zone.Millis) (passed int) {
	for range n {
		x.made++
		if x.one(fmt.Sprint("zone", x.made), at, at) {
			passed++
		}
	}
	return passed
}

func TestHowManyZonesPassTheBrake(t *testing.T) {
	for what, c := range map[string]struct {
		brake         cluster.Brake
		zones, tries  int
		passed, later int // at once; of as many again when the window is over
	}{
		"40 of 50":                            {zones: 50, tries: 40, passed: 15, later: 10}, // 30 % of the 35 that are left
		"15 of 50":                            {zones: 50, tries: 15, passed: 15, later: 10},
		"9 of 9":                              {zones: 9, tries: 9, passed: 9},
		"10 of 10: the tenth":                 {zones: 10, tries: 10, passed: 9, later: 1},
		"20 of 20":                            {zones: 20, tries: 20, passed: 9, later: 9},
		"30 of 100":                           {zones: 100, tries: 30, passed: 30, later: 21},
		"31 of 100":                           {zones: 100, tries: 31, passed: 30, later: 21},
		"one zone only":                       {zones: 1, tries: 1, passed: 1},
		"off":                                 {brake: cluster.Brake{Off: true}, zones: 50, tries: 50, passed: 50},
		"half of them may go":                 {brake: cluster.Brake{Share: 50}, zones: 50, tries: 40, passed: 25, later: 12},
		"none but one may go":                 {brake: cluster.Brake{Share: 1, Least: 2}, zones: 50, tries: 40, passed: 1, later: 1},
		"all may go":                          {brake: cluster.Brake{Share: 100}, zones: 50, tries: 50, passed: 50},
		"the least is reached, the share not": {zones: 1000, tries: 300, passed: 300, later: 210},
	} {
		t.Run(what, func(t *testing.T) {
			x := taking{brake: c.brake, live: c.zones}
			if got := x.many(c.tries, minute); got != c.passed {
				t.Errorf("%d zones pass, want %d", got, c.passed)
			}
			if got := x.many(min(c.tries, x.live), 11*minute); got != c.later {
				t.Errorf("%d zones pass when the window is over, want %d", got, c.later)
			}
		})
	}
}

func TestTheWindowSlides(t *testing.T) {
	x := taking{live: 50}
	for i := range zone.Millis(15) {
		if x.many(1, i*minute/3) != 1 {
			t.Fatalf("zone %d is held", i)
		}
	}
	if x.many(1, 9*minute) != 0 {
		t.Error("the sixteenth passes")
	}
	// At 10:00 the first is out of the window, and 49 of the zones were there when it began.
	if x.many(1, 10*minute-1) != 0 || x.many(1, 10*minute) != 1 || x.many(1, 10*minute) != 0 {
		t.Error("the window does not slide zone by zone")
	}
}

func TestWhatWasMadeSlowlyMayComeAtOnce(t *testing.T) {
	x := taking{live: 50}
	const now = 100_000 * minute
	for i := range zone.Millis(40) { // one a day, as a member brings them that was down for so long
		if !x.one(fmt.Sprint("zone", i), now-i*24*60*minute, now) {
			t.Fatalf("zone %d is held", i)
		}
	}
	if x.made = 40; x.many(9, now-12*60*minute) != 9 {
		t.Error("nine more are held")
	}
	y := taking{live: 50}
	for i := range zone.Millis(40) { // all of them a month ago, in one minute, in no order
		y.one(fmt.Sprint("zone", i), now-30*24*60*minute-(i*7)%40*1000, now)
	}
	if y.live != 35 {
		t.Errorf("%d of 40 zones that were deleted in one minute pass", 50-y.live)
	}
}

func TestAZoneIsCountedOnce(t *testing.T) {
	x := taking{live: 50}
	for i := range 100 {
		if !x.one("one", zone.Millis(i), zone.Millis(i)) {
			t.Fatalf("held at the %dth time", i)
		}
	}
	if x.losses.Len() != 1 {
		t.Errorf("%d losses are remembered", x.losses.Len())
	}
}

func TestWhatTakesAZoneAway(t *testing.T) {
	for _, c := range []struct {
		before, after int
		deleted, want bool
	}{
		{10, 10, false, false},
		{10, 5, false, false}, // half is not more than half
		{10, 4, false, true},
		{3, 1, false, true},
		{2, 1, false, false},
		{1, 0, true, true},
		{0, 5, false, false},
	} {
		if got := cluster.Takes(c.before, c.after, c.deleted); got != c.want {
			t.Errorf("%d to %d records, deleted %v: %v", c.before, c.after, c.deleted, got)
		}
	}
}

func TestLossesAreStoredAndForgotten(t *testing.T) {
	var l cluster.Losses
	for i := range 20 {
		l.Take(zone.Name(fmt.Sprint(i)), zone.Millis(i)*minute, zone.Millis(i)*minute, i%2 == 0)
	}
	l.Count(cluster.Brake{}, 7, 20*minute)
	l.Held = 3
	got, err := cluster.DecodeLosses(l.Append(nil))
	if d := cmp.Diff(l, got, cmp.Exporter(func(reflect.Type) bool { return true })); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if l.Reach != 7+4 { // of zones 11 to 19, which the window has, 12, 14, 16 and 18 were deleted
		t.Errorf("reach is %d", l.Reach)
	}
	for _, b := range [][]byte{nil, {2}, {1}, {1, 0, 0}, append(l.Append(nil), 1)} {
		if _, err := cluster.DecodeLosses(b); err == nil {
			t.Errorf("%x is read", b)
		}
	}
	l.Take("later", 0, zone.Millis((25 * time.Hour).Milliseconds()), false)
	if l.Len() != 1 {
		t.Errorf("%d losses are remembered after a day", l.Len())
	}
}

func TestTheNumbersOfTheBrakeHaveBounds(t *testing.T) {
	for _, b := range []cluster.Brake{{}, {Share: 100, Least: 1, Window: time.Minute}} {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, b := range []cluster.Brake{{Share: 101}, {Share: -1}, {Least: -1}, {Least: 100_000}, {Window: time.Second}, {Window: 48 * time.Hour}} {
		if b.Validate() == nil {
			t.Errorf("%+v is taken", b)
		}
	}
}
