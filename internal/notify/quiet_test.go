package notify

import (
	"fmt"
	"testing"
	"time"
)

func TestWhatWasSaidIsBounded(t *testing.T) {
	q, now := quiet{}, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i := range 3 * maxTold {
		m := Message{Key: fmt.Sprint(i), State: "x"}
		now = now.Add(time.Second)
		q.pass(m, now)
		q.said(m, now)
		if len(q.told) > maxTold {
			t.Fatalf("%d are remembered", len(q.told))
		}
		if q.pass(m, now) {
			t.Fatal("the same is said at once")
		}
	}
}
