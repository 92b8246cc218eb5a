package control

import (
	"context"
	"fmt"
	"strconv"

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
	c.Store.SetRegister(foreignRegister, strconv.AppendInt(nil, int64(c.foreignCount()+n), 10))
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

// foreignRegister counts refused foreign writes; a lost count is only a smaller number in the status.
const foreignRegister = "foreign-writes"

func (c *Control) foreignCount() int {
	b, ok := c.Store.Register(foreignRegister)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return 0
	}
	return n
}
