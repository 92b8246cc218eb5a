package cli

import (
	"testing"
	"time"
)

// A day lasts until its last second in UTC; what is neither a day nor a time to come is refused.
func TestADayEndsAtItsEndInUTC(t *testing.T) {
	var at *time.Time
	if err := expiry("2099-12-31", &at); err != nil || at.Format(time.RFC3339) != "2099-12-31T23:59:59Z" {
		t.Errorf("a day ends %v, %v", at, err)
	}
	if err := expiry("", new(*time.Time)); err != nil {
		t.Errorf("never: %v", err)
	}
	before := time.Now()
	if err := expiry("720h", &at); err != nil || at.Sub(before).Round(time.Hour) != 720*time.Hour {
		t.Errorf("in 720 hours is %v, %v", at, err)
	}
	for _, wrong := range []string{"tomorrow", "31.12.2099", "2099-13-01", "-1h", "0s"} {
		if err := expiry(wrong, &at); err == nil {
			t.Errorf("%q is taken as %v", wrong, at)
		}
	}
}
