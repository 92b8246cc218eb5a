package store

import (
	"fmt"
	"sync"
	"testing"
)

func TestTheNewestEventsAreKept(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	_, err := s.Commit(t.Context(), "", func(tx *Tx) error {
		for i := range eventsKept + 10 {
			tx.AppendEvent(Event{Kind: "test", Text: fmt.Sprint(i)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Events(0, 1)
	if err != nil || len(first) != 1 || first[0].ID != 11 {
		t.Errorf("the oldest is %+v, %v", first, err)
	}
	last, err := s.LastEvents(eventsKept * 2)
	if err != nil || len(last) != eventsKept || last[len(last)-1].Text != fmt.Sprint(eventsKept+9) {
		t.Errorf("%d are kept, %v", len(last), err)
	}
}

func TestAPageHasAtMostAThousandZones(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	var all sync.WaitGroup
	for i := range maxLimit + 1 {
		all.Go(func() { createFor(t, s, name(fmt.Sprint("z", i), "example"), "root") })
	}
	all.Wait()
	for asked, given := range map[int]int{0: defaultLimit, 7: 7, maxLimit: maxLimit, maxLimit + 1: maxLimit, 1 << 30: maxLimit, -1: defaultLimit} {
		page, next, total, err := s.Heads(Query{Limit: asked})
		if err != nil || len(page) != given || next == "" || total != maxLimit+1 {
			t.Errorf("asked for %d: %d of %d, next %q, %v", asked, len(page), total, next, err)
		}
	}
}
