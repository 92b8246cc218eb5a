package control

import (
	"context"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
)

// LeaveResult says what leaving did.
type LeaveResult struct {
	Delivered bool // everything that waited has arrived
	Waited    time.Duration
	Removed   []string     // members that no longer list this node
	Unreached []LeftBehind // servers that must be told by hand
}

// LeftBehind is a server that could not be told, with the command to run there.
type LeftBehind struct {
	Name    string
	Reason  string
	Command string
}

// LeaveCluster delivers what waits, for as long as it is told to wait at most, removes this node from every member that
// lists it, and disables clustering here.
func (c *Control) LeaveCluster(ctx context.Context, p acl.Principal, patience time.Duration) (LeaveResult, error) {
	if err := allowed(p, acl.ManageCluster); err != nil {
		return LeaveResult{}, err
	}
	members, err := c.Links(ctx)
	if err != nil {
		return LeaveResult{}, err
	}
	var r LeaveResult
	if c.Reach != nil && c.Clustering() {
		began := c.Now()
		ctx, cancel := context.WithTimeout(ctx, patience)
		reached, err := c.Reach.Wait(ctx, "", c.Store.Synced(), 0)
		cancel()
		r.Delivered = err == nil && reached.Done
		r.Waited = time.Duration(c.Now()-began) * time.Millisecond
	}
	for _, m := range members {
		e, err := c.Endpoint(ctx, m)
		if err == nil {
			err = c.forgetAt(ctx, e, true)
		}
		if err != nil {
			r.Unreached = append(r.Unreached, LeftBehind{m.Label(), err.Error(), c.removeCommand()})
			continue
		}
		r.Removed = append(r.Removed, m.Label())
	}
	behind, err := c.onlyInbound(members)
	if err != nil {
		return r, err
	}
	r.Unreached = append(r.Unreached, behind...)
	return r, c.DisableClustering(ctx, p)
}

// onlyInbound lists the servers that use a token of this node and are no members here: they list this node, and nothing
// here leads to them.
func (c *Control) onlyInbound(members []Member) ([]LeftBehind, error) {
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, m := range members {
		known[m.Fingerprint] = true
	}
	var list []LeftBehind
	for _, t := range tokens {
		key := keyOf(t.Grant.Holder)
		if t.Kind != auth.KindMember || t.Revoked || key == "" || known[key] {
			continue
		}
		known[key] = true
		list = append(list, LeftBehind{nameOf(t.Grant.Holder), "is not a member here", c.removeCommand()})
	}
	return list, nil
}
