package wire

import (
	"context"
	"fmt"
)

// window is what this side has under way without acknowledgement. It is guarded by Link.mu.
type window struct {
	batches int
	octets  int
	freed   chan struct{} // closed and renewed when room is given back
}

func (w *window) hasRoom(octets int) bool {
	return w.batches < windowBatches && (w.octets == 0 || w.octets+octets <= windowOctets)
}

// enter waits for room and takes it.
func (l *Link) enter(ctx context.Context, octets int) error {
	for {
		l.mu.Lock()
		if l.window.hasRoom(octets) {
			l.window.batches++
			l.window.octets += octets
			l.mu.Unlock()
			return nil
		}
		freed := l.window.freed
		l.mu.Unlock()
		select {
		case <-freed:
		case <-l.done:
			return fmt.Errorf("send: %w", l.err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave gives the room of a batch back and forgets it.
func (l *Link) leave(b *batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, b.number)
	l.window.batches--
	l.window.octets -= b.room
	close(l.window.freed)
	l.window.freed = make(chan struct{})
}
