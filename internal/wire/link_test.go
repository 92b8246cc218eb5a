package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sync/semaphore"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var example = mustName("example.com")

func mustName(s string) zone.Name {
	n, err := zone.ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

// change is a small delta of a zone.
func change(z zone.Name, position uint64) Item {
	node := zone.NodeID{1, 2, 3}
	dot := zone.Dot{Node: node, Counter: position}
	key := zone.Key{Life: zone.Dot{Node: node, Counter: 1}, Owner: z, Type: 16}
	value := zone.EncodeRRset(300, [][]byte{{3, 'a', 'b', 'c'}})
	return Item{Position: position, Delta: zone.Delta{
		Zone: z, Since: zone.Vector{node: position - 1}, Vector: zone.Vector{node: position}, Base: 2026112300,
		Keys: []zone.KeyVersions{{Key: key, Versions: []zone.Version{{Dot: dot, Time: 1, Hash: 7, Value: value, Author: "root@web1"}}}},
	}}
}

// huge is a whole state of about that many octets, which do not compress.
func huge(z zone.Name, size int) Item {
	it := change(z, 9)
	it.Delta.Whole, it.Delta.Since = true, nil
	src := rand.NewChaCha8([32]byte{1})
	version := it.Delta.Keys[0].Versions[0]
	it.Delta.Keys = nil
	const piece = 40_000
	for i := range size / piece {
		data := make([]byte, piece)
		src.Read(data)
		v := version
		v.Value = zone.EncodeRRset(300, [][]byte{data})
		owner := mustName(fmt.Sprintf("n%d.%s", i, z))
		it.Delta.Keys = append(it.Delta.Keys, zone.KeyVersions{
			Key:      zone.Key{Life: zone.Dot{Node: v.Dot.Node, Counter: 1}, Owner: owner, Type: 16},
			Versions: []zone.Version{v},
		})
	}
	return it
}

// inbox is a receiver that keeps what it is given and stores everything, unless answer says otherwise.
type inbox struct {
	answer func(Item) Outcome

	mu       sync.Mutex
	items    []Item
	calls    int
	reports  []Report
	topology []string
	news     chan struct{}
}

func newInbox() *inbox { return &inbox{news: make(chan struct{}, 100)} }

func (b *inbox) Receive(_ context.Context, items []Item) []Outcome {
	b.mu.Lock()
	b.calls++
	b.items = append(b.items, items...)
	b.mu.Unlock()
	var out []Outcome
	for _, it := range items {
		o := Outcome{Result: Stored}
		if b.answer != nil {
			o = b.answer(it)
		}
		out = append(out, o)
	}
	return out
}

func (b *inbox) Reported(r []Report) {
	b.mu.Lock()
	b.reports = append(b.reports, r...)
	b.mu.Unlock()
	b.news <- struct{}{}
}

func (b *inbox) Topology(s []string) {
	b.mu.Lock()
	b.topology = s
	b.mu.Unlock()
	b.news <- struct{}{}
}

func (b *inbox) received() []Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.items)
}

func (b *inbox) topologyNow() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.topology
}

// pair is two greeted sides of one link.
type pair struct{ dialled, accepted *Link }

func greeted(t *testing.T, a, b io.ReadWriteCloser, opt Options) pair {
	t.Helper()
	var p pair
	accepted := make(chan error, 1)
	go func() {
		var err error
		p.accepted, err = Accept(t.Context(), b, Versions{}, opt, func(*Link, Hello) (Welcome, error) { return Welcome{}, nil })
		accepted <- err
	}()
	var err error
	if p.dialled, _, err = Greet(t.Context(), a, Hello{}, opt); err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}
	return p
}

// running runs both sides until the test ends.
func running(t *testing.T, opt Options, atDialled, atAccepted Receiver) pair {
	t.Helper()
	a, b := net.Pipe()
	p := greeted(t, a, b, opt)
	var all sync.WaitGroup
	all.Go(func() { p.dialled.Run(context.Background(), atDialled) })
	all.Go(func() { p.accepted.Run(context.Background(), atAccepted) })
	t.Cleanup(func() { p.dialled.Close(); p.accepted.Close(); all.Wait() })
	return p
}

