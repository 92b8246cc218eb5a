package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Served asks a nameserver over DNS for a zone that should have the content. ErrNotServed says that it does not answer for
// the zone, any other error that it cannot be asked.
type Served func(ctx context.Context, at netip.AddrPort, z zone.Name, want []zone.RRset) (ServedContent, error)

// ServedContent is what a nameserver serves of a zone: all of it, or what there is of the RRsets that were asked for.
type ServedContent struct {
	Serial uint32
	RRsets []zone.RRset
	Whole  bool
	Asked  []zone.RRset
}

// How many zones a member's nameserver is asked for, in the order of their names from where the comparison before ended.
const (
	servedHourly = 50
	servedNow    = 1000
	servedAgain  = time.Second // what is served otherwise is asked for once more after this
)

// askServed compares what a member's nameserver answers with what is served here, of zones that the member has.
func (k *comparing) askServed(ctx context.Context, zones []zone.Name) (drifts []ZoneDrift, err error) {
	at, ok := k.nameserver()
	if k.Control.Served == nil || !ok {
		return nil, nil
	}
	if zones, err = k.heldAlike(ctx, zones); err != nil {
		return nil, err
	}
	for _, z := range zones {
		d, err := k.servedOtherwise(ctx, at, z)
		if err == nil && d.Kind != cluster.NoDrift {
			d, err = k.servedOtherwiseStill(ctx, at, z)
		}
		if err != nil {
			return drifts, err
		}
		if d.Kind != cluster.NoDrift {
			drifts = append(drifts, d)
		}
	}
	return drifts, nil
}

// heldAlike are those of the zones of which the member holds the same content: whatever the link's role, its nameserver
// should answer with that.
func (k *comparing) heldAlike(ctx context.Context, zones []zone.Name) (alike []zone.Name, err error) {
	for part := range slices.Chunk(zones, maxStand) {
		list, err := k.Comparing.Stand(ctx, k.member.Target, part)
		if err != nil {
			return nil, err
		}
		theirs := map[zone.Name]Standing{}
		for _, s := range list {
			theirs[s.Zone] = s
		}
		for _, z := range part { // whatever else it answers
			h, err := k.head(z)
			if err != nil {
				return nil, err
			}
			if s, there := theirs[z]; there && h.Live && standingOf(h).Content == s.Content {
				alike = append(alike, z)
			}
		}
	}
	return alike, nil
}

// servedOtherwiseStill looks once more at a zone: it may have changed at the member a moment ago, and be on its way.
func (k *comparing) servedOtherwiseStill(ctx context.Context, at netip.AddrPort, z zone.Name) (ZoneDrift, error) {
	if err := sleep(ctx, servedAgain); err != nil {
		return ZoneDrift{}, err
	}
	d, err := k.servedOtherwise(ctx, at, z)
	if err != nil || d.Kind == cluster.NoDrift {
		return ZoneDrift{}, err
	}
	if alike, err := k.heldAlike(ctx, []zone.Name{z}); err != nil || len(alike) == 0 {
		return ZoneDrift{}, err
	}
	return d, nil
}

// runServed adds the zones that the member's nameserver serves otherwise, apart from those that differ anyway.
func (k *comparing) runServed(ctx context.Context, before Comparison, r CompareRequest) error {
	zones, n := []zone.Name{r.Zone}, servedHourly
	if r.Served {
		n = servedNow
	}
	if r.Zone == "" || !r.Served {
		var err error
		if zones, err = k.sample(before, n); err != nil {
			return err
		}
	}
	zones = slices.DeleteFunc(zones, func(z zone.Name) bool {
		return slices.ContainsFunc(k.result.Zones, func(d ZoneDrift) bool { return d.Zone == z })
	})
	drifts, err := k.askServed(ctx, zones)
	k.result.Zones = append(k.result.Zones, drifts...)
	return err
}

// nameserver is the first address at which the member says that it answers DNS.
func (k *comparing) nameserver() (netip.AddrPort, bool) {
	for _, text := range k.peer.Addresses {
		if at, err := netip.ParseAddrPort(text); err == nil && !at.Addr().IsUnspecified() {
			return at, true
		}
	}
	return netip.AddrPort{}, false
}

// servedOtherwise looks at one zone. One that changes meanwhile is left to another time.
func (k *comparing) servedOtherwise(ctx context.Context, at netip.AddrPort, z zone.Name) (ZoneDrift, error) {
	h, err := k.head(z)
	if err != nil || !h.Live {
		return ZoneDrift{}, err
	}
	if k.policy.Send != cluster.SendNone { // what has just gone there may not be served yet
		if way, _ := k.Comparing.Sent(k.member.Target, z, h.Position); way != cluster.Passed {
			return ZoneDrift{}, nil
		}
	}
	s, position, err := k.Store.State(z)
	if err != nil {
		return ZoneDrift{}, fmt.Errorf("read zone %s: %w", z.Text(), err)
	}
	want := contentOf(s)
	k.result.Served++
	found, err := k.Control.Served(ctx, at, z, want)
	if err != nil && !errors.Is(err, ErrNotServed) {
		return ZoneDrift{}, err
	}
	if now, err := k.head(z); err != nil || now.Position != position {
		return ZoneDrift{}, err
	}
	d := ZoneDrift{Zone: z, Owner: h.Owner, Drift: cluster.Drift{Kind: cluster.ServedOther}}
	if err != nil {
		d.Note = fmt.Sprintf("its nameserver at %s does not answer for the zone", at)
		return d, nil
	}
	if !found.Whole {
		want = found.Asked
	}
	if d.Records = servedDifferences(want, found.RRsets); len(d.Records) == 0 {
		return ZoneDrift{}, nil
	}
	d.Note = fmt.Sprintf("its nameserver at %s answers with serial %d", at, found.Serial)
	d.Records, d.Further = d.Records[:min(len(d.Records), maxRecords)], max(len(d.Records)-maxRecords, 0)
	return d, nil
}

// servedDifferences compares contents as a client sees them: the case of names does not count, nor does the serial.
func servedDifferences(ours, theirs []zone.RRset) (list []Difference) {
	for _, d := range differences(ours, theirs) {
		if d.Before == nil || d.After == nil || !sameAnswer(*d.Before, *d.After) {
			list = append(list, d)
		}
	}
	return list
}

func sameAnswer(a, b zone.RRset) bool {
	return a.TTL == b.TTL && slices.EqualFunc(a.Data, b.Data, func(x, y []byte) bool {
		if a.Type == zone.TypeSOA {
			x, y = zone.WithSOASerial(x, 0), zone.WithSOASerial(y, 0)
		}
		return zone.CompareData(a.Type, x, y) == 0
	})
}

// sample is the next zones to ask a member's nameserver for: those that were served otherwise the last time, and then in
// the order of names, from where the last comparison ended.
func (k *comparing) sample(before Comparison, n int) (zones []zone.Name, err error) {
	for _, d := range before.Zones {
		if d.Kind == cluster.ServedOther {
			zones = append(zones, d.Zone)
		}
	}
	page, err := k.Store.Page(store.PageQuery{Query: store.Query{After: before.servedTo, Limit: n}, Count: 1})
	if err != nil {
		return nil, fmt.Errorf("list zones: %w", err)
	}
	k.result.servedTo = page.Next
	for _, h := range page.Heads {
		if !slices.Contains(zones, h.Zone) {
			zones = append(zones, h.Zone)
		}
	}
	slices.SortFunc(zones, func(a, b zone.Name) int { return cmp.Compare(a, b) })
	return zones, nil
}
