package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// read takes frames until the stream ends. It never waits for the applier: who sends more than a window is cut off, so
// two sides that both send much cannot wait for each other.
func (l *Link) read(ctx context.Context, r Receiver) error {
	for {
		f, err := l.in.read()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("the other server hung up: %w", io.ErrUnexpectedEOF)
			}
			return err
		}
		m, whole, err := l.parts.add(ctx, f)
		if err != nil {
			return err
		}
		if !whole {
			continue
		}
		if err := l.dispatch(r, m); err != nil {
			l.parts.release(m.held)
			return err
		}
	}
}

func (l *Link) dispatch(r Receiver, m message) error {
	switch m.kind {
	case TypeDeltas:
		select {
		case l.arrived <- m:
			return nil
		default:
			return fmt.Errorf("%w: more than %d batches without acknowledgement", ErrProtocol, windowBatches)
		}
	case TypeAcks:
		defer l.parts.release(m.held)
		m.held = 0
		return l.acknowledged(m.payload)
	case TypeReports:
		reports, err := decodeReports(m.payload)
		if err == nil {
			r.Reported(reports)
		}
		return err
	case TypeCaughtUp:
		if f, ok := r.(Follower); ok {
			f.CaughtUp()
		}
	case TypeSettled:
		at, err := decodeSettled(m.payload)
		if s, ok := r.(Settler); ok && err == nil {
			s.Settled(at)
		}
		return err
	case TypeTopology:
		servers, err := decodeTopology(m.payload)
		if err == nil {
			r.Topology(servers)
		}
		return err
	case TypeHeartbeat:
		return nil
	case TypeBye:
		bye, err := decodeBye(m.payload)
		if err != nil {
			return err
		}
		return bye
	}
	if m.kind&mayIgnore != 0 {
		return nil
	}
	return fmt.Errorf("%w: unexpected frame of type %d", ErrProtocol, m.kind)
}
