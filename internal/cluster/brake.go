package cluster

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Brake is the rule that stops a mass deletion where it enters: what one source (a token, a member) takes away within
// Window, when it comes to Least zones and to more than Share percent of what the source can reach, is held for a person
// to look at. The zero Brake has the default numbers.
type Brake struct {
	Off    bool
	Share  int           // percent
	Least  int           // zones
	Window time.Duration // sliding
}

// The default numbers. A person who cleans up deletes a handful of zones by hand; nobody takes a third of them away in
// ten minutes without having been asked whether it is meant.
const (
	DefaultBrakeShare  = 30
	DefaultBrakeLeast  = 10
	DefaultBrakeWindow = 10 * time.Minute
)

// The bounds of a Brake's numbers.
const (
	MaxBrakeLeast  = maxLosses
	minBrakeWindow = time.Minute
	maxBrakeWindow = 24 * time.Hour
)

// WithDefaults fills the numbers that are not given.
func (b Brake) WithDefaults() Brake {
	b.Share = cmp.Or(b.Share, DefaultBrakeShare)
	b.Least = cmp.Or(b.Least, DefaultBrakeLeast)
	b.Window = cmp.Or(b.Window, DefaultBrakeWindow)
	return b
}

// Validate reports the first number that is out of bounds.
func (b Brake) Validate() error {
	b = b.WithDefaults()
	switch {
	case b.Share < 1 || b.Share > 100:
		return fmt.Errorf("a share of %d %% is out of bounds (1 to 100)", b.Share)
	case b.Least < 1 || b.Least > MaxBrakeLeast:
		return fmt.Errorf("%d zones are out of bounds (1 to %d)", b.Least, MaxBrakeLeast)
	case b.Window < minBrakeWindow || b.Window > maxBrakeWindow:
		return fmt.Errorf("a window of %s is out of bounds (%s to %s)", b.Window, minBrakeWindow, maxBrakeWindow)
	}
	return nil
}

// Takes says whether a change of a zone from that many records to that many counts as taking it away: the zone is
// deleted, or loses more than half of its records. Records that are replaced by as many others are not lost.
func Takes(before, after int, deleted bool) bool { return deleted || 2*after < before }

// Losses is what one source took away lately. The zero Losses is that of a source that took nothing.
type Losses struct {
	list []loss // by Seen
	// Reach is how many zones the source could reach when that was last counted, with those that it had deleted by then.
	Reach int
	// Counted is when that was, 0 for never.
	Counted zone.Millis
	// Held is when something of the source was last held, 0 for never.
	Held zone.Millis
}

// loss is one zone taken away. The zone is kept as a hash: the list says how many there were, not which.
type loss struct {
	zone    uint64
	at      zone.Millis // of the change itself
	seen    zone.Millis // when it came in here
	deleted bool
}

const (
	// maxLosses bounds what is remembered of one source, to about 2 MiB. Beyond it everything is held, whatever the share:
	// who takes that many zones away in one window is asked.
	maxLosses = 65_536
	// keepLosses is how long a loss is remembered: a member whose link breaks in the middle of a mass deletion must not
	// start anew when it comes back.
	keepLosses = 24 * time.Hour
)

// Holds reports whether taking away one zone more is too much. at is the time of the change: a member that was down for
// a month brings the deletions of a month at once, and they were not made at once. A reach that was counted before the
// window that ends now counts as none: who gets true counts anew and asks again.
func (b Brake) Holds(l Losses, z zone.Name, at, now zone.Millis) bool {
	if b.Off {
		return false
	}
	b = b.WithDefaults()
	window := zone.Millis(b.Window.Milliseconds())
	if now-l.Counted >= window || l.Counted > now {
		l.Reach = 0
	}
	n, again := l.around(hashOf(z), at, window)
	switch {
	case again: // it is counted already
		return false
	case len(l.list) >= maxLosses:
		return true
	}
	return n+1 >= b.Least && 100*(n+1) > b.Share*l.Reach
}