func TestDeltasArriveAndAreAcknowledgedInOrder(t *testing.T) {
	box := newInbox()
	box.answer = func(it Item) Outcome {
		switch it.Position {
		case 2:
			return Outcome{Result: Need, Vector: zone.Vector{{9}: 4}}
		case 3:
			return Outcome{Result: Refused, Reason: "foreign write: home of example.com is web1"}
		case 4:
			return Outcome{Result: Ignored}
		case 5:
			return Outcome{Result: Served}
		}
		return Outcome{Result: Stored}
	}
	p := running(t, Options{}, newInbox(), box)
	var items []Item
	for i := range uint64(5) {
		items = append(items, change(example, i+1))
	}
	items[4].Replace = true
	got, err := p.dialled.Deliver(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	want := []Outcome{
		{Zone: example, Position: 1, Result: Stored},
		{Zone: example, Position: 2, Result: Need, Vector: zone.Vector{{9}: 4}},
		{Zone: example, Position: 3, Result: Refused, Reason: "foreign write: home of example.com is web1"},
		{Zone: example, Position: 4, Result: Ignored},
		{Zone: example, Position: 5, Result: Served},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(items, box.received()); d != "" {
		t.Errorf("received (-sent +received):\n%s", d)
	}
}

func TestBothSidesDeliverAtOnce(t *testing.T) {
	left, right := newInbox(), newInbox()
	p := running(t, Options{}, left, right)
	const each, n = 8, 3000
	var all sync.WaitGroup
	for w := range each {
		for _, l := range []*Link{p.dialled, p.accepted} {
			all.Go(func() {
				z := mustName(fmt.Sprintf("z%d.example", w))
				var items []Item
				for i := range uint64(n) {
					items = append(items, change(z, i+1))
				}
				out, err := l.Deliver(t.Context(), items)
				if err != nil || len(out) != n {
					t.Errorf("deliver: %d outcomes, %v", len(out), err)
				}
			})
		}
	}
	all.Wait()
	for _, box := range []*inbox{left, right} {
		last := map[zone.Name]uint64{}
		for _, it := range box.received() {
			if it.Position != last[it.Delta.Zone]+1 {
				t.Fatalf("%s: %d came after %d", it.Delta.Zone, it.Position, last[it.Delta.Zone])
			}
			last[it.Delta.Zone] = it.Position
		}
		if len(last) != each || len(box.received()) != each*n {
			t.Errorf("%d items of %d zones came", len(box.received()), len(last))
		}
		if box.calls > each*n/100 {
			t.Errorf("%d small deltas took %d batches", each*n, box.calls)
		}
	}
}

func TestLargeStateTravelsInPartsAndWhole(t *testing.T) {
	budget := semaphore.NewWeighted(MaxMessage)
	box := newInbox()
	p := running(t, Options{Budget: budget}, newInbox(), box)
	state := huge(example, 50_000_000)
	if _, err := p.dialled.Deliver(t.Context(), []Item{change(example, 1), state, change(example, 10)}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Item{change(example, 1), state, change(example, 10)}, box.received(), cmp.Comparer(bytes.Equal)); d != "" {
		t.Errorf("received (-sent +received):\n%.1000s", d)
	}
	p.accepted.Close()
	<-p.dialled.Done()
	if err := budget.Acquire(t.Context(), MaxMessage); err != nil {
		t.Errorf("the budget was not given back: %v", err)
	}
}

func TestZoneTooLargeForALinkIsRefusedAndItsNeighboursGoOn(t *testing.T) {
	box := newInbox()
	p := running(t, Options{}, newInbox(), box)
	p.dialled.most = 1_000_000
	got, err := p.dialled.Deliver(t.Context(), []Item{change(example, 1), huge(example, 2_000_000), change(example, 10)})
	if err != nil || len(got) != 3 || got[0].Result != Stored || got[1].Result != Refused || got[2].Result != Stored {
		t.Errorf("%v, %v", got, err)
	}
	if d := cmp.Diff([]Item{change(example, 1), change(example, 10)}, box.received()); d != "" {
		t.Errorf("received (-want +got):\n%.1000s", d)
	}
}

func TestAcknowledgementsAndNewsPassALargeState(t *testing.T) {
	box := newInbox()
	slow := &slowPipe{}
	a, b := net.Pipe()
	slow.Conn = a
	p := greeted(t, slow, b, Options{})
	slow.delay.Store(int64(time.Millisecond)) // 50 parts take longer than a report
	var all sync.WaitGroup
	all.Go(func() { p.dialled.Run(t.Context(), newInbox()) })
	all.Go(func() { p.accepted.Run(t.Context(), box) })
	delivered := make(chan error, 1)
	go func() {
		_, err := p.dialled.Deliver(t.Context(), []Item{huge(example, 50_000_000)})
		delivered <- err
	}()
	for slow.writes.Load() < 10 {
		time.Sleep(time.Millisecond)
	}
	if err := p.dialled.Report(t.Context(), []Report{{Zone: example, Position: 3, Servers: []string{"ns1.example.net"}}}); err != nil {
		t.Fatal(err)
	}
	<-box.news
	select {
	case <-delivered:
		t.Error("the report came after the large state")
	default:
	}
	if err := <-delivered; err != nil {
		t.Error(err)
	}
	p.dialled.Close()
	all.Wait()
}

type slowPipe struct {
	net.Conn
	delay, writes atomic.Int64
}

func (s *slowPipe) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(s.delay.Load()))
	s.writes.Add(1)
	return s.Conn.Write(p)
}

