package node

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// followedBy works a follower's link as attend does, until the link ends.
func (n *Node) followedBy(t *testing.T, id string, f *far) (wait func()) {
	t.Helper()
	ctx, over := context.WithCancel(context.Background())
	target := &followed{over: over, session: &linkSession{
		reports: newReporter(),
		link:    f.link, instance: "there", at: deliver.Unstated, mark: func(*wire.Item, bool) {}, err: f.link.Err, close: f.link.Close,
	}}
	worker := deliver.NewWorker(deliver.Options{ID: id, Name: id, Target: target, Feed: n.store, Tracker: n.tracker})
	var working sync.WaitGroup
	working.Go(func() {
		if err := worker.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { over(); working.Wait() })
	return working.Wait
}

func (n *Node) status(id string) deliver.TargetStatus {
	for _, s := range n.tracker.Status() {
		if s.ID == id {
			return s
		}
	}
	return deliver.TargetStatus{}
}

func TestASessionDeliversTheFeedAndTakesTheAnswersBack(t *testing.T) {
	n, f := newTestNode(t), linked(t)
	wanted, refused, ignored, lacking := name(t, "wanted.test"), name(t, "refused.test"), name(t, "ignored.test"), name(t, "lacking.test")
	asked := 0
	f.answer = func(it wire.Item) wire.Outcome {
		switch it.Delta.Zone {
		case refused:
			return wire.Outcome{Result: wire.Refused, Reason: "foreign write"}
		case ignored:
			return wire.Outcome{Result: wire.Ignored}
		case lacking:
			if asked++; asked == 1 {
				return wire.Outcome{Result: wire.Need}
			}
		}
		return wire.Outcome{Result: wire.Stored}
	}
	n.commit(t, wanted)
	n.commit(t, refused)
	n.commit(t, ignored)
	last := n.commit(t, lacking)
	n.followedBy(t, "ns1", f)
	eventually(t, "everything is settled", func() bool {
		s := n.status("ns1")
		return s.Cursor == last && len(s.Exceptions) == 1
	})
	s := n.status("ns1")
	if s.Instance != "there" || !s.Connected || s.Exceptions[0].Zone != refused || s.Exceptions[0].Reason != "foreign write" || s.Unserved != 2 {
		t.Errorf("status %+v", s)
	}
	if asked != 2 {
		t.Errorf("what lacked something was offered %d times", asked)
	}
	n.tracker.Report("ns1", deliver.Report{Zone: wanted, Position: 1, Servers: []string{"ns1"}})
	if s := n.status("ns1"); s.Unserved != 1 {
		t.Errorf("after a report: %+v", s)
	}
}

func TestTheWorkerOfAFollowerEndsWithItsLink(t *testing.T) {
	n, f := newTestNode(t), linked(t)
	wait := n.followedBy(t, "ns1", f)
	eventually(t, "the link is open", func() bool { return n.status("ns1").Connected })
	f.link.Close()
	wait()
	if n.status("ns1").Connected {
		t.Error("connected still")
	}
}

func TestResultsKeepTheirMeaning(t *testing.T) {
	got := map[wire.Result]deliver.Result{}
	for _, r := range []wire.Result{wire.Stored, wire.Served, wire.Need, wire.Ignored, wire.Failed, wire.Refused, 99} {
		got[r] = resultOf(r)
	}
	want := map[wire.Result]deliver.Result{
		wire.Stored: deliver.Stored, wire.Served: deliver.Served, wire.Need: deliver.Need, wire.Ignored: deliver.Ignored,
		wire.Failed: deliver.Failed, wire.Refused: deliver.Refused, 99: deliver.Refused,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}
