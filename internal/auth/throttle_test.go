package auth

import (
	"net/netip"
	"testing"
	"time"
)

func TestThrottleForgivesWithTimeAndByNetwork(t *testing.T) {
	th := NewThrottle()
	now := time.Unix(1e9, 0)
	v6 := netip.MustParseAddr("2001:db8::1")
	for range failuresAtOnce - 1 {
		th.Fail(v6, "", now)
	}
	if w := th.Wait(v6, "", now); w != 0 {
		t.Fatalf("wait %s before the limit", w)
	}
	th.Fail(v6, "", now)
	if w := th.Wait(netip.MustParseAddr("2001:db8::ffff"), "", now); w != failurePace {
		t.Errorf("a neighbour in the /64 waits %s, want %s", w, failurePace)
	}
	if w := th.Wait(netip.MustParseAddr("2001:db8:0:1::1"), "", now); w != 0 {
		t.Errorf("another /64 waits %s", w)
	}
	if w := th.Wait(v6, "", now.Add(failurePace)); w != 0 {
		t.Errorf("still %s after the pace", w)
	}
	for i := range throttled + 10 {
		th.Fail(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), "", now)
	}
	if len(th.rows) > throttled+1 {
		t.Errorf("%d rows", len(th.rows))
	}
}

func TestAUserIsThrottledFromEverywhereAndForgiven(t *testing.T) {
	th, now := NewThrottle(), time.Unix(1e9, 0)
	for i := range failuresAtOnce {
		th.Fail(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), "shop", now)
	}
	stranger := netip.MustParseAddr("198.51.100.1")
	if w := th.Wait(stranger, "shop", now); w != failurePace {
		t.Errorf("the user waits %s, want %s", w, failurePace)
	}
	if w := th.Wait(stranger, "other", now); w != 0 {
		t.Errorf("another user waits %s", w)
	}
	th.Forgive("shop")
	if w := th.Wait(stranger, "shop", now); w != 0 {
		t.Errorf("unlocked, the user waits %s", w)
	}
}