func TestSlowReceiverHoldsTheSender(t *testing.T) {
	box, hold := newInbox(), make(chan struct{})
	box.answer = func(Item) Outcome { <-hold; return Outcome{Result: Stored} }
	p := running(t, Options{}, newInbox(), box)
	var sent atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			it := huge(mustName(fmt.Sprintf("z%d.example", i)), 4_000_000)
			if _, err := p.dialled.Deliver(t.Context(), []Item{it}); err != nil {
				t.Error(err)
			}
			sent.Add(1)
		})
	}
	for range 50 {
		time.Sleep(5 * time.Millisecond)
		p.dialled.mu.Lock()
		batches, octets := p.dialled.window.batches, p.dialled.window.octets
		p.dialled.mu.Unlock()
		if batches > windowBatches || octets > windowOctets {
			t.Fatalf("%d batches with %d octets are under way", batches, octets)
		}
	}
	if sent.Load() != 0 {
		t.Error("a delta was acknowledged that the receiver has not stored")
	}
	close(hold)
	all.Wait()
}

func TestSenderThatIgnoresTheWindowIsCutOff(t *testing.T) {
	box, hold := newInbox(), make(chan struct{})
	box.answer = func(Item) Outcome { <-hold; return Outcome{Result: Stored} }
	a, b := net.Pipe()
	p := greeted(t, a, b, Options{})
	ended := make(chan error, 1)
	go func() { ended <- p.accepted.Run(t.Context(), box) }()
	go func() { // a peer of its own making
		payload := appendItem(nil, change(example, 1))
		for i := range uint64(2 * windowBatches) {
			if p.dialled.out.write(frame{kind: TypeDeltas, payload: appendDeltas(nil, i, 1, payload)}) != nil {
				break
			}
		}
	}()
	<-p.accepted.Done()
	close(hold)
	if err := <-ended; !errors.Is(err, ErrProtocol) {
		t.Errorf("ended with %v", err)
	}
	a.Close()
}

func TestCutConnectionAppliesNothingInPart(t *testing.T) {
	box := newInbox()
	a, b := net.Pipe()
	p := greeted(t, a, b, Options{})
	var all sync.WaitGroup
	all.Go(func() { p.accepted.Run(t.Context(), box) })
	cut := &slowPipe{Conn: a}
	p.dialled.out.w = cut
	all.Go(func() { p.dialled.Run(t.Context(), newInbox()) })
	go func() {
		for cut.writes.Load() < 5 {
			time.Sleep(time.Millisecond)
		}
		a.Close()
	}()
	if _, err := p.dialled.Deliver(t.Context(), []Item{huge(example, 50_000_000)}); err == nil {
		t.Error("delivered over a cut connection")
	}
	all.Wait()
	if n := len(box.received()); n != 0 {
		t.Errorf("%d deltas were applied in part", n)
	}
}

