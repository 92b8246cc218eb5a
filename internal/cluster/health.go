package cluster

import (
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// State says whether a member is worked.
type State string

// The states of a member; the empty one means Active. The package comment draws the transitions.
const (
	// Active: changes are sent and followed; a failed connection is tried again with back-off.
	Active State = "active"
	// DisabledFailures: the threshold was reached. Only a probe goes there, four times a minute; the cursor stands.
	DisabledFailures State = "disabled-failures"
	// DisabledByHand: a person switched it off. The link neither sends, follows nor answers until a person enables it.
	DisabledByHand State = "disabled-by-hand"
)

// Health is what is known of a member's connection. The zero Health is an active member never tried.
type Health struct {
	State     State
	Since     zone.Millis // when State began
	Failures  int         // consecutive ones
	LastError string
	LastTry   zone.Millis
	Answered  zone.Millis // when it last answered
	// Broke says that it greeted well the last time, and failed before it had done anything: that it greets proves nothing
	// any more.
	Broke bool
}

// Happening is a transition worth an event.
type Happening struct {
	Kind   HappeningKind
	Reason string
	Notify bool // somebody asked to be told
}

// HappeningKind names a transition.
type HappeningKind string

// The transitions.
const (
	MemberDisabled HappeningKind = "member-disabled"
	MemberEnabled  HappeningKind = "member-enabled"
)

// Current is the state, with the zero value resolved.
func (h Health) Current() State {
	if h.State == "" {
		return Active
	}
	return h.State
}

// Failed counts a failed attempt. Only failures of the connection come here: what is wrong with one zone, or a clock,
// says nothing against the member. At the threshold the member is disabled.
func (h Health) Failed(now zone.Millis, reason string, t Threshold) (Health, []Happening) {
	if h.Current() == DisabledByHand {
		return h, nil // nothing is tried there; a late answer of an attempt that was under way changes nothing
	}
	h.Failures++
	h.LastError, h.LastTry, h.Broke = reason, now, false
	if h.Current() == Active && !t.KeepOnline && h.Failures >= t.Limit() {
		return h.becomeDisabledFailures(now, !t.Quiet)
	}
	return h, nil
}

// BrokeOff counts an attempt that began well and failed before the member had done anything.
func (h Health) BrokeOff(now zone.Millis, reason string, t Threshold) (Health, []Happening) {
	h, happenings := h.Failed(now, reason, t)
	h.Broke = h.Current() != DisabledByHand
	return h, happenings
}

// ProvesAfter is how long a session with a member that broke off the last time has to last until it has succeeded, unless
// it does something before. One that only keeps silent is ended sooner.
const ProvesAfter = time.Minute

// Succeeded clears the failures. A member that failures disabled becomes active if the threshold's rule says so.
func (h Health) Succeeded(now zone.Millis, t Threshold) (Health, []Happening) {
	if h.Current() == DisabledByHand {
		return h, nil
	}
	h.Failures, h.LastError, h.Broke = 0, "", false
	h.LastTry, h.Answered = now, now
	if h.Current() == DisabledFailures && t.Reenable != ReenableByHand {
		h, back := h.becomeActive(now, "it answers again")
		back[0].Notify = !t.Quiet
		return h, back
	}
	return h, nil
}

// Disable switches the member off by hand.
func (h Health) Disable(now zone.Millis) (Health, []Happening) {
	if h.Current() == DisabledByHand {
		return h, nil
	}
	return h.becomeDisabledByHand(now)
}

// Enable switches the member on by hand. It goes on from its cursor.
func (h Health) Enable(now zone.Millis) (Health, []Happening) {
	if h.Current() == Active {
		return h, nil
	}
	return h.becomeActive(now, "enabled by hand")
}

func (h Health) becomeActive(now zone.Millis, why string) (Health, []Happening) {
	h.State, h.Since = Active, now
	h.Failures, h.LastError, h.Broke = 0, "", false
	return h, []Happening{{Kind: MemberEnabled, Reason: why}}
}

func (h Health) becomeDisabledFailures(now zone.Millis, notify bool) (Health, []Happening) {
	h.State, h.Since = DisabledFailures, now
	return h, []Happening{{Kind: MemberDisabled, Reason: h.LastError, Notify: notify}}
}

func (h Health) becomeDisabledByHand(now zone.Millis) (Health, []Happening) {
	h.State, h.Since = DisabledByHand, now
	return h, []Happening{{Kind: MemberDisabled, Reason: "disabled by hand"}}
}

// Doing is what a link may do now.
type Doing struct {
	Send   bool
	Follow bool
	Answer bool // to the member's own calls
	Probe  bool // whether it is back
}

// Permit decides what the states of the node's clustering and of the member allow; the link's Policy then says which
// of it the role does. With clustering off, the member's calls are answered "clustering is off here" by the door.
func Permit(clusteringOn bool, s State) Doing {
	switch {
	case !clusteringOn || s == DisabledByHand:
		return Doing{}
	case s == DisabledFailures:
		return Doing{Answer: true, Probe: true}
	default:
		return Doing{Send: true, Follow: true, Answer: true}
	}
}

// The pace of attempts. What is served may differ between servers for as long as one that is back is not tried, so the
// longest pause is short: an attempt costs a connection, and 100 members that are down cost seven a second.
const (
	firstBackoff = time.Second
	maxBackoff   = 15 * time.Second
	probeEvery   = maxBackoff
)

// Backoff is how long to wait after the given number of consecutive failures: one second, doubling to 15 seconds, of
// which the last fifth is jitter, so that members that fell together do not return together. rnd is in [0,1).
func Backoff(failures int, rnd float64) time.Duration {
	if failures <= 0 {
		return 0
	}
	d := maxBackoff
	if shift := failures - 1; shift < 4 { // 1 s << 4 is above the longest
		d = firstBackoff << shift
	}
	return d - time.Duration(rnd*float64(d)/5)
}

// NextTry is how long to wait before the member is tried again; false means until a person enables it. It is never longer
// than the pause itself, whatever has become of the clock since the last attempt: one that was set back by a year does not
// part members for a year.
func (h Health) NextTry(now zone.Millis, rnd float64) (time.Duration, bool) {
	pause := Backoff(h.Failures, rnd)
	switch h.Current() {
	case DisabledByHand:
		return 0, false
	case DisabledFailures:
		pause = probeEvery
	}
	since := max(now-h.LastTry, 0)
	return max(pause-time.Duration(min(since, zone.Millis(pause.Milliseconds())))*time.Millisecond, 0), true
}
