package rest

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

type deleteZones struct {
	Waiting
	Body api.DeleteZones
}

type deletedZones struct {
	Status int
	Body   api.DeletedZones
}

// deleteZones deletes each zone by itself: one that cannot be deleted holds no other back.
func (s *Server) deleteZones(ctx context.Context, p acl.Principal, in *deleteZones) (*deletedZones, error) {
	began := s.Now()
	zones, err := zoneNames("zone", in.Body.Zones)
	if err != nil {
		return nil, err
	}
	n := in.Body.Confirm
	if n != 0 && n != len(zones) {
		return nil, invalid("confirm", "%d zones are confirmed, %d are to be deleted", n, len(zones))
	}
	out := &deletedZones{Status: http.StatusOK}
	out.Body.Results = make([]api.DeletedZone, len(zones))
	var group errgroup.Group
	group.SetLimit(inFlight)
	for i, z := range zones {
		// One zone confirmed says nothing about how many more will follow.
		r := control.DeleteRequest{Zone: z, Meant: n > 1, Reason: in.Body.Reason}
		group.Go(func() error {
			if s.Ending.Err() != nil { // the answer would be cut off, and nobody know what was done
				out.Body.Results[i] = api.DeletedZone{Zone: z.Text(), Problem: &s.problem(errEnding).Problem}
				return nil
			}
			out.Body.Results[i] = s.deleteOne(ctx, p, r)
			return nil
		})
	}
	_ = group.Wait() // what failed is in the results
	out.sum()
	if servers, timeout, ok, err := in.servers(); ok && err == nil {
		reach, err := s.await(ctx, p, began, control.WaitRequest{Servers: servers, Timeout: timeout})
		if err != nil {
			return nil, err
		}
		out.Body.Reach = &reach
	}
	return out, nil
}

func (s *Server) deleteOne(ctx context.Context, p acl.Principal, r control.DeleteRequest) api.DeletedZone {
	d := api.DeletedZone{Zone: r.Zone.Text()}
	res, err := s.Control.DeleteZone(ctx, p, r)
	if err != nil {
		d.Problem = &s.problem(err).Problem
		return d
	}
	d.Change = uint64(res.Position)
	return d
}

// sum counts. What is held makes the answer 202: accepted, and not done.
func (out *deletedZones) sum() {
	for _, d := range out.Body.Results {
		switch {
		case d.Problem == nil:
			out.Body.Deleted++
		case d.Problem.Code == string(control.CodeHeld):
			out.Body.Held++
			out.Status = http.StatusAccepted
		default:
			out.Body.Failed++
		}
	}
}
