package cluster

import "fmt"

// Reenable says who brings back a member that failures disabled.
type Reenable string

// The settings of Reenable; the empty one means ReenableAuto.
const (
	ReenableAuto   Reenable = "auto"    // it is enabled when it answers again
	ReenableByHand Reenable = "by-hand" // a person enables it
)

// The bounds of Threshold.Count.
const (
	DefaultThreshold = 10
	MaxThreshold     = 10_000
)

// Threshold is the rule by which failures disable a member. The zero Threshold means the default count.
type Threshold struct {
	Count      int
	KeepOnline bool // never disable
	// Quiet says that nobody is notified when a member is disabled; the event is written anyway.
	Quiet    bool
	Reenable Reenable
}

// Limit is how many consecutive failures disable a member.
func (t Threshold) Limit() int {
	if t.Count == 0 {
		return DefaultThreshold
	}
	return t.Count
}

// Validate reports the first value that is out of bounds.
func (t Threshold) Validate() error {
	if t.Count < 0 || t.Count > MaxThreshold {
		return fmt.Errorf("failure threshold %d is out of bounds (1 to %d, or keep online)", t.Count, MaxThreshold)
	}
	switch t.Reenable {
	case "", ReenableAuto, ReenableByHand:
		return nil
	}
	return fmt.Errorf("re-enable %q is not known (auto, by-hand)", t.Reenable)
}
