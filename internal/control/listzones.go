package control

import (
	"context"

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
	return ZonePage{}, errTodo
}
