package wire

import (
	"context"
	"fmt"
	"time"
)

// apply hands batches to the receiver, one after the other, and answers each.
func (l *Link) apply(ctx context.Context, r Receiver) error {
	for {
		select {
		case m := <-l.arrived:
			ack, err := l.applyBatch(ctx, r, m)
			l.parts.release(m.held)
			if err != nil {
				return err
			}
			select {
			case l.acks <- ack:
			case <-l.done:
			}
		case <-l.done:
			return l.err
		}
	}
}

func (l *Link) applyBatch(ctx context.Context, r Receiver, m message) (message, error) {
	number, items, sizes, err := decodeDeltas(m.payload)
	if err != nil {
		return message{}, err
	}
	start := time.Now()
	outcomes := r.Receive(ctx, items)
	if ctx.Err() != nil {
		return message{}, ctx.Err() // what was cut off is not acknowledged
	}
	if len(outcomes) != len(items) {
		panic(fmt.Sprintf("wire: receiver gave %d outcomes for %d deltas", len(outcomes), len(items)))
	}
	for i, it := range items {
		// The sender knows its changes by zone and position, whatever the receiver filled in.
		outcomes[i].Zone, outcomes[i].Position = it.Delta.Zone, it.Position
		l.trace(false, noteOf(it, sizes[i]), time.Since(start), outcomes[i])
	}
	return message{kind: TypeAcks, payload: appendAcks(nil, number, outcomes)}, nil
}

// dropArrived gives back the memory of batches that nobody will apply.
func (l *Link) dropArrived() {
	for {
		select {
		case m := <-l.arrived:
			l.parts.release(m.held)
		default:
			return
		}
	}
}

func (l *Link) trace(sent bool, n note, took time.Duration, out Outcome) {
	if l.opt.Trace == nil {
		return
	}
	result := out.Result.String()
	if out.Reason != "" {
		result += ": " + out.Reason
	}
	l.opt.Trace(Transaction{
		Sent: sent, What: "change", Zone: n.zone, Serial: n.serial, Bytes: n.size, Took: took, Result: result,
	})
}
