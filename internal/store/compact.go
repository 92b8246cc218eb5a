package store

import (
	"context"
	"fmt"
)

// Compact rewrites the database in its smallest form: what was deleted or replaced takes no room any more. The database
// does that by itself bit by bit, so a server never asks for it; it is for measuring what is left in the end. Reads and
// commits go on.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.db.Flush(); err != nil {
		return fmt.Errorf("compact: %w", plain(err))
	}
	// Every row's key begins with the format octet or the letters of the one key without.
	if err := s.db.Compact(ctx, []byte{0}, []byte{0xff}, true); err != nil {
		return fmt.Errorf("compact: %w", plain(err))
	}
	return nil
}
