package control

import (
	"cmp"
	"fmt"
	"time"
)

// Retention says how long things are kept. The zero Retention has the default numbers.
type Retention struct {
	// Every is how long each version of a zone is kept: what people miss they miss within a quarter.
	Every time.Duration
	// Daily is how long the last version of each day is kept after that: for who asks what a zone was a season ago.
	Daily time.Duration
	// Last is how many versions of each zone are kept whatever their age: a zone that nobody touches for years keeps its past.
	Last int
	// Trash is how long the content of a deleted zone is kept, and restore works. What was written elsewhere while it was
	// deleted here is kept until someone decides.
	Trash time.Duration
	// Absents is how long a deletion is remembered against an edit elsewhere that did not see it: as long as a server is
	// away that will come back.
	Absents time.Duration
}

const day = 24 * time.Hour

// WithDefaults fills the numbers that are not given.
func (r Retention) WithDefaults() Retention {
	r.Every = cmp.Or(r.Every, 90*day)
	r.Daily = cmp.Or(r.Daily, 365*day)
	r.Last = cmp.Or(r.Last, 10)
	r.Trash = cmp.Or(r.Trash, 90*day)
	r.Absents = cmp.Or(r.Absents, 30*day)
	return r
}

// The bounds of Retention. Less than a day would let a mistake of this morning be forgotten before the evening.
const (
	minKept     = day
	maxKept     = 100 * 365 * day
	maxLastKept = 1000
)

// Validate reports the first number that is out of bounds.
func (r Retention) Validate() error {
	r = r.WithDefaults()
	for _, k := range []struct {
		what string
		kept time.Duration
	}{{"every version", r.Every}, {"the last version of each day", r.Daily}, {"what was deleted", r.Trash}, {"deletions", r.Absents}} {
		if k.kept < minKept || k.kept > maxKept {
			return fmt.Errorf("%s for %d days is out of bounds (1 to %d)", k.what, k.kept/day, maxKept/day)
		}
	}
	switch {
	case r.Daily < r.Every:
		return fmt.Errorf("the last version of each day is to be kept for %d days, less than every version (%d)", r.Daily/day, r.Every/day)
	case r.Last < 1 || r.Last > maxLastKept:
		return fmt.Errorf("the last %d versions of a zone are out of bounds (1 to %d)", r.Last, maxLastKept)
	}
	return nil
}

// retention is what is set.
func (c *Control) retention() (Retention, error) {
	r, _, err := load[Retention](c.Store, kindSetting, settingRetention)
	return r.WithDefaults(), err
}
