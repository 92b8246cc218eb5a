package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestTheFeedKeepsTheNewestPositionOfEachZone(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx := testContext(t)
	a, b := numbered(1), numbered(2)
	must(create(ctx, s, a, 1))(t)
	must(create(ctx, s, b, 1))(t)
	for n := range 5 {
		must(edit(ctx, s, a, ownerIn(a, 0), n))(t)
	}
	want := []FeedItem{{2, b}, {7, a}}
	if d := cmp.Diff(want, must(s.Follow(ctx, 0, 10))(t)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[:1], must(s.Follow(ctx, 0, 1))(t)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[1:], must(s.Follow(ctx, 2, 10))(t)); d != "" {
		t.Error(d)
	}
	for after, want := range map[Position]struct {
		n      int
		oldest zone.Millis
	}{0: {2, 1000}, 1: {2, 1000}, 2: {1, 2004}, 6: {1, 2004}, 7: {0, 0}, 99: {0, 0}} {
		if n, oldest := s.Waiting(after); n != want.n || oldest != want.oldest {
			t.Errorf("after %d wait %d, the oldest of %d; want %v", after, n, oldest, want)
		}
	}
	checkWhole(t, s)
}

func TestWhatWaitsIsCountedUpToABound(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	for i := range 5 {
		must(create(testContext(t), s, numbered(i), 1))(t)
	}
	for bound, want := range map[int]int{4: 4, 5: 5, 6: 5} {
		if n, oldest := s.waitingUpTo(0, bound); n != want || oldest != 1000 {
			t.Errorf("up to %d: %d wait, the oldest of %d", bound, n, oldest)
		}
	}
}

func TestFollowWaitsForTheNextChange(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx := testContext(t)
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := s.Follow(short, 0, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing to follow: %v", err)
	}
	items := make(chan []FeedItem)
	for range 3 {
		go func() {
			i, err := s.Follow(ctx, 0, 10)
			if err != nil {
				t.Error(err)
			}
			items <- i
		}()
	}
	time.Sleep(10 * time.Millisecond)
	// A commit of records only is no change to follow.
	_, err := s.Commit(ctx, "", func(tx *Tx) error { tx.PutRecord("k", "i", nil); return nil })
	if err != nil {
		t.Fatal(err)
	}
	must(create(ctx, s, numbered(1), 1))(t)
	for range 3 {
		if got := <-items; len(got) != 1 || got[0].Position != 1 {
			t.Errorf("followed %v", got)
		}
	}
}

// A reader keeps its view as long as it reads, and Close waits for it.
func TestCloseWaitsForReaders(t *testing.T) {
	s, stop := openStore(t, t.TempDir(), Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	go s.published.read(func(v *view) error {
		close(inside)
		<-leave
		if _, err := loadHead(v, numbered(2)); !errors.Is(err, ErrNotFound) {
			t.Errorf("the view changed under its reader: %v", err)
		}
		return nil
	})
	<-inside
	must(create(testContext(t), s, numbered(2), 1))(t)
	closed := make(chan struct{})
	go func() { stop(); close(closed) }()
	select {
	case <-closed:
		t.Error("closed under a reader")
	case <-time.After(20 * time.Millisecond):
	}
	close(leave)
	<-closed
}

func TestWaitingReadersAreWokenByEachPublication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublished()
		news := p.news()
		woken := make(chan struct{})
		go func() { <-news; close(woken) }()
		synctest.Wait()
		select {
		case <-woken:
			t.Error("woken without news")
		default:
		}
		p.swap(nil)
		<-woken
	})
}
