package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SOA holds the timers of a new zone; zero fields get the defaults.
type SOA struct {
	MName, RName                            zone.Name
	Refresh, Retry, Expire, Minimum, SOATTL uint32
}

// CreateRequest asks for a new zone. With Text the zone file is the content and the rest but Owner must be empty;
// otherwise SOA and NS are made from the settings, and RRsets are added to them or replace them.
type CreateRequest struct {
	Zone        zone.Name
	Owner       string // default: the principal's account
	Nameservers []zone.Name
	SOA         SOA
	TTL         uint32 // of NS; default 86400
	RRsets      []zone.RRset
	Text        string
	Reason      string
}

// CreateZone makes a new zone with this node as its home. It is refused if the zone exists here or, where a link asks,
// at a member; a member that does not answer is a warning.
func (c *Control) CreateZone(ctx context.Context, p acl.Principal, r CreateRequest) (Result, error) {
	return Result{}, errTodo
}
