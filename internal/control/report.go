package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// LinkFailed counts a failed attempt to reach the member of that target; it returns what the link's health is now. Only
// failures of the connection come here, never refusals of content.
func (c *Control) LinkFailed(ctx context.Context, target string, cause error) (cluster.Health, error) {
	threshold := c.Threshold()
	return c.moveHealth(ctx, acl.Node(), target, func(h cluster.Health, now zone.Millis) (cluster.Health, []cluster.Happening) {
		return h.Failed(now, cause.Error(), threshold)
	})
}

// LinkBroke counts an attempt in which the member greeted well and failed before it had done anything.
func (c *Control) LinkBroke(ctx context.Context, target string, cause error) (cluster.Health, error) {
	threshold := c.Threshold()
	return c.moveHealth(ctx, acl.Node(), target, func(h cluster.Health, now zone.Millis) (cluster.Health, []cluster.Happening) {
		return h.BrokeOff(now, cause.Error(), threshold)
	})
}

// LinkWorked records an answer of the member: it clears the count and brings a link back that failures had disabled.
func (c *Control) LinkWorked(ctx context.Context, target string) (cluster.Health, error) {
	if h := c.Health(target); h.Current() == cluster.Active && h.Failures == 0 && c.Now()-h.Answered < contactStep {
		return h, nil // nothing that anybody could see would change
	}
	threshold := c.Threshold()
	return c.moveHealth(ctx, acl.Node(), target, func(h cluster.Health, now zone.Millis) (cluster.Health, []cluster.Happening) {
		return h.Succeeded(now, threshold)
	})
}

// contactStep is how exact "last contact" is.
const contactStep = zone.Millis(1000)

// transition is a step in the life of a link's health.
type transition func(cluster.Health, zone.Millis) (cluster.Health, []cluster.Happening)

// Health returns the health of a link. Counts live in a register, which a crash may lose; each change of state is also
// a row, which it may not. The newer state wins, and of one state the register, which knows more.
func (c *Control) Health(target string) cluster.Health {
	kept, _, _ := load[cluster.Health](c.Store, kindHealth, target)
	b, ok := c.Store.Register(healthRegister(target))
	var h cluster.Health
	if !ok || decodeRow(b, &h) != nil || h.Since < kept.Since {
		return kept
	}
	return h
}

func healthRegister(target string) string { return "health/" + target }

// moveHealth makes one step and tells node if the state changed by it.
func (c *Control) moveHealth(ctx context.Context, p acl.Principal, target string, step transition) (cluster.Health, error) {
	h, changed, err := c.stepHealth(ctx, p, target, step)
	if changed {
		c.MembersChanged()
	}
	return h, err
}

// stepHealth is one reader and writer at a time: the directions of a link report on their own.
func (c *Control) stepHealth(ctx context.Context, p acl.Principal, target string, step transition) (h cluster.Health, changed bool, err error) {
	c.healthMu.Lock()
	defer c.healthMu.Unlock()
	m, found, err := c.link(c.Store, target)
	if err != nil || !found {
		return cluster.Health{}, false, err // the link was removed while its last report was under way
	}
	h, happenings := step(c.Health(target), c.Now())
	b, err := encodeRow(h)
	if err == nil && len(happenings) > 0 {
		err = c.keepHealth(ctx, p, m, h, happenings)
	}
	if err != nil {
		return h, false, err
	}
	c.Store.SetRegister(healthRegister(target), b)
	return h, len(happenings) > 0, nil
}

func (c *Control) keepHealth(ctx context.Context, p acl.Principal, m Member, h cluster.Health, happenings []cluster.Happening) error {
	before := c.Health(m.Target)
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		for _, happening := range happenings {
			tx.AppendEvent(c.happened(p, m, before, h, happening))
		}
		return save(tx, kindHealth, m.Target, h)
	})
}

func (c *Control) happened(p acl.Principal, m Member, before, after cluster.Health, h cluster.Happening) store.Event {
	verb := "enabled"
	if h.Kind == cluster.MemberDisabled {
		verb = "disabled"
	}
	e := c.event(p, string(h.Kind), fmt.Sprintf("%s %s: %s", m.Label(), verb, h.Reason))
	e.Member = m.Label()
	if h.Kind == cluster.MemberDisabled && p.Kind == acl.KindNode {
		e.Severity = severityWarning
	}
	if h.Notify {
		e.Fields = c.tellHealth(m, before, after)
	}
	return e
}

