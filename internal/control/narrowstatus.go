package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// readOnly is root's member as others see it: numbers, and nothing that names zones or keys.
func (ms MemberStatus) readOnly(p acl.Principal) MemberStatus {
	if p.Root || ms.User == p.User {
		return ms
	}
	ms.Member = ms.Member.readOnly(p)
	ms.Link.Refusal, ms.Shown, ms.Old = "", "", false
	return ms
}

// narrowStatus is the status for who is not root: the numbers are of what p sees, and who may not see members learns
// whether the cluster is in step, not why it is not.
func (c *Control) narrowStatus(ctx context.Context, p acl.Principal, s Status) (Status, error) {
	s.Foreign, s.Held = 0, 0
	sight, err := c.sightOf(p)
	if err != nil {
		return Status{}, err
	}
	if err := c.countSeen(ctx, p, sight, &s); err != nil {
		return Status{}, err
	}
	if err := c.memberStatus(ctx, p, &s); err != nil {
		return Status{}, err
	}
	if s.DNSSEC, err = c.dnssec(p, s.Members); err != nil {
		return Status{}, err
	}
	s.judge(c.Now())
	s.Local = nil
	if allowed(p, acl.ReadMembers) == nil {
		return s, nil
	}
	s.Members, s.DNSSEC.Cannot = nil, nil
	s.Sentence = map[int]string{0: "in step", 1: "catching up"}[s.Exit]
	if s.Sentence == "" {
		s.Sentence = "whoever runs this server must look at it"
	}
	return s, nil
}

func (c *Control) countSeen(ctx context.Context, p acl.Principal, sight sight, s *Status) error {
	live, gone, err := c.Store.CountOf(sight.within(""))
	if err != nil {
		return fmt.Errorf("count zones: %w", err)
	}
	s.Zones, s.Deleted = live, gone
	zones, err := c.conflicted()
	if err != nil {
		return err
	}
	for _, z := range zones {
		seen, err := c.seesZone(sight, z)
		if err != nil {
			return err
		}
		if seen {
			s.Conflicts++
		}
	}
	held, err := c.Held(ctx, p)
	s.Held = len(held)
	return err
}
