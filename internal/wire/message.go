package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// MaxMessage bounds a message put together from parts: one state of a zone with about a million records.
const MaxMessage = 256 << 20

// budgetWait is how long the reader waits for memory before it gives the link up, less than a link without a sign of
// life is given.
const budgetWait = 30 * time.Second

// Budget bounds the memory that long messages of all links take together; a *semaphore.Weighted of x/sync is one.
// Acquire is called once per long message with its whole size, so that links never wait for each other in a circle; it
// must have room for one of MaxMessage.
type Budget interface {
	Acquire(ctx context.Context, n int64) error
	Release(n int64)
}

// message is what frames carry: most often one frame, a long one in parts.
type message struct {
	kind    Type
	payload []byte
	held    int64 // of the budget, until the message has been dealt with
}

// split calls send with the frames of a message. The first of several parts begins with the length of the whole.
func split(m message, send func(frame) error) error {
	if len(m.payload) <= partSize {
		return send(frame{kind: m.kind, payload: m.payload})
	}
	if len(m.payload) > MaxMessage {
		return fmt.Errorf("message of %d octets exceeds %d", len(m.payload), MaxMessage)
	}
	first := binary.BigEndian.AppendUint64(make([]byte, 0, 8+partSize), uint64(len(m.payload)))
	rest := m.payload[partSize:]
	if err := send(frame{kind: m.kind, more: true, payload: append(first, m.payload[:partSize]...)}); err != nil {
		return err
	}
	for len(rest) > partSize {
		if err := send(frame{kind: m.kind, more: true, payload: rest[:partSize]}); err != nil {
			return err
		}
		rest = rest[partSize:]
	}
	return send(frame{kind: m.kind, payload: rest})
}

// assembly puts messages together; at most one of each long type is under way.
type assembly struct {
	budget Budget // nil: no bound but MaxMessage
	open   map[Type]*partial
}

type partial struct {
	total   int
	payload []byte
	held    int64
}

// longest is how long a message of a type may be when it comes in parts, 0 if it cannot.
func longest(k Type) uint64 {
	switch k {
	case TypeDeltas:
		return MaxMessage
	case TypeAcks:
		return MaxMessage / 4 // a needed vector for every delta of a batch
	case TypeParts:
		return MaxMessage / 4 // an account for every zone of a home
	case TypeReports, TypeTopology, TypeStandings, TypeNames:
		return MaxFrame
	}
	return 0
}

// add takes a frame and returns the message that it completes.
func (a *assembly) add(ctx context.Context, f frame) (message, bool, error) {
	p := a.open[f.kind]
	if p == nil {
		if !f.more {
			return message{kind: f.kind, payload: f.payload}, true, nil
		}
		return message{}, false, a.start(ctx, f)
	}
	if len(f.payload) == 0 || len(p.payload)+len(f.payload) > p.total {
		return message{}, false, fmt.Errorf("%w: parts do not add up to the %d octets announced", ErrProtocol, p.total)
	}
	p.payload = append(p.payload, f.payload...)
	if f.more {
		return message{}, false, nil
	}
	if len(p.payload) != p.total {
		return message{}, false, fmt.Errorf("%w: message of %d octets announced, %d came", ErrProtocol, p.total, len(p.payload))
	}
	delete(a.open, f.kind)
	return message{kind: f.kind, payload: p.payload, held: p.held}, true, nil
}

func (a *assembly) start(ctx context.Context, f frame) error {
	if longest(f.kind) == 0 || len(f.payload) < 8 {
		return fmt.Errorf("%w: frame of type %d cannot come in parts", ErrProtocol, f.kind)
	}
	total := binary.BigEndian.Uint64(f.payload)
	if total > longest(f.kind) || total < uint64(len(f.payload)-8) {
		return fmt.Errorf("%w: message of %d octets announced", ErrProtocol, total)
	}
	p := &partial{total: int(total)}
	if a.budget != nil {
		wait, cancel := context.WithTimeout(ctx, budgetWait)
		defer cancel()
		if err := a.budget.Acquire(wait, int64(total)); err != nil {
			return fmt.Errorf("wait for memory to receive %d octets: %w", total, err)
		}
		p.held = int64(total)
	}
	p.payload = append(p.payload, f.payload[8:]...)
	if a.open == nil {
		a.open = make(map[Type]*partial)
	}
	a.open[f.kind] = p
	return nil
}

// release gives back what a message holds of the budget.
func (a *assembly) release(held int64) {
	if held > 0 {
		a.budget.Release(held)
	}
}

// close gives back what unfinished messages hold.
func (a *assembly) close() {
	for _, p := range a.open {
		a.release(p.held)
	}
	a.open = nil
}
