package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// ListRequest asks for one page of zones in the order of their names.
type ListRequest struct {
	Search  string // part of the name
	After   string // Next of the page before
	Limit   int    // 1 to 1000, default 100
	Owner   string
	Deleted bool // also what is left of deleted zones
}

// ZonePage is one page.
type ZonePage struct {
	Zones []store.Head
	Next  string // empty on the last page
	Total int
}

// ListZones returns one page of the zones that p may read.
func (c *Control) ListZones(ctx context.Context, p acl.Principal, r ListRequest) (ZonePage, error) {
	if err := allow(p, acl.ReadZone, "", r.Owner); err != nil {
		return ZonePage{}, err
	}
	heads, next, total, err := c.Store.Heads(store.Query{
		Search: r.Search, After: r.After, Limit: page(r.Limit), Owner: r.Owner, IncludeDeleted: r.Deleted,
	})
	if err != nil {
		return ZonePage{}, fmt.Errorf("list zones: %w", err)
	}
	return ZonePage{Zones: heads, Next: next, Total: total}, nil
}
