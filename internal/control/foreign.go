package control

import (
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// reportForeign makes one event of all foreign writes of a call, however many zones they touch: a member that goes
// on offering a million zones must not fill the events.
func (c *Control) reportForeign(ctx context.Context, src LinkSource, out []Outcome) error {
	n := 0
	var first Outcome
	for _, o := range out {
		if o.foreign {
			if n++; n == 1 {
				first = o
			}
		}
	}
	if n == 0 {
		return nil
	}
	c.countForeign(n)
	text := fmt.Sprintf("%s refused from %s: %s", textOf(first.Zone), src.Name, first.Reason)
	if n > 1 {
		text += fmt.Sprintf(", and %d more zones", n-1)
	}
	return c.commitRecords(ctx, src.Name, func(tx *store.Tx) error {
		tx.AppendEvent(store.Event{
			Time: c.Now(), Kind: "foreign-write", Severity: severityWarning, Zone: first.Zone, Member: src.Name, Text: text,
		})
		return nil
	})
}

// foreignRegister keeps the count of each of the last 24 hours; a lost one is only a smaller number in the status.
const foreignRegister = "foreign-writes"

// foreignDay is how many foreign writes were refused in the last day. Counts begins with the hour that Hour numbers, and
// goes back.
type foreignDay struct {
	Hour   int64
	Counts [24]int
}

func (c *Control) foreignDay() (d foreignDay) {
	if b, ok := c.Store.Register(foreignRegister); ok && decodeRow(b, &d) != nil {
		d = foreignDay{}
	}
	hour := int64(c.Now()) / time.Hour.Milliseconds()
	var moved [24]int
	if gone := max(hour-d.Hour, 0); gone < int64(len(moved)) {
		copy(moved[gone:], d.Counts[:])
	}
	return foreignDay{Hour: hour, Counts: moved}
}

func (c *Control) countForeign(n int) {
	c.foreignMu.Lock()
	defer c.foreignMu.Unlock()
	d := c.foreignDay()
	d.Counts[0] += n
	if b, err := encodeRow(d); err == nil {
		c.Store.SetRegister(foreignRegister, b)
	}
}

func (c *Control) foreignCount() (n int) {
	for _, hour := range c.foreignDay().Counts {
		n += hour
	}
	return n
}
