package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Times of a link.
const (
	DefaultHeartbeat = 15 * time.Second
	DefaultDead      = 45 * time.Second
	farewell         = time.Second // how long Bye waits for the other side to hang up
)

// What may be under way without acknowledgement in each direction. A sender waits for room; a receiver cuts off who
// sends more batches. A single delta larger than the octets goes alone.
const (
	windowBatches = 8
	windowOctets  = 16 << 20
)

// ErrClosed is the end of a link that this side closed.
var ErrClosed = errors.New("link closed")

// ErrDead is the end of a link from which nothing came for too long.
var ErrDead = errors.New("no sign of life from the other server")

// Receiver is what a link hands over what comes in. Its methods are called by one goroutine each.
type Receiver interface {
	// Receive applies deltas and returns one outcome per item, in order; it returns when those are durable. While it
	// works, at most windowBatches further batches wait. ctx ends with the link.
	Receive(ctx context.Context, items []Item) []Outcome
	// Reported tells which servers answer with deltas that this side sent. It must not block.
	Reported(reports []Report)
	// Topology tells the names of the servers behind the other side, all of them each time. It must not block.
	Topology(servers []string)
}

// Follower is a Receiver that wants to know when it has everything that there was when the link began. CaughtUp is
// called by one goroutine, at most once per link, and must not block.
type Follower interface{ CaughtUp() }

// Settler is a Receiver that wants to know up to where of the other side's feed it has everything. Settled is called by
// one goroutine, and must not block.
type Settler interface{ Settled(position uint64) }

// Transaction is one line of the debug log.
type Transaction struct {
	Sent   bool   // false: received
	What   string // "change" or the name of the question
	Zone   zone.Name
	Serial uint32 // after the change
	Bytes  int
	Took   time.Duration // until the acknowledgement was there, or was given
	Result string
}

// Options of a link. The zero value is good.
type Options struct {
	Heartbeat time.Duration
	Dead      time.Duration
	Budget    Budget
	Trace     func(Transaction) // debug mode; nil for none. Called concurrently.
}

func (o Options) orDefaults() Options {
	if o.Heartbeat <= 0 {
		o.Heartbeat = DefaultHeartbeat
	}
	if o.Dead <= 0 {
		o.Dead = DefaultDead
	}
	return o
}

// Link is one side of the native protocol over one stream. Greet or Accept make it, Run drives it; the other methods
// may be called concurrently, and wait until Run runs.
type Link struct {
	stream io.ReadWriteCloser
	in     *frameReader
	out    *frameWriter
	opt    Options

	most    int // octets of a batch
	parts   assembly
	arrived chan message // batches from the reader to the applier, at most a window
	acks    chan message // from the applier to the writer, at most a window
	news    chan message // reports, topology, bye: waits when full
	bulk    chan message // deltas: waits when full

	mu      sync.Mutex
	window  window
	next    uint64
	pending map[uint64]*batch

	heard atomic.Int64 // when octets last came in, Unix nanoseconds
	once  sync.Once
	done  chan struct{}
	err   error // set before done is closed
}

func newLink(stream io.ReadWriteCloser, opt Options) *Link {
	l := &Link{
		stream:  stream,
		out:     newFrameWriter(stream),
		opt:     opt.orDefaults(),
		most:    MaxMessage - batchHeader,
		parts:   assembly{budget: opt.Budget},
		arrived: make(chan message, windowBatches),
		acks:    make(chan message, windowBatches),
		news:    make(chan message, 16),
		bulk:    make(chan message),
		window:  window{freed: make(chan struct{})},
		pending: make(map[uint64]*batch),
		done:    make(chan struct{}),
	}
	l.in = newFrameReader(&listener{Reader: stream, heard: &l.heard})
	return l
}

// listener notes when octets come in: also a frame that takes minutes is a sign of life.
type listener struct {
	io.Reader
	heard *atomic.Int64
}

