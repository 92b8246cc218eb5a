package node

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// far is the other side of a link. It keeps what it is sent, and answers as it is told to.
type far struct {
	link   *wire.Link // this side's end
	answer func(wire.Item) wire.Outcome

	mu      sync.Mutex
	items   []wire.Item
	reports []wire.Report
	paths   [][]string // each topology that came
}

func (f *far) Receive(_ context.Context, items []wire.Item) []wire.Outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]wire.Outcome, len(items))
	for i, it := range items {
		f.items = append(f.items, it)
		out[i] = wire.Outcome{Result: wire.Stored}
		if f.answer != nil {
			out[i] = f.answer(it)
		}
	}
	return out
}

func (f *far) Reported(r []wire.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports = append(f.reports, r...)
}

func (f *far) Topology(paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paths = append(f.paths, paths)
}

func (f *far) told() []wire.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.reports)
}

// linked runs a link over a pipe until the test ends.
func linked(t *testing.T) *far {
	t.Helper()
	f := new(far)
	near, other := net.Pipe()
	accepted := make(chan *wire.Link, 1)
	go func() {
		l, _ := wire.Accept(t.Context(), other, wire.Versions{}, wire.Options{}, func(*wire.Link, wire.Hello) (wire.Welcome, error) {
			return wire.Welcome{}, nil
		})
		accepted <- l
	}()
	l, _, err := wire.Greet(t.Context(), near, wire.Hello{}, wire.Options{})
	there := <-accepted
	if err != nil || there == nil {
		t.Fatalf("greet: %v", err)
	}
	f.link = l
	var all sync.WaitGroup
	all.Go(func() { l.Run(context.Background(), new(far)) })
	all.Go(func() { there.Run(context.Background(), f) })
	t.Cleanup(func() { l.Close(); there.Close(); all.Wait() })
	return f
}

func TestReportsOfOneChangeTravelTogether(t *testing.T) {
	r, f := newReporter(), linked(t)
	shop, blog := name(t, "shop.test"), name(t, "blog.test")
	r.tell(shop, 7, []string{"ns1"})
	r.tell(shop, 7, []string{"ns2"})
	r.tell(shop, 8, []string{"ns1"})
	r.tell(blog, 7, nil) // asks for it again
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	all.Go(func() { r.run(ctx, f.link) })
	defer all.Wait()
	defer cancel()
	eventually(t, "three reports", func() bool { return len(f.told()) >= 3 })
	got := f.told()
	slices.SortFunc(got, func(a, b wire.Report) int { return compareReports(a, b) })
	want := []wire.Report{
		{Zone: blog, Position: 7},
		{Zone: shop, Position: 7, Servers: []string{"ns1", "ns2"}},
		{Zone: shop, Position: 8, Servers: []string{"ns1"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}

func compareReports(a, b wire.Report) int {
	if c := slices.Compare([]byte(a.Zone), []byte(b.Zone)); c != 0 {
		return c
	}
	return int(a.Position) - int(b.Position)
}

func TestNoReportIsLostWhileOthersAreSent(t *testing.T) {
	r, f := newReporter(), linked(t)
	var running, telling sync.WaitGroup
	running.Go(func() { r.run(t.Context(), f.link) })
	const tellers, each = 4, 500
	for i := range tellers {
		z := numbered(t, i)
		telling.Go(func() {
			for at := range uint64(each) {
				r.tell(z, at, []string{"ns1"})
			}
		})
	}
	telling.Wait()
	eventually(t, "every report", func() bool { return len(f.told()) >= tellers*each })
	came := map[reported]int{}
	for _, x := range f.told() {
		came[reported{x.Zone, x.Position}]++
	}
	if len(came) != tellers*each || len(f.told()) != tellers*each {
		t.Errorf("%d different reports of %d, want %d once each", len(came), len(f.told()), tellers*each)
	}
	f.link.Close()
	running.Wait() // ends with the link
}

func TestTellingIsBoundedAndNeverWaits(t *testing.T) {
	r, z := newReporter(), zone.Name("\x04shop\x04test\x00")
	for at := range uint64(maxReports + 10) { // nobody sends
		r.tell(z, at, []string{"ns1"})
	}
	r.tell(z, 5, []string{"ns2"})
	if got := r.waiting[reported{z, 5}]; len(r.waiting) != maxReports || !slices.Equal(got, []string{"ns1", "ns2"}) {
		t.Errorf("%d wait, want %d; the fifth names %v", len(r.waiting), maxReports, got)
	}
}
