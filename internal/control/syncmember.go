package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// SyncMember starts the link's synchronization from the beginning, as its role says. The link gets a new target, and
// with it a cursor of its own at 0.
func (c *Control) SyncMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	var old string
	m, err := c.changeMember(ctx, p, host, func(tx *store.Tx, m *Member) error {
		old = m.Target
		m.Target = newTarget(*m)
		start(m, true, 0)
		if m.Health.State != "" { // what a person switched off stays off
			if err := save(tx, kindHealth, m.Target, m.Health); err != nil {
				return err
			}
		}
		tx.DeleteRecord(kindHealth, old)
		e := c.event(p, "member-sync", "synchronization with "+m.Label()+" starts from the beginning")
		e.Member = m.Label()
		tx.AppendEvent(e)
		return nil
	})
	if err != nil {
		return MemberResult{}, err
	}
	c.forgetTarget(old)
	return MemberResult{Member: m, Does: append(starts(m), does(m)...)}, nil
}

// forgetTarget drops the registers of a link that is gone. What its last report still writes is never read again.
func (c *Control) forgetTarget(target string) {
	for _, register := range []string{"cursor/" + target, "follow/" + target, "settled/to/" + target, "exceptions/" + target, healthRegister(target), skewRegister(target), shownKeyRegister(target)} {
		c.Store.DeleteRegister(register)
	}
}

func (c *Control) forgetTargets(targets []string) {
	for _, t := range targets {
		c.forgetTarget(t)
	}
}
