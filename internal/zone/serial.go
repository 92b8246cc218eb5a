package zone

import (
	"math"
	"time"
)

// Serial is the serial number served: uint32(base + sum of the vector's counters). Equal states have equal serials, and
// every join that learns something raises it.
func (s *State) Serial() uint32 { return uint32(s.Base + s.Vector.Sum()) }

// SerialAfter is the serial that s would serve after joining d.
func (s *State) SerialAfter(d Delta) uint32 {
	v := s.Vector.Clone()
	v.Merge(d.Vector)
	return uint32(max(s.Base, d.Base) + v.Sum())
}

// ahead is RFC 1982 section 3.2: whether a is greater than b. A distance of exactly 2^31 is undefined there, and not
// ahead here.
func ahead(a, b uint32) bool { return a != b && a-b < 1<<31 }

// heardOf says that the zone's name had a serial before.
func (s *State) heardOf() bool { return s.Base != 0 || len(s.Vector) != 0 }

// BaseFor returns the smallest base so that the serial served after plus more dots is want. It is false when that serial
// is not ahead of the one served now (RFC 1982); a zone never heard of takes any.
func BaseFor(want uint32, s *State, plus uint64) (uint64, bool) {
	natural := uint32(s.Base + s.Vector.Sum() + plus)
	if s.heardOf() {
		reached := want == natural || ahead(want, natural)
		if !reached || !ahead(want, s.Serial()) {
			return 0, false
		}
	}
	base := s.Base + uint64(want-natural)
	if base < s.Base || base > math.MaxUint64-math.MaxUint32 {
		return 0, false // the number only grows and never wraps; 2^64 serials are never used up honestly
	}
	return base, true
}

// maxJump is how far a wished serial may run ahead without looking like a date or a time.
const maxJump = 1 << 24

// WishAllowed says that the serial may be adopted from outside: it is at most 2^24 ahead, or near the date form or unix
// time, or the zone is new here. A serial taken over without this rule could use up the number space in a few steps.
func (s *State) WishAllowed(want uint32, now Millis) bool {
	if !s.heardOf() || want-s.Serial() <= maxJump {
		return true
	}
	const year = 366 * 24 * 3600 * 1000
	if date, ok := SerialDate(want); ok && date <= now+year {
		return true
	}
	unix := Millis(want) * 1000
	return now-year <= unix && unix <= now+year
}

// SerialDate reads a serial of the form YYYYMMDDnn (RFC 1912 section 2.2) as the start of that day in UTC.
func SerialDate(serial uint32) (Millis, bool) {
	y, m, d := int(serial/1000000), time.Month(serial/10000%100), int(serial/100%100)
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if y < 1980 || t.Month() != m || t.Day() != d {
		return 0, false
	}
	return Millis(t.UnixMilli()), true
}

// DateSerial is the first serial of the day: YYYYMMDD00.
func DateSerial(now Millis) uint32 {
	t := time.UnixMilli(int64(now)).UTC()
	return uint32(t.Year()*1000000 + int(t.Month())*10000 + t.Day()*100)
}
