package peer

import (
	"net/netip"
	"testing"
	"time"
)

// numberedAddress is one of many addresses, each of its own /64.
func numberedAddress(i int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(i >> 16), byte(i >> 8), byte(i), 0, 15: 1})
}

func TestTheThrottleIsBoundedAndSparesThoseWhoHaveNotFailed(t *testing.T) {
	now := time.Unix(1e9, 0)
	th := throttle{now: func() time.Time { return now }}
	known := netip.MustParseAddr("192.0.2.1")
	th.fail(known)
	for i := range maxThrottled + 1000 {
		th.fail(numberedAddress(i))
	}
	if len(th.failed) > maxThrottled+1 {
		t.Errorf("%d addresses are counted", len(th.failed))
	}
	if th.allows(numberedAddress(maxThrottled+5000)) || !th.allows(known) || !th.allows(numberedAddress(1)) {
		t.Error("strangers share one count when the table is full, those in it keep their own")
	}
	now = now.Add(time.Minute)
	if !th.allows(numberedAddress(maxThrottled + 5000)) {
		t.Error("still throttled a minute later")
	}
}

func TestAnAddressMayFailSoOftenInAMinute(t *testing.T) {
	now := time.Unix(1e9, 0)
	th := throttle{now: func() time.Time { return now }}
	v6, mapped := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1")
	for range failuresPerMinute {
		if !th.allows(v6) || !th.allows(mapped) {
			t.Fatal("throttled below the bound")
		}
		th.fail(v6)
		th.fail(mapped)
	}
	for text, want := range map[string]bool{
		"2001:db8::ffff": false, "2001:db8:0:1::1": true, "192.0.2.1": false, "192.0.2.2": true, "fe80::1%eth0": true,
	} {
		if got := th.allows(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is allowed: %v", text, got)
		}
	}
}

func TestGuessesAreBoundedInTotalHoweverManyAddressesThereAre(t *testing.T) {
	now := time.Unix(1e9, 0)
	th := throttle{now: func() time.Time { return now }}
	looked := 0
	for i := range 4 * maxThrottled {
		for range failuresPerMinute + 5 {
			if th.allows(numberedAddress(i)) {
				looked++
				th.fail(numberedAddress(i))
			}
		}
	}
	if want := (maxThrottled + 1) * failuresPerMinute; looked != want {
		t.Errorf("%d guesses were looked at in a minute, want %d", looked, want)
	}
}
