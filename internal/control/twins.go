package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Twins are two running servers that show one key: one's data folder is a copy of the other's.
type Twins struct {
	Name  string // that they give themselves
	Key   string
	Where []string // the addresses at which they are, as far as they are known
}

func (t Twins) text() string {
	where := ""
	if len(t.Where) > 0 {
		where = ", at " + strings.Join(t.Where, " and ")
	}
	return fmt.Sprintf("two servers that run show the key of %s (%s)%s: one's data folder is a copy of the other's; hint: stop the copy, and let it join as a server of its own (zonefleet join)", t.Name, t.Key, where)
}

// twinsRegister keeps those that were seen lately, by their keys.
const twinsRegister = "twins"

// The bounds of what is kept of twins. Who holds a token can make himself one, and nobody else.
const (
	maxTwins     = 100
	twinsEvery   = zone.Millis(time.Minute / time.Millisecond) // how exact "last seen" is
	twinsForgets = zone.Millis(cloneShown / time.Millisecond)
)

type twinsSeen struct {
	Twins
	Seen zone.Millis
}

// SawTwins is called again and again while both run. It makes an alarm, and an event when it begins.
func (c *Control) SawTwins(ctx context.Context, t Twins) error {
	seen := c.twinsSeen()
	before, known := seen[t.Key]
	if known && c.Now()-before.Seen < twinsEvery || !known && len(seen) >= maxTwins {
		return nil
	}
	seen[t.Key] = twinsSeen{t, c.Now()}
	b, err := encodeRow(seen)
	if err != nil {
		return err
	}
	c.Store.SetRegister(twinsRegister, b)
	if known {
		return nil
	}
	return c.commitRecords(ctx, "alarm", func(tx *store.Tx) error {
		e := c.event(acl.Node(), "twins", t.text())
		e.Severity, e.Member, e.Fields = severityAlarm, t.Name, map[string]string{"notify": "yes"}
		tx.AppendEvent(e)
		return nil
	})
}

// twinsSeen are those of the last day.
func (c *Control) twinsSeen() map[string]twinsSeen {
	seen := map[string]twinsSeen{}
	if b, ok := c.Store.Register(twinsRegister); ok && decodeRow(b, &seen) != nil {
		return map[string]twinsSeen{}
	}
	maps.DeleteFunc(seen, func(_ string, t twinsSeen) bool { return c.Now()-t.Seen > twinsForgets })
	return seen
}

func (c *Control) twinAlarms() (list []string) {
	for _, t := range c.twinsSeen() {
		list = append(list, t.text())
	}
	slices.Sort(list)
	return list
}

// CopiedServers is how many servers of the last day were seen to have a copy that runs too, or to write under one node id.
func (c *Control) CopiedServers() int {
	n := len(c.twinsSeen())
	if _, lately := c.cloneSeen(); lately {
		n++
	}
	return n
}
