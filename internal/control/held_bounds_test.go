package control

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// holding is a store in which so much is held already.
func holding(t *testing.T, there heldTotals) func(n int, content []byte) (uint64, error) {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	running, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	commit := func(f func(tx *store.Tx) error) error {
		_, err := s.Commit(context.Background(), "", f)
		return err
	}
	if err := commit(func(tx *store.Tx) error { return save(tx, kindHeldTotals, "", there) }); err != nil {
		t.Fatal(err)
	}
	return func(n int, content []byte) (id uint64, err error) {
		z, err := zone.ParseName(fmt.Sprintf("z%d.test", n))
		if err != nil {
			t.Fatal(err)
		}
		err = commit(func(tx *store.Tx) error {
			id, err = hold(tx, HeldChange{Zone: z, Source: "token/cron", Kind: "delete"}, content)
			return err
		})
		return id, err
	}
}

func TestAsMuchIsHeldAsCanBe(t *testing.T) {
	hold := holding(t, heldTotals{Last: 41, Count: maxHeld - 1, Waiting: maxHeld - 1})
	if id, err := hold(1, nil); err != nil || id != 42 {
		t.Fatalf("the last that can be held: number %d, %v", id, err)
	}
	if _, err := hold(2, nil); !errors.Is(err, errHeldFull) {
		t.Errorf("one more: %v", err)
	}
	if id, err := hold(1, []byte{1}); err != nil || id != 42 {
		t.Errorf("a newer change of a zone that waits takes the place of the older: number %d, %v", id, err)
	}
}

func TestTheContentsOfWhatIsHeldHaveBounds(t *testing.T) {
	largest := make([]byte, maxHeldContent)
	hold := holding(t, heldTotals{Octets: maxHeldOctets - maxHeldContent})
	if _, err := hold(1, append(largest, 0)); !errors.Is(err, errHeldFull) {
		t.Errorf("a change larger than the bound: %v", err)
	}
	if _, err := hold(1, largest); err != nil {
		t.Errorf("the largest change: %v", err)
	}
	if _, err := hold(2, []byte{0}); !errors.Is(err, errHeldFull) {
		t.Errorf("more than all contents may have: %v", err)
	}
	if _, err := hold(2, nil); err != nil { // of a member: its content is not here
		t.Errorf("a change without content: %v", err)
	}
	if _, err := hold(1, []byte{0}); err != nil {
		t.Errorf("a smaller one in place of a larger: %v", err)
	}
}
