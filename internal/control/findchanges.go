package control

import (
	"context"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ChangeQuery selects changes; what is empty selects nothing.
type ChangeQuery struct {
	Zone   zone.Name
	Author string      // part of who made it, in any case
	Since  zone.Millis // not older
	Until  zone.Millis // not newer
	Before store.Position
	Limit  int
}

// ChangePage is one page of changes, newest first.
type ChangePage struct {
	Changes []Change
	Next    store.Position // give as Before to go on; 0: there are no older ones
	Partly  bool           // the search stopped at its bound before the page was full
}

// maxLooked is how many changes one call looks through for an author. Whoever wants to see further goes on from Next.
const maxLooked = 5000

// atOnce is up to how many of them are read in one go: of somebody who is not root each goes through all zones of that one.
const atOnce = 1000

// FindChanges returns the changes that p may see and that the query selects. A time is gone to directly; only for an
// author changes are read that are not shown.
func (c *Control) FindChanges(ctx context.Context, p acl.Principal, q ChangeQuery) (ChangePage, error) {
	var out ChangePage
	limit := page(q.Limit)
	if q.Until != 0 {
		at, err := c.firstAfter(q.Until)
		if err != nil {
			return out, err
		}
		if q.Before == 0 || at < q.Before {
			q.Before = at
		}
	}
	author := strings.ToLower(q.Author)
	for looked, n := 0, limit; ; n = min(4*n, max(limit, atOnce)) {
		list, err := c.someChanges(ctx, p, q, n)
		if err != nil {
			return out, err
		}
		for _, ch := range list {
			if ch.Time < q.Since {
				out.Next = 0
				return out, nil
			}
			q.Before, out.Next = ch.Position, ch.Position
			if strings.Contains(strings.ToLower(ch.Author), author) {
				out.Changes = append(out.Changes, ch)
			}
			if len(out.Changes) == limit {
				return out, nil
			}
		}
		if looked += len(list); len(list) < n {
			out.Next = 0
			return out, nil
		}
		if looked >= maxLooked {
			out.Partly = true
			return out, nil
		}
	}
}

func (c *Control) someChanges(ctx context.Context, p acl.Principal, q ChangeQuery, limit int) ([]Change, error) {
	if q.Zone != "" {
		return c.History(ctx, p, q.Zone, q.Before, limit)
	}
	return c.Changes(ctx, p, q.Before, limit)
}

// firstAfter is the position of the first change after a time, or one more than the newest: positions grow with time,
// but for a clock that was set back.
func (c *Control) firstAfter(t zone.Millis) (store.Position, error) {
	low, high := store.Position(1), c.Store.Synced()+1
	for low < high {
		mid := low + (high-low)/2
		list, err := c.Store.Changes(mid+1, 1)
		if err != nil {
			return 0, fmt.Errorf("read history: %w", err)
		}
		if len(list) == 0 || list[0].Time <= t {
			low = mid + 1
		} else {
			high = list[0].Position
		}
	}
	return low, nil
}
