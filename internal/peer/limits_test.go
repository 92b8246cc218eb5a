package peer_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// holding answers no question before it is let go.
type holding struct {
	*server
	inside, most atomic.Int32
	letGo        chan struct{}
}

func (h *holding) Admit(ctx context.Context, c peer.Caller) (peer.Answers, error) {
	_, err := h.server.Admit(ctx, c)
	return h, err
}

func (h *holding) Exists(ctx context.Context, names []zone.Name) ([]zone.Name, error) {
	n := h.inside.Add(1)
	defer h.inside.Add(-1)
	for most := h.most.Load(); n > most && !h.most.CompareAndSwap(most, n); most = h.most.Load() {
	}
	<-h.letGo
	return h.server.Exists(ctx, names)
}

func TestQuestionsAboveTheBoundWaitAndAreAnswered(t *testing.T) {
	const bound, asked = 64, 90 // less than one connection may have open
	h := &holding{letGo: make(chan struct{})}
	h.server = newServer(t, func(o *peer.Options) { o.Cluster = h })
	c := newClient(t, h.address)
	var all sync.WaitGroup
	var answered atomic.Int32
	for range asked {
		all.Go(func() {
			if _, err := c.Exists(t.Context(), []zone.Name{example}); err == nil {
				answered.Add(1)
			}
		})
	}
	for end := time.Now().Add(10 * time.Second); h.inside.Load() < bound && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	time.Sleep(100 * time.Millisecond) // time for one too many
	close(h.letGo)
	all.Wait()
	if h.most.Load() != bound || answered.Load() != asked {
		t.Errorf("%d were answered at once, of %d asked %d were answered", h.most.Load(), asked, answered.Load())
	}
}
