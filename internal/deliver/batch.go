package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// deliverTail delivers a batch of the tail.
func (r *run) deliverTail(ctx context.Context, items []store.FeedItem) error {
	for len(items) > 0 {
		n, err := r.deliverSome(ctx, items, false)
		if err != nil {
			return err
		}
		if n == 0 {
			r.held = items
			break
		}
		to := items[n-1].Position
		r.Tracker.with(func() { r.p.cursor.tailTo(to) })
		items = items[n:]
	}
	r.save()
	return nil
}

// deliverBacklog delivers one batch of the backlog.
func (r *run) deliverBacklog(ctx context.Context) error {
	c := r.cursor()
	// One more than a batch is read to see whether there is more. Follow does not wait: the backlog has a live
	// position in it, or its last one moved out of it, to where the tail is.
	items, err := r.Feed.Follow(ctx, c.low, r.Batch+1)
	if err != nil {
		return fmt.Errorf("%w: %w", errFeed, err)
	}
	more := len(items) > r.Batch
	inside := items[:min(len(items), r.Batch)]
	for i, item := range inside {
		if item.Position > c.from {
			inside, more = inside[:i], false
			break
		}
	}
	n, err := r.deliverSome(ctx, inside, false)
	if err != nil {
		return err
	}
	to := c.low
	switch {
	case n == len(inside) && !more:
		to = c.from
	case n > 0:
		to = inside[n-1].Position
	}
	r.Tracker.with(func() { r.p.cursor.backlogTo(to) })
	r.save()
	return nil
}

// due takes the zones to be offered again.
func (r *run) due(now time.Time) (zones []zone.Name, next time.Time) {
	r.Tracker.with(func() { zones, next = r.p.due(now, r.Batch) })
	return zones, next
}

// deliverAgain offers zones again, wherever they are in the feed.
func (r *run) deliverAgain(ctx context.Context, zones []zone.Name) error {
	var items []store.FeedItem
	for _, z := range zones {
		items = append(items, store.FeedItem{Zone: z})
	}
	for len(items) > 0 {
		n, err := r.deliverSome(ctx, items, true)
		if err != nil {
			return err
		}
		if n == 0 {
			break // no room on the list: they are in the lanes
		}
		items = items[n:]
	}
	r.save()
	return nil
}

// deliverSome delivers the first of the items, as many as fit into one batch, and returns how many are settled. 0
// means that the list of exceptions has no room for the first. again offers also what this session delivered already.
func (r *run) deliverSome(ctx context.Context, items []store.FeedItem, again bool) (settled int, err error) {
	jobs, n, err := r.take(items, again)
	if err != nil {
		return 0, err
	}
	outcomes, err := r.offer(ctx, jobs)
	if err != nil {
		return 0, err
	}
	full := r.Tracker.settle(r.p, outcomes)
	if len(full) == 0 {
		return n, nil
	}
	r.blocked = time.Now().Add(roomEvery)
	noRoom := map[zone.Name]bool{}
	for _, z := range full {
		noRoom[z] = true
	}
	for i, item := range items[:n] {
		if noRoom[item.Zone] {
			return i, nil
		}
	}
	return n, nil
}

// take turns the first n items into jobs, up to the bounds of a batch, apart from those where there is nothing to
// deliver.
func (r *run) take(items []store.FeedItem, again bool) (jobs []Item, n int, err error) {
	size := 0
	for _, item := range items {
		head, err := r.Feed.Head(item.Zone)
		if errors.Is(err, store.ErrNotFound) { // the name was forgotten
			r.Tracker.with(func() { r.p.refused.remove(item.Zone) })
			n++
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%w: zone %s: %w", errFeed, item.Zone, err)
		}
		at := item.Position
		if again {
			at = head.Position
		}
		if r.Accept != nil && !r.Accept(item.Zone, head) {
			r.Tracker.with(func() { r.p.refused.remove(item.Zone) })
			n++
			continue
		}
		since, has, known := r.has(item.Zone, at)
		if has && !again {
			n++
			continue
		}
		size += estimate(head, since)
		if len(jobs) > 0 && (size > r.Bytes || len(jobs) >= r.Batch) {
			break
		}
		jobs = append(jobs, Item{Zone: item.Zone, Position: at, Since: since, Again: known, feed: r.Feed})
		n++
	}
	return jobs, n, nil
}

func (r *run) has(z zone.Name, at store.Position) (since store.Position, has, known bool) {
	r.Tracker.with(func() { since, has, known = r.p.sinceOf(z), r.p.has(z, at), r.p.acked[z].at > 0 })
	return since, has, known
}

// estimate guesses the size of what will be sent, without reading it: a delta is small, a state has its records.
func estimate(h store.Head, since store.Position) int {
	const perZone, perRecord = 256, 96
	if since > 0 {
		return perZone
	}
	return perZone + perRecord*h.Records
}

// offer delivers jobs until each has an outcome other than Need: a target that lacks what a delta builds on gets the
// whole state at once.
func (r *run) offer(ctx context.Context, jobs []Item) (answers []Outcome, err error) {
	whole := map[zone.Name]bool{}
	for len(jobs) > 0 {
		outcomes, err := r.deliverOnce(ctx, jobs)
		if err != nil {
			return nil, err
		}
		var again []Item
		answered := false
		for _, job := range jobs {
			o, ok := outcomes[job.Zone]
			answered = answered || ok
			switch {
			case !ok:
				again = append(again, job)
			case o.Result == Need && !whole[job.Zone]:
				whole[job.Zone] = true
				job.Since = 0
				again = append(again, job)
			default:
				answers = append(answers, o.of(job))
			}
		}
		if !answered {
			return nil, errors.New("the target answered none of the zones that it was given")
		}
		jobs = again
	}
	return answers, nil
}

func (r *run) deliverOnce(ctx context.Context, jobs []Item) (map[zone.Name]Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	outcomes, err := r.session.Deliver(ctx, jobs)
	if err != nil {
		return nil, err
	}
	byZone := make(map[zone.Name]Outcome, len(outcomes))
	for _, o := range outcomes {
		byZone[o.Zone] = o
	}
	return byZone, nil
}

// of makes an outcome definite. A position below the item's cannot have been sent.
func (o Outcome) of(job Item) Outcome {
	o.Position = max(o.Position, job.Position)
	switch o.Result {
	case Stored, Served, Ignored, Refused, Failed:
		return o
	case Need:
		o.Reason = "asks for more than the whole state"
	default:
		o.Reason = fmt.Sprintf("unknown result %q", string(o.Result))
	}
	o.Result = Refused
	return o
}
