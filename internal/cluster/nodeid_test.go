package cluster_test

import (
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Each case is a history of a folder and of one server that does not answer now.
func TestWhoIsAwaitedBeforeTheFirstWrite(t *testing.T) {
	const day = zone.Millis(24 * time.Hour / time.Millisecond)
	const now = 1000 * day
	for what, c := range map[string]struct {
		cluster.NodeIDFact
		want cluster.Awaiting
	}{
		"a folder of an older release":          {cluster.NodeIDFact{}, cluster.MustAnswer},
		"the server never answered on record":   {cluster.NodeIDFact{Alive: now - minute, Taken: now - day}, cluster.MustAnswer},
		"first restart since it is down":        {cluster.NodeIDFact{Alive: now - minute, Taken: now - 50*day, Answered: now - 2*day}, cluster.MustAnswer},
		"second restart since it is down":       {cluster.NodeIDFact{Alive: now - minute, Taken: now - day, Answered: now - 2*day}, cluster.MayAnswer},
		"it was back since the id was taken":    {cluster.NodeIDFact{Alive: now - minute, Taken: now - 2*day, Answered: now - day}, cluster.MustAnswer},
		"it answered in the very millisecond":   {cluster.NodeIDFact{Alive: now - minute, Taken: now - day, Answered: now - day}, cluster.MustAnswer},
		"an older copy, it was away then":       {cluster.NodeIDFact{Alive: now - day, Taken: now - 2*day, Answered: now - 3*day}, cluster.MustAnswer},
		"a copy of an hour ago":                 {cluster.NodeIDFact{Alive: now - 60*minute, Taken: now - 2*day, Answered: now - 3*day}, cluster.MustAnswer},
		"the node itself was off for a week":    {cluster.NodeIDFact{Alive: now - 7*day, Taken: now - 8*day, Answered: now - 9*day}, cluster.MustAnswer},
		"the clock is back a little":            {cluster.NodeIDFact{Alive: now + minute, Taken: now - day, Answered: now - 2*day}, cluster.MayAnswer},
		"the clock was a year ahead":            {cluster.NodeIDFact{Alive: now + 365*day, Taken: now - day, Answered: now - 2*day}, cluster.MustAnswer},
		"the clock is a year ahead now":         {cluster.NodeIDFact{Now: now + 365*day, Alive: now, Taken: now - day, Answered: now - 2*day}, cluster.MustAnswer},
		"it is silent for a month":              {cluster.NodeIDFact{Alive: now - minute, Taken: now - 50*day, Answered: now - 31*day}, cluster.NotAwaited},
		"it is silent for a month, a long stop": {cluster.NodeIDFact{Alive: now - 5*day, Taken: now - 50*day, Answered: now - 36*day}, cluster.NotAwaited},
		"only the node was off for a month":     {cluster.NodeIDFact{Alive: now - 31*day, Taken: now - 50*day, Answered: now - 32*day}, cluster.MustAnswer},
	} {
		if c.Now == 0 {
			c.Now = now
		}
		if got := c.Await(); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
}
