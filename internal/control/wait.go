package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// WaitRequest asks until when a change has arrived. An empty Zone means everything up to Position; Position 0 is now.
type WaitRequest struct {
	Zone     zone.Name
	Position store.Position
	Servers  int           // how many; 0: all
	Timeout  time.Duration // default 30 s, at most 10 minutes
}

const (
	usualWait = 30 * time.Second
	maxWait   = 10 * time.Minute
)

// Wait blocks until the change is served by as many servers, or the time is over: then Reached.Done is false.
func (c *Control) Wait(ctx context.Context, p acl.Principal, r WaitRequest) (Reached, error) {
	if err := c.allowRecords(p, acl.ReadZone, r.Zone); err != nil {
		return Reached{}, err
	}
	if c.Reach == nil {
		return Reached{}, fail(CodeUnavailable, "", "nothing is delivered by this node")
	}
	if r.Servers < 0 {
		return Reached{}, fail(CodeInvalid, "servers", "a number of servers is not negative")
	}
	if synced := c.Store.Synced(); r.Position == 0 || r.Position > synced {
		if r.Position > synced {
			return Reached{}, fail(CodeNotFound, "position", "change %d has not happened, the newest is %d", r.Position, synced)
		}
		r.Position = synced
	}
	if r.Timeout <= 0 {
		r.Timeout = usualWait
	}
	ctx, cancel := context.WithTimeout(ctx, min(r.Timeout, maxWait))
	defer cancel()
	reached, err := c.Reach.Wait(ctx, r.Zone, r.Position, r.Servers)
	if errors.Is(err, store.ErrNotFound) {
		return Reached{}, noZone(r.Zone)
	}
	return hideServers(p, reached), err
}

// hideServers leaves the names of servers to those who may see the cluster; others see how many there are.
func hideServers(p acl.Principal, r Reached) Reached {
	if allowed(p, acl.ReadMembers) == nil {
		return r
	}
	servers := make([]ServerReach, len(r.Servers))
	for i, s := range r.Servers {
		servers[i] = ServerReach{Name: fmt.Sprintf("server %d", i+1), State: s.State, At: s.At}
	}
	r.Servers = servers
	return r
}

// textOf is a zone's name for people; an empty one stays empty.
func textOf(z zone.Name) string {
	if z == "" {
		return ""
	}
	return z.Text()
}
