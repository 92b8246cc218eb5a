package store

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// FeedItem says that the zone's newest change is at the position.
type FeedItem struct {
	Position Position
	Zone     zone.Name
}

// Synced returns the last synced position.
func (s *Store) Synced() (p Position) {
	_ = s.published.read(func(v *view) error { p = v.synced; return nil })
	return p
}

// Follow returns the next zones that changed after the position, at most limit, oldest first. When there is none it
// waits for one; it ends with ctx, and with ErrClosed when the store closes. Each zone has one live position, its
// newest, so a follower that reads to the end has seen every zone.
func (s *Store) Follow(ctx context.Context, after Position, limit int) ([]FeedItem, error) {
	for {
		news := s.published.news()
		items, err := s.feed(after, limit)
		if err != nil || len(items) > 0 {
			return items, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Store) feed(after Position, limit int) (items []FeedItem, err error) {
	err = s.scanFeed(after, func(p Position, z zone.Name, _ zone.Millis) error {
		if len(items) >= limit {
			return errStop
		}
		items = append(items, FeedItem{p, z})
		return nil
	})
	return items, err
}

// waitingBound is where Waiting stops counting.
const waitingBound = 1_000_000

// Waiting returns how many zones have their live position after the given one, at most a million, and the time of the
// oldest such change, 0 if there is none.
func (s *Store) Waiting(after Position) (n int, oldest zone.Millis) {
	return s.waitingUpTo(after, waitingBound)
}

func (s *Store) waitingUpTo(after Position, bound int) (n int, oldest zone.Millis) {
	_ = s.scanFeed(after, func(_ Position, _ zone.Name, at zone.Millis) error {
		if n == 0 {
			oldest = at
		}
		if n++; n >= bound {
			return errStop
		}
		return nil
	})
	return n, oldest
}

func (s *Store) scanFeed(after Position, f func(Position, zone.Name, zone.Millis) error) error {
	return s.published.read(func(v *view) error {
		if after >= v.synced {
			return nil
		}
		return scan(v, feedKey(after+1), tableKey(tableFeed+1), func(k, content []byte) error {
			d := decoder{b: content}
			at := d.millis()
			if d.err != nil {
				return d.err
			}
			return f(Position(keyNumber(k)), zone.Name(d.b), at)
		})
	})
}
