package node

import (
	"context"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
)

// A data folder that was copied while its server ran becomes a server with the same key. Who has links with both sees it:
// two links with one key stand side by side that one server would not have, and both go on saying something. A link whose
// server is gone, or was restarted, says nothing more; it ends within a minute.

// twinsLook is how often it is looked for them.
const twinsLook = 5 * time.Second

// sighting is when a link that has a twin was last heard of, at the first look.
type sighting struct{ heard time.Time }

// lookForTwins looks until ctx ends.
func (ls *links) lookForTwins(ctx context.Context) error {
	tick := time.NewTicker(twinsLook)
	defer tick.Stop()
	seen := map[*opened]sighting{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for _, t := range ls.twins(seen) {
			if err := ls.node.control.SawTwins(ctx, t); err != nil {
				ls.node.log.Error("an alarm was not noted", "alarm", "two servers with one key", "member", t.Name, "err", err)
			}
		}
	}
}

// twins returns those of which the elder has been heard of at two looks since the younger came, and forgets the sightings
// of links that have no twin any more.
func (ls *links) twins(seen map[*opened]sighting) (found []control.Twins) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	pairs := ls.pairsLocked()
	for o := range seen {
		if pairs[o] == nil {
			delete(seen, o)
		}
	}
	for elder, younger := range pairs {
		heard := elder.wire.Heard()
		first, again := seen[elder]
		switch {
		case !heard.After(younger.since):
		case !again:
			seen[elder] = sighting{heard}
		case heard.Sub(first.heard) >= twinsLook:
			found = append(found, control.Twins{Name: elder.name, Key: elder.fingerprint, Where: places(elder, younger)})
		}
	}
	return found
}

// pairsLocked are the links that stand, each with one that came later and cannot be of the same server: it is of another
// instance, or has the same name.
func (ls *links) pairsLocked() map[*opened]*opened {
	byKey := map[string][]*opened{}
	ls.replaced = slices.DeleteFunc(ls.replaced, func(o *opened) bool { return !o.stands() })
	for _, o := range ls.replaced {
		byKey[o.fingerprint] = append(byKey[o.fingerprint], o)
	}
	for _, o := range ls.open {
		if o.stands() {
			byKey[o.fingerprint] = append(byKey[o.fingerprint], o)
		}
	}
	pairs := map[*opened]*opened{}
	for _, list := range byKey {
		slices.SortFunc(list, func(a, b *opened) int { return a.since.Compare(b.since) })
		for i, o := range list {
			for _, later := range list[i+1:] {
				if o.instance != later.instance || o.link == later.link {
					pairs[o] = later
				}
			}
		}
	}
	return pairs
}

func (o *opened) stands() bool { return o.wire != nil && o.wire.Err() == nil }

func places(both ...*opened) (list []string) {
	for _, o := range both {
		if o.at != "" && !slices.Contains(list, o.at) {
			list = append(list, o.at)
		}
	}
	return list
}
