package wire

import (
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// batch is one Deltas message that is not acknowledged yet.
type batch struct {
	number   uint64
	room     int // of the window
	start    time.Time
	sent     []note
	outcomes []Outcome
	acked    chan struct{} // closed when outcomes is set
}

// note is what is kept of an item for its acknowledgement and the debug log; the zone's content is not.
type note struct {
	zone     zone.Name
	position uint64
	serial   uint32
	size     int
}

func noteOf(it Item, size int) note {
	return note{it.Delta.Zone, it.Position, uint32(it.Delta.Base + it.Delta.Vector.Sum()), size}
}

// Deliver sends deltas and waits until all are acknowledged; outcomes are in the order of items. It waits while the
// window is full. With an error, which means that the link or ctx ended, it returns the outcomes that came before.
// It may be called concurrently; items of one zone are applied in the order in which they were given.
func (l *Link) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	var under []*batch
	var err error
	for len(items) > 0 && err == nil {
		var payload []byte
		var b *batch
		b, payload, items = pack(items, l.most)
		if err = l.submit(ctx, b, payload); err == nil {
			under = append(under, b)
		}
	}
	var outcomes []Outcome
	for _, b := range under {
		if err := l.await(ctx, b); err != nil {
			return outcomes, err
		}
		outcomes = append(outcomes, b.outcomes...)
	}
	return outcomes, err
}

// pack encodes as many items as fit one batch, at least one, and returns the rest. Only a single item makes it longer
// than most.
func pack(items []Item, most int) (*batch, []byte, []Item) {
	b := &batch{acked: make(chan struct{})}
	var encoded []byte
	n := 0
	for n < len(items) && n < maxBatchItems && (n == 0 || len(encoded) < maxBatchOctets) {
		before := len(encoded)
		encoded = appendItem(encoded, items[n])
		if n > 0 && len(encoded) > most {
			encoded = encoded[:before]
			break
		}
		b.sent = append(b.sent, noteOf(items[n], len(encoded)-before))
		n++
	}
	return b, encoded, items[n:]
}

// submit waits for room in the window, numbers the batch and queues it.
func (l *Link) submit(ctx context.Context, b *batch, encoded []byte) error {
	if len(encoded) > l.most {
		b.refuse(fmt.Sprintf("the change takes %d octets, more than a link carries (%d)", len(encoded), l.most))
		return nil
	}
	b.room = len(encoded)
	if err := l.enter(ctx, b.room); err != nil {
		return err
	}
	l.mu.Lock()
	l.next++
	b.number, b.start = l.next, time.Now()
	l.pending[b.number] = b
	l.mu.Unlock()
	m := message{kind: TypeDeltas, payload: appendDeltas(nil, b.number, len(b.sent), encoded)}
	if err := l.send(ctx, l.bulk, m); err != nil {
		l.leave(b)
		return err
	}
	return nil
}

// refuse answers a batch on this side: it is its zone's failure, not the link's.
func (b *batch) refuse(reason string) {
	for _, n := range b.sent {
		b.outcomes = append(b.outcomes, Outcome{Zone: n.zone, Position: n.position, Result: Refused, Reason: reason})
	}
	close(b.acked)
}

func (l *Link) await(ctx context.Context, b *batch) error {
	select {
	case <-b.acked:
		return nil
	case <-ctx.Done():
		return ctx.Err() // stays pending: its acknowledgement still frees the window
	case <-l.done:
	}
	select {
	case <-b.acked: // both may be ready
		return nil
	default:
		return fmt.Errorf("wait for acknowledgement: %w", l.err)
	}
}

// acknowledged matches an Acks message with its batch; the reader calls it.
func (l *Link) acknowledged(payload []byte) error {
	number, outcomes, err := decodeAcks(payload)
	if err != nil {
		return err
	}
	l.mu.Lock()
	b := l.pending[number]
	l.mu.Unlock()
	if b == nil || len(outcomes) != len(b.sent) {
		return fmt.Errorf("%w: acknowledgement of batch %d does not fit what was sent", ErrProtocol, number)
	}
	took := time.Since(b.start)
	for i, s := range b.sent {
		if outcomes[i].Zone != s.zone || outcomes[i].Position != s.position {
			return fmt.Errorf("%w: acknowledgement of batch %d names another change than was sent", ErrProtocol, number)
		}
		l.trace(true, s, took, outcomes[i])
	}
	b.outcomes = outcomes
	close(b.acked)
	l.leave(b)
	return nil
}
