package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/notify"
)

// journal is events and cursors that outlive notifiers.
type journal struct {
	mu      sync.Mutex
	events  []notify.Event
	cursors map[string]uint64
}

func (j *journal) happens(e notify.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.ID = uint64(len(j.events) + 1)
	j.events = append(j.events, e)
}

func (j *journal) Events(after uint64, limit int) ([]notify.Event, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	rest := j.events[after:]
	return rest[:min(limit, len(rest))], nil
}

func (j *journal) Newest() (uint64, error) { return uint64(len(j.events)), nil }

func (j *journal) Cursor(name string) (uint64, bool) { after, ok := j.cursors[name]; return after, ok }

func (j *journal) SetCursor(name string, after uint64) {
	j.cursors[name] = after
}

// line is a transport that notes what it is given, and fails while it is told to.
type line struct {
	err  error
	said []string
	at   []time.Time
	last notify.Message
}

func (l *line) Send(_ context.Context, m notify.Message) error {
	l.at = append(l.at, time.Now())
	if l.err != nil {
		return l.err
	}
	l.said, l.last = append(l.said, m.Subject), m
	return nil
}

type world struct {
	*journal
	line *line
	lost []string
}

// run lets a notifier work for as long; its goroutines have ended when it returns.
func (w *world) run(t *testing.T, long time.Duration) *notify.Notifier {
	t.Helper()
	n := notify.New(notify.Options{
		Source: w.journal, Names: []string{"mail"}, About: about, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Transport: func(string) notify.Transport {
			if w.line == nil {
				return nil
			}
			return w.line
		},
		Lost: func(_ context.Context, name string, m notify.Message, err error) {
			w.lost = append(w.lost, fmt.Sprint(name, " ", m.Subject, ": ", err))
		},
	})
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	if err := n.Run(ctx); err != nil {
		t.Error(err)
	}
	return n
}

func newWorld() *world { return &world{journal: &journal{cursors: map[string]uint64{}}, line: &line{}} }

func memberEvent(kind, member string) notify.Event {
	e := disabled(0)
	e.Kind, e.Member = kind, member
	return e
}

// It begins with what happens from then on, tells each thing once, and goes on after a restart where it was.
func TestTheCursorSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.happens(memberEvent("member-disabled", "of-last-year"))
		w.run(t, 5*time.Second)
		w.happens(memberEvent("member-disabled", "ns1"))
		w.run(t, 5*time.Second)
		w.happens(memberEvent("member-disabled", "ns2")) // while nothing runs
		w.run(t, 5*time.Second)
		if got := fmt.Sprint(w.line.said); got != "[[web1.example.net] ns1 is disabled [web1.example.net] ns2 is disabled]" {
			t.Errorf("it said %s", got)
		}
		w.line = nil
		w.happens(memberEvent("member-disabled", "ns3")) // while no transport is set up
		w.run(t, 5*time.Second)
		w.line = &line{}
		if w.run(t, 5*time.Second); len(w.line.said) != 0 {
			t.Errorf("it says what happened before it was set up: %v", w.line.said)
		}
	})
}

func TestAMessageThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.run(t, time.Second)
		w.line.err = errors.New("no route to host")
		w.happens(memberEvent("member-disabled", "ns1"))
		began := time.Now()
		n := w.run(t, 4*time.Minute)
		if s := n.States()[0]; s.Error != "no route to host" || s.NextTry.Sub(began) < 4*time.Minute || len(w.line.at) != 4 {
			t.Errorf("after 4 minutes it was tried %d times, %+v", len(w.line.at), s)
		}
		w.line.err = nil
		if n = w.run(t, 15*time.Minute); len(w.line.said) != 1 || n.States()[0].Error != "" || n.States()[0].Messages != 1 {
			t.Errorf("it said %v, %+v", w.line.said, n.States())
		}
		w.line.err = errors.New("no route to host")
		w.happens(memberEvent("member-disabled", "ns2"))
		if w.run(t, 26*time.Hour); len(w.lost) != 1 {
			t.Errorf("lost: %v", w.lost)
		}
		w.line.err = fmt.Errorf("%w: 550 no such user", notify.ErrForGood)
		w.happens(memberEvent("member-disabled", "ns3"))
		tries := len(w.line.at)
		if w.run(t, time.Hour); len(w.lost) != 2 || len(w.line.at) != tries+1 {
			t.Errorf("lost: %v after %d tries", w.lost, len(w.line.at)-tries)
		}
	})
}

// While it cannot be sent only the last of each thing is kept for it; and the same is not said again within an hour.
func TestTheSameIsNotSaidTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.run(t, time.Second)
		for range 5 {
			w.happens(memberEvent("member-disabled", "ns1"))
			w.happens(memberEvent("member-enabled", "ns1"))
		}
		w.run(t, 10*time.Second)
		if got := fmt.Sprint(w.line.said); got != "[[web1.example.net] ns1 is back]" {
			t.Errorf("it said %s", got)
		}
		go func() {
			for range 20 {
				time.Sleep(10 * time.Minute)
				w.happens(memberEvent("drift", "ns1"))
			}
		}()
		w.line.said = nil
		w.run(t, 4*time.Hour)
		if len(w.line.said) < 3 || len(w.line.said) > 4 {
			t.Errorf("in 3 hours and 20 minutes it said %d times the same", len(w.line.said))
		}
	})
}

func TestMessagesOfAnHourAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.run(t, time.Second)
		for i := range 2500 {
			e := memberEvent("conflict", "")
			e.Zone = fmt.Sprintf("z%d.example", i)
			w.happens(e)
		}
		go func() {
			time.Sleep(62 * time.Minute)
			w.happens(memberEvent("held", ""))
		}()
		w.run(t, 2*time.Hour)
		if len(w.line.said) != 31 {
			t.Fatalf("it sent %d", len(w.line.said))
		}
		if text := w.line.last.Lines[len(w.line.last.Lines)-1]; text != "2470 more were left out: https://web1.example.net:2087/log" {
			t.Errorf("the last one ends with %q", text)
		}
	})
}
