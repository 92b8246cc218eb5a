package node

import (
	"context"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// reach is what delivery knows, in control's words.
type reach struct{ node *Node }

// Wait waits for one zone, or for every zone up to a position: then the servers' worst zone counts.
func (r reach) Wait(ctx context.Context, z zone.Name, at store.Position, n int) (control.Reached, error) {
	if err := r.node.links.expectTable(ctx); err != nil {
		return control.Reached{}, err
	}
	if z == "" {
		return r.waitAll(ctx, at, n)
	}
	got, err := r.node.tracker.Wait(ctx, z, at, n)
	if err != nil && ctx.Err() == nil {
		return control.Reached{}, err
	}
	return r.reached(got, n), nil
}

func (r reach) steps(h store.Head) control.Steps {
	served, servers := r.node.tracker.Steps(h)
	return control.Steps{Served: served, Total: len(servers), Servers: servers}
}

// Reached does not wait, not even for the member table to be read: a page that is shown in the first moments says less.
func (r reach) Reached(z zone.Name, at store.Position) (control.Reached, error) {
	got, err := r.node.tracker.Reached(z, at)
	if err != nil {
		return control.Reached{}, err
	}
	return r.reached(got, 0), nil
}

func (r reach) reached(got deliver.Reach, n int) control.Reached {
	out := control.Reached{Served: got.Served(), Total: len(got.Servers)}
	for _, s := range got.Servers {
		at := zone.Millis(0)
		if !s.At.IsZero() {
			at = zone.Millis(s.At.Add(r.node.Config.ClockOffset).UnixMilli())
		}
		out.Servers = append(out.Servers, control.ServerReach{Name: s.Name, State: string(s.State), Reason: s.Reason, At: at})
	}
	out.Done = out.Served == out.Total || n > 0 && out.Served >= n
	return out
}

// The pace at which waitAll looks: often at first, for a person who waits for a few zones, then rarely, because a look
// counts what waits.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// waitAll waits until the targets have passed the position. Cursors are looked at, not zones: there may be a million.
func (r reach) waitAll(ctx context.Context, at store.Position, n int) (control.Reached, error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		out := r.passed(at)
		out.Done = out.Served == out.Total || n > 0 && out.Served >= n
		if out.Done {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, nil
		case <-time.After(pause):
		}
	}
}

func (r reach) passed(at store.Position) control.Reached {
	best := map[string]control.ServerReach{}
	var order []string
	for _, t := range r.node.tracker.Status() {
		if !r.node.links.counts(t) {
			continue
		}
		s := control.ServerReach{Name: t.Name, State: string(deliver.ReachWaiting)}
		switch {
		case t.Served >= at && len(t.Exceptions) == 0:
			s.State = string(deliver.ReachServed)
		case len(t.Exceptions) > 0:
			s.State, s.Reason = string(deliver.ReachRefused), t.Exceptions[0].Reason
		case t.Cursor >= at:
			s.State = string(deliver.ReachStored)
		case !t.Connected:
			s.Reason = t.LastError
		}
		old, known := best[t.Name]
		if !known {
			order = append(order, t.Name)
		}
		if !known || old.State != string(deliver.ReachServed) {
			best[t.Name] = s
		}
	}
	var out control.Reached
	for _, name := range order {
		s := best[name]
		out.Servers = append(out.Servers, s)
		out.Total++
		if s.State == string(deliver.ReachServed) {
			out.Served++
		}
	}
	return out
}

// Links is how the members stand. A member to which nothing is sent fetches changes itself, if at all: then it is the
// target that follows this node's feed whose state counts.
func (r reach) Links() []control.LinkStatus {
	byID := map[string]deliver.TargetStatus{}
	for _, t := range r.node.tracker.Status() {
		byID[t.ID] = t
	}
	var list []control.LinkStatus
	for _, row := range r.node.links.rows() {
		t, own := byID[row.Target], byID[row.Target].Connected
		if id, ok := r.node.links.followerOf(row.Fingerprint); ok && !r.node.links.feeds(row.Target) {
			t = byID[id]
		}
		l := control.LinkStatus{
			Target: row.Target, Connected: own || t.Connected || r.node.links.calls(row.Fingerprint), Cursor: t.Cursor,
			Waiting: t.Waiting + t.Unserved, Oldest: t.Oldest, Exceptions: len(t.Exceptions),
		}
		for _, x := range t.Exceptions {
			if cluster.IsHeld(x.Reason) {
				l.Held++
			} else if l.Refused++; l.Refused == 1 {
				l.Refusal = x.Zone.Text() + ": " + x.Reason
			}
		}
		if t.ID == row.Target && !r.node.links.feeds(row.Target) {
			l.Waiting, l.Oldest = 0, 0
		}
		list = append(list, l)
	}
	return list
}
