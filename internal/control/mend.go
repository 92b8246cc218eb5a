package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// bringAgain mends what needs nobody's decision: what one side had acknowledged and lost, and what the policy of the
// zone's account says. It returns what still differs.
func (k *comparing) bringAgain(ctx context.Context, drifts []ZoneDrift) ([]ZoneDrift, error) {
	var mend, rest []ZoneDrift
	policies := k.driftPolicies()
	for _, d := range drifts {
		policy := policies.of(d.Owner)
		if policy == cluster.DriftAdopt && d.Kind == cluster.OtherContent {
			d.Take, d.Send, d.Overwrite = true, false, false
		}
		if d.Lost || policy != cluster.DriftReport && (d.Send || d.Take) {
			mend = append(mend, d)
		} else {
			rest = append(rest, d)
		}
	}
	if len(mend) == 0 {
		return rest, nil
	}
	left, err := k.mend(ctx, mend)
	k.result.Healed += len(mend) - len(left)
	return append(rest, left...), err
}

// mendAtOnce bounds how many zones are brought before it is looked whether that has helped.
const mendAtOnce = 1000

// mend brings zones again and looks whether that has helped. What is refused is no drift: the refusal is told by itself.
func (k *comparing) mend(ctx context.Context, drifts []ZoneDrift) (left []ZoneDrift, err error) {
	for part := range slices.Chunk(drifts, mendAtOnce) {
		notTaken, err := k.bring(ctx, part)
		if err != nil {
			return nil, err
		}
		var zones []zone.Name
		for _, d := range part {
			if !notTaken[d.Zone] || d.Send {
				zones = append(zones, d.Zone)
			}
		}
		still, moving, err := k.look(ctx, zones)
		if err != nil {
			return nil, err
		}
		k.result.Moving += moving
		for _, d := range still {
			d.Note = "brought again, and it still differs"
			left = append(left, d)
		}
	}
	return left, nil
}

// bring sends and takes zones as their drifts say, and returns those that were not taken here.
func (k *comparing) bring(ctx context.Context, drifts []ZoneDrift) (notTaken map[zone.Name]bool, err error) {
	send := map[bool][]zone.Name{}
	var take []zone.Name
	for _, d := range drifts {
		if d.Send {
			send[d.Overwrite] = append(send[d.Overwrite], d.Zone)
		}
		if d.Take {
			take = append(take, d.Zone)
		}
	}
	for overwrite, zones := range send {
		k.Comparing.Resend(k.member.Target, overwrite, zones)
	}
	return k.take(ctx, take)
}

// takeAtOnce bounds how many states are held in memory.
const takeAtOnce = 16

// take joins the member's state of zones, admitted like everything that comes from it.
func (k *comparing) take(ctx context.Context, zones []zone.Name) (notTaken map[zone.Name]bool, err error) {
	notTaken = map[zone.Name]bool{}
	source := k.Source(k.member, k.peer)
	source.TakeOthers, source.FirstPass = true, k.asked
	for part := range slices.Chunk(zones, takeAtOnce) {
		var in []Incoming
		for _, z := range part {
			item, err := k.Comparing.Fetch(ctx, k.member.Target, z)
			switch {
			case errors.Is(err, ErrNoZone): // deleted and forgotten, or no longer ours to read, a moment ago
			case err != nil:
				return nil, fmt.Errorf("fetch zone %s: %w", z.Text(), err)
			default:
				in = append(in, item)
			}
		}
		outcomes, err := k.Receive(ctx, source, in)
		if err != nil {
			return nil, err
		}
		for _, o := range outcomes {
			notTaken[o.Zone] = o.Result == Refused
		}
	}
	return notTaken, nil
}

// The bounds of what is shown of differences. The rest is counted.
const (
	maxDescribed = 50 // zones
	maxRecords   = 50 // RRsets of one
)

// describe adds the records to the first zones that differ. What cannot be had is left out: the zone is named anyway.
func (k *comparing) describe(ctx context.Context, drifts []ZoneDrift) {
	for i := range drifts[:min(len(drifts), maxDescribed)] {
		d := &drifts[i]
		theirs := zone.NewState(d.Zone)
		if d.Kind != cluster.MissingThere {
			item, err := k.Comparing.Fetch(ctx, k.member.Target, d.Zone)
			if err != nil || item.Delta.Check() != nil {
				continue
			}
			if _, err := theirs.Join(item.Delta); err != nil {
				continue
			}
		}
		var ours []zone.RRset
		if s, _, err := k.Store.State(d.Zone); err == nil {
			ours = contentOf(s)
		}
		list := differences(ours, contentOf(theirs))
		d.Records, d.Further = list[:min(len(list), maxRecords)], max(len(list)-maxRecords, 0)
	}
}