func TestReportsTopologyAndBye(t *testing.T) {
	box := newInbox()
	p := running(t, Options{}, newInbox(), box)
	want := make([]Report, 3000) // several messages
	for i := range want {
		want[i] = Report{Zone: example, Position: uint64(i), Servers: []string{"ns1.example.net", "ns2.example.net"}}
	}
	if err := p.dialled.Report(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	many := make([]string, maxServers)
	for i := range many {
		many[i] = fmt.Sprintf("ns%d.%s.example.net", i, strings.Repeat("long", 55))
	}
	if err := p.dialled.Report(t.Context(), []Report{{Zone: example, Position: 1, Servers: many}, {Zone: example, Position: 2, Servers: many}}); err != nil {
		t.Fatal(err)
	}
	want = append(want, Report{Zone: example, Position: 1, Servers: many}, Report{Zone: example, Position: 2, Servers: many})
	if err := p.dialled.Topology(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	for box.topologyNow() == nil { // the last of all
		<-box.news
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	if d := cmp.Diff(want, box.reports); d != "" {
		t.Errorf("reports (-sent +got):\n%s", d)
	}
	if d := cmp.Diff(many, box.topology); d != "" {
		t.Errorf("topology (-sent +got):\n%s", d)
	}
	if err := p.dialled.Bye(t.Context(), ReasonDisabled); err != nil {
		t.Fatal(err)
	}
	<-p.accepted.Done()
	var bye *ByeError
	if !errors.As(p.accepted.Err(), &bye) || bye.Reason != ReasonDisabled {
		t.Errorf("the other side ended with %v", p.accepted.Err())
	}
}

func TestSilentLinkIsDeadAndHeartbeatsKeepItAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		p := greeted(t, a, b, Options{})
		var all sync.WaitGroup
		all.Go(func() { p.dialled.Run(context.Background(), newInbox()) })
		all.Go(func() { p.accepted.Run(context.Background(), newInbox()) })
		time.Sleep(time.Hour)
		synctest.Wait()
		if err := p.dialled.Err(); err != nil {
			t.Errorf("an idle link ended: %v", err)
		}
		p.dialled.Close()
		all.Wait()

		a, b = net.Pipe()
		p = greeted(t, a, b, Options{})
		go io.Copy(io.Discard, b) // takes everything, says nothing
		start := time.Now()
		if err := p.dialled.Run(context.Background(), newInbox()); !errors.Is(err, ErrDead) {
			t.Errorf("a silent link ended with %v", err)
		}
		if d := time.Since(start); d < DefaultDead || d > 2*DefaultDead {
			t.Errorf("it took %v", d)
		}
		b.Close()
	})
}

func TestFramesOfTheFutureAreSkippedOrEndTheLink(t *testing.T) {
	for _, c := range []struct {
		kind Type
		ends bool
	}{{100 | mayIgnore, false}, {100, true}} {
		box := newInbox()
		a, b := net.Pipe()
		p := greeted(t, a, b, Options{})
		var all sync.WaitGroup
		all.Go(func() { p.accepted.Run(context.Background(), box) })
		if err := p.dialled.out.write(frame{kind: c.kind, payload: []byte("news")}); err != nil {
			t.Fatal(err)
		}
		all.Go(func() { p.dialled.Run(context.Background(), newInbox()) })
		_, err := p.dialled.Deliver(t.Context(), []Item{change(example, 1)})
		if c.ends != (err != nil) || c.ends != errors.Is(p.accepted.Err(), ErrProtocol) {
			t.Errorf("type %d: %v, other side %v", c.kind, err, p.accepted.Err())
		}
		p.dialled.Close()
		all.Wait()
	}
}

