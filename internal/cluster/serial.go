package cluster

import (
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// MaxJump is how far a number from a member may be ahead of the known one without being suspicious: a counter of a
// dot, and a serial. A careless or hostile number would otherwise use up the number space of a zone for good.
const MaxJump = 1 << 24

// Ahead reports whether serial a is greater than b (RFC 1982 section 3.2). Two serials that are 2^31 apart are not
// comparable, so neither is ahead.
func Ahead(a, b uint32) bool {
	d := a - b
	return d != 0 && d < 1<<31
}

// Wish is a serial that somebody outside wants a zone to have.
type Wish struct {
	Serial uint32
	Have   uint32 // what is served here
	New    bool   // the zone is not known here
	Root   bool   // root asked for it explicitly
}

// Adopt decides whether a wished serial is taken over. One that is not ahead never is. One that is far ahead must
// look like a serial that people make, a date or unix time near now, unless the zone is new here or root asks. The
// content that came with it is taken in any case.
func Adopt(w Wish, now zone.Millis) bool {
	if w.New {
		return true
	}
	if !Ahead(w.Serial, w.Have) {
		return false
	}
	return w.Root || w.Serial-w.Have <= MaxJump || looksMade(w.Serial, now)
}

// looksMade reports whether a serial reads as YYYYMMDDnn (RFC 1912 section 2.2) or as unix time, from the year 2000
// to one year from now.
func looksMade(serial uint32, now zone.Millis) bool {
	var (
		first = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		last  = time.UnixMilli(int64(now)).UTC().AddDate(1, 0, 0)
	)
	within := func(t time.Time) bool { return !t.Before(first) && !t.After(last) }
	if within(time.Unix(int64(serial), 0)) {
		return true
	}
	year, month, day := int(serial/1_000_000), int(serial/10_000%100), int(serial/100%100)
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	// time.Date normalizes the 31st of April; a date that changes was none.
	return date.Month() == time.Month(month) && date.Day() == day && within(date)
}
