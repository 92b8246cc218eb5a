package zone

import (
	"errors"
	"fmt"
)

// ErrNothingLeft says that the content of a life is no longer here.
var ErrNothingLeft = errors.New("nothing of its content is left")

// Restore starts a new life with the content of one that ended, edits included that its end had not seen; they are then
// no conflict any more. The owner stays; home and the other options are o's. The ended life itself never lives again.
func (s *State) Restore(life Dot, o CreateOptions) (Change, error) {
	v, ok := s.LifeView(life)
	if !ok || len(v.RRsets) == 0 {
		return Change{}, fmt.Errorf("restore zone %s, life %s: %w", s.Zone.Text(), life, ErrNothingLeft)
	}
	c := s.Create(v.RRsets, v.options(o))
	if s.editedAfterEnd(life) {
		c.Writes = append(c.Writes, s.End(life)...)
		sortWrites(c.Writes)
	}
	return c, nil
}

// options are o with what a new life takes over from the one it replaces.
func (v *View) options(o CreateOptions) CreateOptions {
	o.Owner = v.Owner
	if o.Home == "" {
		o.Home = v.Home
	}
	if o.Meta == nil {
		o.Meta = v.Meta
	}
	return o
}

func (s *State) editedAfterEnd(life Dot) bool {
	for _, c := range s.deletedConflicts(nil) {
		if c.Key.Life == life {
			return true
		}
	}
	return false
}
