package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// RepairRequest says what is to be repaired.
type RepairRequest struct {
	Member string    // empty: all
	Zone   zone.Name // empty: all that differ
	DryRun bool      // only say what would be done
	// Shown, if given, is the Statement of the plans that a person was shown: when they are others now, nothing is done.
	Shown string
}

// Repair is what is, or would be, done for one member.
type Repair struct {
	Member     string
	Send       []zone.Name // our state is offered again as a whole
	Overwrite  []zone.Name // and replaces what differs there
	Take       []zone.Name // theirs is joined here
	Leave      []ZoneDrift // nothing can be done by the link's role
	Comparison Comparison  // afterwards; of a dry run, before
}

// Statement names what plans would do. Plans that send, overwrite, take and leave the same zones have the same.
func Statement(plans []Repair) string {
	h := sha256.New()
	for _, r := range plans {
		fmt.Fprintf(h, "member %q", r.Member)
		for _, zones := range [][]zone.Name{r.Send, r.Overwrite, r.Take} {
			fmt.Fprintf(h, " %q", zones)
		}
		for _, d := range r.Leave {
			fmt.Fprintf(h, " left %q", d.Zone)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// RepairDrift repairs by role what the last comparison found: zones that only one side has are never fetched or deleted.
func (c *Control) RepairDrift(ctx context.Context, p acl.Principal, r RepairRequest) ([]Repair, error) {
	if err := allowed(p, acl.ManageMembers); err != nil {
		return nil, err
	}
	members, err := c.driftMembers(ctx, p, r.Member)
	if err != nil {
		return nil, err
	}
	if !r.DryRun && r.Shown != "" {
		var plans []Repair
		for _, m := range members {
			plans = append(plans, c.planRepair(m, r.Zone))
		}
		if Statement(plans) != r.Shown {
			return nil, fail(CodeStale, "repair", "what differs is not what was shown any more: nothing was done").hint("look at it again")
		}
	}
	var list []Repair
	for _, m := range members {
		plan := c.planRepair(m, r.Zone)
		if !r.DryRun {
			if plan, err = c.repairMember(ctx, p, m, r.Zone); err != nil {
				return list, err
			}
		}
		list = append(list, plan)
	}
	return list, nil
}

func (c *Control) planRepair(m Member, z zone.Name) Repair {
	k := c.drift.get(m.Target)
	if z != "" {
		k = k.only(z)
	}
	r := Repair{Member: m.Label(), Comparison: k}
	for _, d := range k.Zones {
		if !d.Send && !d.Take {
			r.Leave = append(r.Leave, d)
		}
		if d.Send && d.Overwrite {
			r.Overwrite = append(r.Overwrite, d.Zone)
		} else if d.Send {
			r.Send = append(r.Send, d.Zone)
		}
		if d.Take {
			r.Take = append(r.Take, d.Zone)
		}
	}
	return r
}

func (c *Control) repairMember(ctx context.Context, p acl.Principal, m Member, z zone.Name) (Repair, error) {
	unlock := c.drift.lock(m.Target)
	defer unlock()
	plan := c.planRepair(m, z)
	var mend, keep []ZoneDrift
	last := c.drift.get(m.Target)
	for _, d := range last.Zones {
		if (z == "" || d.Zone == z) && (d.Send || d.Take) {
			mend = append(mend, d)
		} else {
			keep = append(keep, d)
		}
	}
	if len(mend) == 0 {
		return plan, nil
	}
	k, err := c.startComparing(m)
	if err != nil {
		return plan, err
	}
	k.asked = true
	left, err := k.mend(ctx, mend)
	if err != nil {
		return plan, err
	}
	k.describe(ctx, left)
	last.Zones = append(keep, left...)
	c.drift.put(last)
	if plan.Comparison = last; z != "" {
		plan.Comparison = last.only(z)
	}
	return plan, c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		e := c.event(p, "drift-repaired", fmt.Sprintf("%s repaired with %s, %d still differ", zonesText(len(mend)), m.Label(), len(left)))
		e.Member = m.Label()
		tx.AppendEvent(e)
		return nil
	})
}