// around is the greatest number of zones lost in any one window that contains the time, apart from zone z; again says
// that z was lost in such a window itself.
func (l Losses) around(z uint64, at, window zone.Millis) (n int, again bool) {
	var times []zone.Millis
	for _, x := range l.list {
		if d := x.at - at; d <= -window || d >= window {
			continue
		}
		if x.zone == z {
			return 0, true
		}
		times = append(times, x.at)
	}
	slices.Sort(times)
	first := 0
	for last, t := range times {
		for max(t, at)-min(times[first], at) >= window {
			first++
		}
		n = max(n, last-first+1)
	}
	return n, false
}

// Take notes that a zone was taken away: at the time of the change, seen here now. What is older than a day is forgotten.
func (l *Losses) Take(z zone.Name, at, now zone.Millis, deleted bool) {
	h := hashOf(z)
	old := now - zone.Millis(keepLosses.Milliseconds())
	l.list = slices.DeleteFunc(l.list, func(x loss) bool { return x.zone == h || x.seen < old })
	if len(l.list) >= maxLosses {
		l.list = l.list[1:]
	}
	l.list = append(l.list, loss{zone: h, at: at, seen: now, deleted: deleted})
}

// Count takes how many zones the source can reach now. What it deleted within the window was within reach before.
func (l *Losses) Count(b Brake, reach int, now zone.Millis) {
	window := zone.Millis(b.WithDefaults().Window.Milliseconds())
	for _, x := range l.list {
		if x.deleted && x.seen > now-window {
			reach++
		}
	}
	l.Reach, l.Counted = reach, now
}

// Len is how many zones are remembered.
func (l Losses) Len() int { return len(l.list) }

func hashOf(z zone.Name) uint64 {
	h := fnv.New64a()
	h.Write([]byte(z)) // never fails
	return h.Sum64()
}

// lossesFormat is the first octet of stored Losses.
const lossesFormat = 1

// Append appends the stored form: the format, Reach, Counted, Held, and the losses.
func (l Losses) Append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, lossesFormat), uint64(l.Reach))
	b = binary.AppendVarint(b, int64(l.Counted))
	b = binary.AppendVarint(b, int64(l.Held))
	for _, x := range l.list {
		b = binary.BigEndian.AppendUint64(b, x.zone)
		b = binary.BigEndian.AppendUint64(b, uint64(x.at))
		deleted := uint64(0)
		if x.deleted {
			deleted = 1
		}
		b = binary.BigEndian.AppendUint64(b, uint64(x.seen)<<1|deleted)
	}
	return b
}

var errLosses = errors.New("damaged list of losses")

// DecodeLosses reads what Append wrote.
func DecodeLosses(b []byte) (l Losses, err error) {
	if len(b) == 0 || b[0] != lossesFormat {
		return Losses{}, errLosses
	}
	reach, n := binary.Uvarint(b[1:])
	rest := b[1+max(n, 0):]
	counted, m := binary.Varint(rest)
	rest = rest[max(m, 0):]
	held, k := binary.Varint(rest)
	rest = rest[max(k, 0):]
	const size = 24
	if n <= 0 || m <= 0 || k <= 0 || len(rest)%size != 0 || len(rest)/size > maxLosses {
		return Losses{}, errLosses
	}
	l = Losses{Reach: int(reach), Counted: zone.Millis(counted), Held: zone.Millis(held)}
	for ; len(rest) > 0; rest = rest[size:] {
		seen := binary.BigEndian.Uint64(rest[16:])
		l.list = append(l.list, loss{
			zone: binary.BigEndian.Uint64(rest), at: zone.Millis(binary.BigEndian.Uint64(rest[8:])),
			seen: zone.Millis(seen >> 1), deleted: seen&1 == 1,
		})
	}
	return l, nil
}

// Why says in words what the rule is.
func (b Brake) Why() string {
	b = b.WithDefaults()
	return fmt.Sprintf("more than %d %% of the zones in reach, and at least %d, taken away within %s", b.Share, b.Least, inWords(b.Window))
}

// inWords is a duration without the zero units that String writes.
func inWords(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return count(int(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return count(int(d/time.Minute), "minute")
	}
	return d.String()
}

// heldMark begins the reason of a refusal that waits for a person's decision. It travels: servers of other versions show
// it as it is.
const heldMark = "held: "

// HeldReason is the reason that a member is given.
func HeldReason(why string) string { return heldMark + why }

// IsHeld says that a zone was refused only until a person there decides.
func IsHeld(reason string) bool { return strings.HasPrefix(reason, heldMark) }