// tellHealth is what a person is told of a member that was disabled, or is back.
func (c *Control) tellHealth(m Member, before, after cluster.Health) map[string]string {
	f := map[string]string{"notify": "yes", fieldUser: m.User, "error": after.LastError}
	if after.Failures > 0 {
		f["failures"] = strconv.Itoa(after.Failures)
	}
	if after.Current() == cluster.Active {
		after = before
	}
	f["since"] = timeText(after.Since)
	f["answered"] = timeText(max(after.Answered, before.Answered))
	if c.Reach != nil {
		for _, l := range c.Reach.Links() {
			if l.Target == m.Target {
				f["waiting"] = strconv.Itoa(l.Waiting)
			}
		}
	}
	maps.DeleteFunc(f, func(_, v string) bool { return v == "" })
	return f
}

// timeText is a moment for people, empty if there is none.
func timeText(t zone.Millis) string {
	if t == 0 {
		return ""
	}
	return time.UnixMilli(int64(t)).UTC().Format("2006-01-02 15:04:05 UTC")
}

// LinkOpened records what a member said of itself when a session opened: version, software, name, clock. Nothing is
// written when nothing changed.
func (c *Control) LinkOpened(ctx context.Context, target string, f Facts) error {
	m, found, err := c.link(c.Store, target)
	if err != nil || !found {
		return err
	}
	if m.Fingerprint != "" && f.Fingerprint != m.Fingerprint {
		return fail(CodeRefused, m.Label(), "its key is not the pinned one").because(ErrPinChanged)
	}
	if err := c.warnSkew(ctx, m, f); err != nil {
		return err
	}
	seen := m
	seen.learn(f)
	if !m.Renew && seen.Name == m.Name && seen.Version == m.Version && seen.Software == m.Software && seen.DNSSEC == m.DNSSEC &&
		seen.PureNameserver == m.PureNameserver && slices.Equal(seen.Addresses, m.Addresses) && seen.Reached == m.Reached {
		return nil
	}
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		m, found, err := c.link(tx, target)
		if err != nil || !found {
			return err
		}
		m.learn(f)
		m.Renew = false // the token has just worked
		return saveMember(tx, m)
	})
}

// warnSkew keeps a link's clock skew for the status: a register, since it is measured anew with each session.
func (c *Control) warnSkew(ctx context.Context, m Member, f Facts) error {
	skew := f.Clock - c.Now()
	if f.Clock == 0 || skew <= maxSkew && skew >= -maxSkew {
		c.Store.DeleteRegister(skewRegister(m.Target))
		return nil
	}
	_, known := c.Store.Register(skewRegister(m.Target))
	c.Store.SetRegister(skewRegister(m.Target), fmt.Appendf(nil, "%d", skew))
	if known {
		return nil
	}
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		by := (time.Duration(skew) * time.Millisecond).Round(time.Second).String()
		e := c.event(acl.Node(), "clock-skew", fmt.Sprintf("the clock of %s and that of this server are %s apart", m.Label(), strings.TrimPrefix(by, "-")))
		e.Member, e.Severity, e.Fields = m.Label(), severityWarning, map[string]string{"notify": "yes", fieldUser: m.User, "skew": by}
		tx.AppendEvent(e)
		return nil
	})
}

func skewRegister(target string) string { return "skew/" + target }

// FirstPassDone records that the first synchronization of the link is over in that direction: from then on only what
// changes is taken. push is ours to the member, pull the member's to us.
func (c *Control) FirstPassDone(ctx context.Context, target string, push, pull bool) error {
	return c.commitRecords(ctx, "first synchronization", func(tx *store.Tx) error {
		m, found, err := c.link(tx, target)
		if err != nil || !found {
			return err
		}
		was := m
		m.Overwrite = m.Overwrite && !push
		m.PullAll, m.PullOthers = m.PullAll && !pull, m.PullOthers && !pull
		if m.Overwrite == was.Overwrite && m.PullAll == was.PullAll && m.PullOthers == was.PullOthers {
			return nil
		}
		e := c.event(acl.Node(), "first-synchronization", m.Label()+": first synchronization is complete")
		e.Member = m.Label()
		tx.AppendEvent(e)
		return saveMember(tx, m)
	})
}