func (s *listener) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if n > 0 {
		s.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// Run drives the link until it ends, and returns why: the context's error, ErrClosed, ErrDead, a *ByeError of the other
// side, or what the stream said. The stream is closed then.
func (l *Link) Run(ctx context.Context, r Receiver) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.end(ctx.Err()) })
	defer stop()
	l.heard.Store(time.Now().UnixNano())

	var all sync.WaitGroup
	all.Go(func() { l.end(l.read(ctx, r)) })
	all.Go(func() { l.end(l.write()) })
	all.Go(func() { l.end(l.apply(ctx, r)) })
	all.Go(func() { l.watch(); cancel() })
	all.Wait()
	l.end(ErrClosed) // waits for the first call, if that is still closing the stream
	l.dropArrived()
	l.parts.close()
	l.in.close()
	return l.err
}

// watch returns when the link has ended, and ends it when nothing has come in for too long.
func (l *Link) watch() {
	tick := time.NewTicker(l.opt.Dead / 4)
	defer tick.Stop()
	for {
		select {
		case <-l.done:
			return
		case now := <-tick.C:
			if now.Sub(time.Unix(0, l.heard.Load())) > l.opt.Dead {
				l.end(ErrDead)
			}
		}
	}
}

// end is the only transition of a link: from running to ended, with the first reason given.
func (l *Link) end(err error) {
	l.once.Do(func() {
		l.err = err
		close(l.done)
		l.stream.Close()
	})
}

// Done is closed when the link has ended.
func (l *Link) Done() <-chan struct{} { return l.done }

// Err says why the link ended, nil while it runs.
func (l *Link) Err() error {
	select {
	case <-l.done:
		return l.err
	default:
		return nil
	}
}

// Heard is when octets last came in; before Run it is of no use.
func (l *Link) Heard() time.Time { return time.Unix(0, l.heard.Load()) }

// Close ends the link at once.
func (l *Link) Close() error {
	l.end(ErrClosed)
	return nil
}

// Report tells the other side which servers answer with its changes. It waits for room to send.
func (l *Link) Report(ctx context.Context, reports []Report) error {
	for len(reports) > 0 {
		n, size := 0, 0
		for n < len(reports) && n < maxReports && size < partSize {
			size += sizeOfReport(reports[n])
			n++
		}
		if err := l.send(ctx, l.news, message{kind: TypeReports, payload: appendReports(nil, reports[:n])}); err != nil {
			return err
		}
		reports = reports[n:]
	}
	return nil
}

// Topology tells the other side the names of all servers behind this one.
func (l *Link) Topology(ctx context.Context, servers []string) error {
	return l.send(ctx, l.news, message{kind: TypeTopology, payload: appendServers(nil, servers)})
}

// CaughtUp tells the other side that it has been sent, and has acknowledged, everything that there was when the link
// began.
func (l *Link) CaughtUp(ctx context.Context) error {
	return l.send(ctx, l.news, message{kind: TypeCaughtUp})
}

// Settled tells the other side that it has acknowledged everything of this side's feed up to the position. A server of an
// older release skips it.
func (l *Link) Settled(ctx context.Context, position uint64) error {
	return l.send(ctx, l.news, message{kind: TypeSettled, payload: binary.AppendUvarint(nil, position)})
}

// Bye tells the other side why this one ends the link, and ends it.
func (l *Link) Bye(ctx context.Context, why Reason) error {
	if err := l.send(ctx, l.news, message{kind: TypeBye, payload: appendBye(nil, ByeError{Reason: why})}); err != nil {
		l.end(ErrClosed)
		return err
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		l.end(ErrClosed)
	}
	return nil
}

func (l *Link) send(ctx context.Context, queue chan<- message, m message) error {
	select {
	case queue <- m:
		return nil
	case <-l.done:
		return fmt.Errorf("send: %w", l.err)
	case <-ctx.Done():
		return ctx.Err()
	}
}
