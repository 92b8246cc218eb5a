package cluster

import (
	"fmt"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func failed(h Health, times int, t Threshold) (Health, []Happening) {
	var all []Happening
	for range times {
		var some []Happening
		h, some = h.Failed(1000, "no answer", t)
		all = append(all, some...)
	}
	return h, all
}

func TestTheThresholdDisables(t *testing.T) {
	h, events := failed(Health{}, 9, Threshold{})
	want(t, "state after 9", h.Current(), Active)
	want(t, "events after 9", len(events), 0)
	h, events = failed(h, 1, Threshold{})
	want(t, "state after 10", h.State, DisabledFailures)
	want(t, "events", len(events), 1)
	want(t, "event", events[0], Happening{Kind: MemberDisabled, Reason: "no answer", Notify: true})
	h, events = failed(h, 5, Threshold{})
	want(t, "probes that fail make no events", len(events), 0)
	want(t, "state", h.State, DisabledFailures)
}

func TestASuccessClearsTheCount(t *testing.T) {
	h, _ := failed(Health{}, 9, Threshold{})
	h, events := h.Succeeded(2000, Threshold{})
	want(t, "failures", h.Failures, 0)
	want(t, "last error", h.LastError, "")
	want(t, "events", len(events), 0)
	h, _ = failed(h, 9, Threshold{})
	want(t, "state after 9 more", h.Current(), Active)
}

// A greeting clears what kept a member from answering, not that it breaks off after each.
func TestAMemberThatBreaksOffHasToProveMoreThanItsGreeting(t *testing.T) {
	h := Health{}
	var events []Happening
	for range 10 {
		h, events = h.BrokeOff(1000, "nonsense", Threshold{})
		want(t, "broke", h.Broke, true)
	}
	want(t, "state", h.State, DisabledFailures)
	want(t, "event", events[0], Happening{Kind: MemberDisabled, Reason: "nonsense", Notify: true})
	silent, _ := h.Failed(2000, "no answer", Threshold{})
	want(t, "broke, of one that was gone since", silent.Broke, false)
	back, _ := h.Succeeded(2000, Threshold{})
	want(t, "broke, of one that has done something", back.Broke, false)
	enabled, _ := h.Enable(2000)
	want(t, "broke, of one that a person enabled", enabled.Broke, false)
	h, _ = h.Disable(2000)
	h, _ = h.BrokeOff(3000, "late", Threshold{})
	want(t, "a late report changes nothing", h.LastError, "nonsense")
}

func TestKeepOnlineNeverDisables(t *testing.T) {
	h, events := failed(Health{}, 20_000, Threshold{Count: 3, KeepOnline: true})
	want(t, "state", h.Current(), Active)
	want(t, "events", len(events), 0)
}

func TestAMemberThatAnswersAgainIsEnabledUnlessByHandOnly(t *testing.T) {
	h, _ := failed(Health{}, 2, Threshold{Count: 2, Quiet: true})
	back, events := h.Succeeded(2000, Threshold{})
	want(t, "state", back.State, Active)
	want(t, "since", back.Since, zone.Millis(2000))
	want(t, "event", events[0].Kind, MemberEnabled)

	byHand := Threshold{Reenable: ReenableByHand}
	h, events = h.Succeeded(2000, byHand)
	want(t, "state by hand", h.State, DisabledFailures)
	want(t, "it answered", h.Answered, zone.Millis(2000))
	want(t, "events", len(events), 0)
	h, events = h.Enable(3000)
	want(t, "state enabled", h.State, Active)
	want(t, "event", events[0].Kind, MemberEnabled)
	_, events = h.Enable(4000)
	want(t, "enabling twice", len(events), 0)
}

func TestDisabledByHandStays(t *testing.T) {
	h, events := Health{}.Disable(1000)
	want(t, "state", h.State, DisabledByHand)
	want(t, "event", events[0].Kind, MemberDisabled)
	for _, step := range []func(){
		func() { h, events = h.Succeeded(2000, Threshold{}) },
		func() { h, events = failed(h, 50, Threshold{}) },
		func() { h, events = h.Disable(3000) },
	} {
		step()
		want(t, "state", h.State, DisabledByHand)
		want(t, "events", len(events), 0)
	}
	_, ok := h.NextTry(4000, 0)
	want(t, "tried", ok, false)
	h, _ = h.Enable(4000)
	want(t, "state", h.State, Active)

	h, _ = failed(Health{}, 10, Threshold{})
	h, _ = h.Disable(2000)
	want(t, "from disabled by failures", h.State, DisabledByHand)
}

func TestBackoffDoublesFromASecondToAQuarterOfAMinute(t *testing.T) {
	for failures, seconds := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 2, 3: 4, 4: 8, 5: 15, 6: 15, 1 << 40: 15} {
		d := time.Duration(seconds) * time.Second
		want(t, "without jitter", Backoff(failures, 0), d)
		if j := Backoff(failures, 0.999); j > d || j < d*4/5 {
			t.Errorf("after %d failures with jitter: %v", failures, j)
		}
	}
}

func TestADisabledMemberIsProbedFourTimesAMinute(t *testing.T) {
	h, _ := failed(Health{}, 10_000, Threshold{})
	wait, ok := h.NextTry(11_000, 0.5)
	want(t, "probed", ok, true)
	want(t, "next", wait, 5*time.Second)
	h, _ = failed(Health{}, 3, Threshold{})
	wait, _ = h.NextTry(2500, 0)
	want(t, "an active one is tried by back-off", wait, 2500*time.Millisecond)
}

// The last attempt was at 1 s, by a clock that was set since.
func TestAClockThatIsSetDoesNotPartMembers(t *testing.T) {
	const year = zone.Millis(365 * 24 * 3600 * 1000)
	for failures, pause := range map[int]time.Duration{0: 0, 3: 4 * time.Second, 10: 15 * time.Second} {
		h, _ := failed(Health{}, failures, Threshold{})
		for now, most := range map[zone.Millis]time.Duration{1000 - year: pause, 1000: pause, 1000 + year: 0} {
			wait, ok := h.NextTry(now, 0)
			want(t, fmt.Sprintf("tried after %d failures at %d", failures, now), ok, true)
			want(t, fmt.Sprintf("wait after %d failures at %d", failures, now), wait, most)
		}
	}
}

func TestWhatALinkMayDoByState(t *testing.T) {
	for _, c := range []struct {
		on    bool
		state State
		want  Doing
	}{
		{true, "", Doing{Send: true, Follow: true, Answer: true}},
		{true, Active, Doing{Send: true, Follow: true, Answer: true}},
		{true, DisabledFailures, Doing{Answer: true, Probe: true}},
		{true, DisabledByHand, Doing{}},
		{false, Active, Doing{}},
		{false, DisabledFailures, Doing{}},
		{false, DisabledByHand, Doing{}},
	} {
		want(t, string(c.state), Permit(c.on, c.state), c.want)
	}
}

func TestThresholdIsValidated(t *testing.T) {
	for _, good := range []Threshold{{}, {Count: 1}, {Count: 10_000}, {KeepOnline: true}, {Reenable: ReenableByHand}} {
		want(t, "good", good.Validate(), nil)
	}
	for _, bad := range []Threshold{{Count: -1}, {Count: 10_001}, {Reenable: "never"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	want(t, "default", Threshold{}.Limit(), 10)
}
