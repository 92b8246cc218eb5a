package deliver

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Feed is what deliver needs of the store.
type Feed interface {
	// Follow returns the next zones that changed after the position, oldest first; it waits for one if there is none.
	Follow(ctx context.Context, after store.Position, limit int) ([]store.FeedItem, error)
	Synced() store.Position
	// Waiting counts the zones whose live position is after the given one.
	Waiting(after store.Position) (n int, oldest zone.Millis)
	Head(z zone.Name) (store.Head, error)
	State(z zone.Name) (*zone.State, store.Position, error)
	// Delta returns what a target that has the zone as of the position lacks, and as of when it then has it.
	Delta(z zone.Name, since store.Position) (zone.Delta, store.Position, error)
	Register(key string) ([]byte, bool)
	SetRegister(key string, value []byte)
	DeleteRegister(key string)
}
