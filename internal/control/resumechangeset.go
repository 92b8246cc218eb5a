package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Resumable says that a set was stopped before its end and can go on.
func (s ChangeSet) Resumable() bool {
	return s.State == SetStopped && s.UndoneBy == 0 && (s.Confirmed == 0 || s.At < s.Chunks)
}

// ResumeChangeSet has a stopped set go on where it was, with the rights of p from then on.
func (c *Control) ResumeChangeSet(ctx context.Context, p acl.Principal, id uint64) (ChangeSet, error) {
	s, err := c.updateSet(ctx, p, id, func(_ *store.Tx, s *ChangeSet) error {
		switch {
		case s.UndoneBy != 0:
			return fail(CodeConflict, fmt.Sprintf("change set %d", id), "it was undone by change set %d", s.UndoneBy)
		case !s.Resumable():
			return fail(CodeConflict, fmt.Sprintf("change set %d", id), "nothing of it is left to do: it is %s", s.State)
		}
		if err := c.maySet(p, s.Kind, s.SetParams); err != nil {
			return err
		}
		if err := c.roomForSet(p); err != nil {
			return err
		}
		s.ResumedBy, s.Resumed, s.Why, s.Ended = p, c.Now(), "", 0
		switch {
		case s.Confirmed != 0:
			s.State = SetRunning
		case s.Kind.searches(s.Match):
			s.State = SetSearching // from its cursor on; the search of an undo begins anew
		default:
			s.State = SetReady
		}
		return nil
	})
	c.work.nudge()
	return s, err
}
