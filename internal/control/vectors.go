package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// A zone's vector has an entry for each node id that ever wrote to it, and never loses one. Each entry costs about ten
// octets in every message about the zone, so that a hundred are nothing yet, and a sign that something goes wrong: a
// server that takes a fresh id with every start.
const manyIDs = 100

// vectorRegister keeps the longest vector that the last pass of Expire found; a lost one is measured anew.
const vectorRegister = "longest-vector"

// longestVector is the zone with the longest vector.
type longestVector struct {
	Length int
	Zone   string
}

// LongestVector is how many node ids wrote to the zone that most of them wrote to, as of the last daily pass.
func (c *Control) LongestVector() int { return c.longestVector().Length }

func (c *Control) longestVector() (l longestVector) {
	if b, ok := c.Store.Register(vectorRegister); ok && decodeRow(b, &l) != nil {
		return longestVector{}
	}
	return l
}

// vectorsMeasured keeps what a pass found, and tells once when it becomes too much.
func (c *Control) vectorsMeasured(ctx context.Context, n int, z zone.Name) error {
	was := c.longestVector()
	b, err := encodeRow(longestVector{Length: n, Zone: textOf(z)})
	if err != nil {
		return err
	}
	c.Store.SetRegister(vectorRegister, b)
	if n <= manyIDs || was.Length > manyIDs {
		return nil
	}
	return c.commitRecords(ctx, "alarm", func(tx *store.Tx) error {
		e := c.event(acl.Node(), "many-node-ids", longestVector{n, textOf(z)}.alarm())
		e.Severity, e.Zone = severityAlarm, z
		tx.AppendEvent(e)
		return nil
	})
}

func (l longestVector) alarm() string {
	return fmt.Sprintf("%d node ids have written to zone %s: a server takes a fresh one too often", l.Length, l.Zone)
}