func TestVersionIsTheHighestInCommon(t *testing.T) {
	for _, c := range []struct {
		dials, accepts Versions
		want           uint8
	}{
		{Versions{1, 1}, Versions{1, 1}, 1},
		{Versions{1, 3}, Versions{1, 2}, 2},
		{Versions{1, 2}, Versions{2, 5}, 2},
		{Versions{2, 3}, Versions{1, 1}, 0},
		{Versions{1, 1}, Versions{2, 3}, 0},
	} {
		a, b := net.Pipe()
		accepted := make(chan error, 1)
		go func() {
			_, err := Accept(t.Context(), b, c.accepts, Options{}, func(*Link, Hello) (Welcome, error) { return Welcome{}, nil })
			accepted <- err
		}()
		_, w, err := Greet(t.Context(), a, Hello{Protocol: c.dials}, Options{})
		there := <-accepted
		if c.want != 0 && (err != nil || there != nil || w.Protocol != c.want) {
			t.Errorf("%v: version %d, %v, %v", c, w.Protocol, err, there)
		}
		var bye *ByeError
		var version *VersionError
		if c.want == 0 && (!errors.As(err, &bye) || bye.Reason != ReasonVersion || !errors.As(there, &version)) {
			t.Errorf("%v: %v, %v", c, err, there)
		}
		a.Close()
	}
}

func TestRefusedHelloSaysWhy(t *testing.T) {
	a, b := net.Pipe()
	go Accept(t.Context(), b, Versions{}, Options{}, func(*Link, Hello) (Welcome, error) {
		return Welcome{}, &ByeError{Reason: ReasonOff, Detail: "clustering is off here"}
	})
	_, _, err := Greet(t.Context(), a, Hello{}, Options{})
	var bye *ByeError
	if !errors.As(err, &bye) || bye.Reason != ReasonOff || bye.Detail != "clustering is off here" {
		t.Errorf("got %v", err)
	}
}

func TestGreetingEndsWithItsContext(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	go io.Copy(io.Discard, b)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := Greet(ctx, a, Hello{}, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestDebugLogHasOneLinePerChangeOnBothSides(t *testing.T) {
	var mu sync.Mutex
	var lines []Transaction
	box := newInbox()
	box.answer = func(Item) Outcome { return Outcome{Result: Refused, Reason: "held"} }
	p := running(t, Options{Trace: func(tr Transaction) {
		mu.Lock()
		defer mu.Unlock()
		tr.Took = 0
		lines = append(lines, tr)
	}}, newInbox(), box)
	it := change(example, 5)
	if _, err := p.dialled.Deliver(t.Context(), []Item{it}); err != nil {
		t.Fatal(err)
	}
	size := len(appendItem(nil, it))
	want := []Transaction{
		{What: "change", Zone: example, Serial: 2026112305, Bytes: size, Result: "refused: held"},
		{Sent: true, What: "change", Zone: example, Serial: 2026112305, Bytes: size, Result: "refused: held"},
	}
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAcknowledgementOfSomethingElseEndsTheLink(t *testing.T) {
	for name, payload := range map[string][]byte{
		"unknown batch":   appendAcks(nil, 99, []Outcome{{Zone: example, Position: 1, Result: Stored}}),
		"too few":         appendAcks(nil, 1, nil),
		"another zone":    appendAcks(nil, 1, []Outcome{{Zone: mustName("example.net"), Position: 1, Result: Stored}}),
		"another change":  appendAcks(nil, 1, []Outcome{{Zone: example, Position: 2, Result: Stored}}),
		"unknown result":  appendAcks(nil, 1, []Outcome{{Zone: example, Position: 1, Result: 77}}),
		"octets left":     append(appendAcks(nil, 1, []Outcome{{Zone: example, Position: 1, Result: Stored}}), 0),
		"cut in a vector": bytes.TrimSuffix(appendAcks(nil, 1, []Outcome{{Zone: example, Position: 1, Result: Need, Vector: zone.Vector{{1}: 5}}}), []byte{5}),
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			p := greeted(t, a, b, Options{})
			go func() {
				p.accepted.in.read()
				p.accepted.out.write(frame{kind: TypeAcks, payload: payload})
				b.Close()
			}()
			ended := make(chan error, 1)
			go func() { ended <- p.dialled.Run(t.Context(), newInbox()) }()
			if _, err := p.dialled.Deliver(t.Context(), []Item{change(example, 1)}); err == nil {
				t.Error("delivered")
			}
			if err := <-ended; !errors.Is(err, ErrProtocol) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}
