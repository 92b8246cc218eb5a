package control

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Status is the state of the cluster as this node sees it.
type Status struct {
	Self       Identity
	Clustering bool
	Zones      int
	Deleted    int
	Conflicts  int // zones with conflicts
	Foreign    int // foreign writes refused in the last day, see the events
	Held       int // changes that wait for a person's decision, see Held of Control
	Members    []MemberStatus
	DNSSEC     DNSSEC
	Local      []LinkStatus // targets that are no members: this node's own nameserver
	Backups    Backups
	Alarms     []string // about the cluster as a whole
	Sentence   string
	Exit       int // 0 in step, 1 catching up, 2 someone must act
}

// MemberStatus is one line of it.
type MemberStatus struct {
	Member
	Threshold int // failures that disable it; 0: never
	Link      LinkStatus
	Skew      time.Duration // of its clock, 0 if harmless
	Drifted   int           // zones that differ, as the last comparison found
	Compared  zone.Millis   // when that was, 0: never since this node started
	Shown     string        // the key that it shows, if that is not the pinned one
	Old       bool          // that key is of a server that the pinned one replaced
	Ignored   string        // why a reseller's entry does not hold as it is; empty if it does
	Untrusted string        // it is reached at an address that is no trusted IP; empty if not
	Writers   string        // other servers that write there as write-only, as this link does; empty if none
}

// Status returns the state of the cluster.
func (c *Control) Status(ctx context.Context, p acl.Principal) (Status, error) {
	if err := allowed(p, acl.ReadStatus); err != nil {
		return Status{}, err
	}
	s := Status{Self: c.Self, Clustering: c.Clustering(), Foreign: c.foreignCount(), Held: c.HeldCount()}
	if !p.Root {
		return c.narrowStatus(ctx, p, s)
	}
	if err := c.countZones(&s); err != nil {
		return Status{}, err
	}
	if err := c.memberStatus(ctx, p, &s); err != nil {
		return Status{}, err
	}
	var err error
	if s.DNSSEC, err = c.dnssec(p, s.Members); err != nil {
		return Status{}, err
	}
	if s.Backups, err = c.backups(); err != nil {
		return Status{}, err
	}
	s.Alarms = c.alarms()
	s.judge(c.Now())
	return s, nil
}

// MemberStatus returns how the members stand, without what Status counts of all zones.
func (c *Control) MemberStatus(ctx context.Context, p acl.Principal) ([]MemberStatus, error) {
	if err := allowed(p, acl.ReadMembers); err != nil {
		return nil, err
	}
	var s Status
	err := c.memberStatus(ctx, p, &s)
	return s.Members, err
}

func (c *Control) memberStatus(ctx context.Context, p acl.Principal, s *Status) error {
	members, err := c.Links(ctx)
	if err != nil {
		return err
	}
	links := map[string]LinkStatus{}
	if c.Reach != nil {
		for _, l := range c.Reach.Links() {
			links[l.Target] = l
		}
	}
	threshold := c.Threshold()
	trusted, err := c.trustedIPs()
	if err != nil {
		return err
	}
	edges, err := c.edges()
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.User != p.Account() && (p.Root || m.User != acl.Root) {
			delete(links, m.Target)
			continue
		}
		compared := c.drift.get(m.Target)
		ms := MemberStatus{Member: m, Link: links[m.Target], Skew: c.skew(m.Target), Shown: c.shownNow(m.Target), Drifted: compared.Drifted(), Compared: compared.At}
		if m.User != acl.Root {
			e, err := effective(m, members, c)
			if err != nil {
				return err
			}
			ms.Ignored = e.Note
		}
		ms.Untrusted = untrusted(m, trusted)
		ms.Writers = cluster.WritersWarning(edges, cluster.Edge{From: c.Self.Name, To: m.Name, Role: m.Role})
		if ms.Shown != "" {
			old, err := c.predecessors(m.Fingerprint)
			if err != nil {
				return err
			}
			ms.Old = old[ms.Shown] != ""
		}
		if !threshold.KeepOnline {
			ms.Threshold = threshold.Limit()
		}
		delete(links, m.Target)
		s.Members = append(s.Members, ms.readOnly(p))
	}
	for _, l := range links {
		s.Local = append(s.Local, l)
	}
	return nil
}

func (s *Status) judge(now zone.Millis) {
	f := cluster.Facts{Off: !s.Clustering, Conflicts: s.Conflicts, Held: s.Held}
	for _, m := range s.Members {
		f.Members = append(f.Members, cluster.MemberFact{
			Host: m.Label(), State: m.Health.Current(), Connected: m.Link.Connected, Failures: m.Health.Failures,
			LastError: m.Health.LastError, Waiting: m.Link.Waiting, Refused: m.Link.Refused, Refusal: m.Link.Refusal,
			Held: m.Link.Held, Drifted: m.Drifted,
		})
		if m.Shown != "" && !m.Link.Connected {
			f.Alarms = append(f.Alarms, m.keyAlarm())
		}
		if m.Skew != 0 {
			f.Alarms = append(f.Alarms, fmt.Sprintf("clock of %s is off by %s", m.Label(), m.Skew))
		}
	}
	f.Alarms = append(f.Alarms, s.Alarms...)
	for _, l := range s.Local {
		f.Waiting += l.Waiting
	}
	if s.Backups.Late {
		f.Alarms = append(f.Alarms, s.Backups.alarm(now))
	}
	o := cluster.Judge(f)
	s.Sentence, s.Exit = o.Sentence, o.Code
}

// keyAlarm says which key a member shows. An old server that is back is not offered to be accepted: its place is taken.
func (m MemberStatus) keyAlarm() string {
	if m.Old {
		return fmt.Sprintf("%s: the server that it replaced answers at its address, key %s: stop that one, or give it another name and address", m.Label(), m.Shown)
	}
	return fmt.Sprintf("%s: key changed: pinned %s, shown %s (zonefleet member accept-key %s)", m.Label(), m.Fingerprint, m.Shown, m.Label())
}

func (c *Control) skew(target string) time.Duration {
	b, ok := c.Store.Register(skewRegister(target))
	if !ok {
		return 0
	}
	ms, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(zone.Millis(ms)) * time.Millisecond
}

// zoneCount is how many zones there were at a position.
type zoneCount struct {
	at            store.Position
	live, deleted int
}

// countZones counts again when something was committed: every page and every stream shows the numbers. The position is read
// first, so that what is committed while it counts is counted the next time.
func (c *Control) countZones(s *Status) error {
	n := c.counted.Load()
	if at := c.Store.Synced(); n == nil || n.at != at {
		n = &zoneCount{at: at}
		var err error
		if n.live, n.deleted, err = c.Store.Count(); err != nil {
			return fmt.Errorf("count zones: %w", err)
		}
		c.counted.Store(n)
	}
	s.Zones, s.Deleted = n.live, n.deleted
	var err error
	s.Conflicts, err = c.ConflictCount()
	return err
}

// ConflictCount is how many zones have conflicts.
func (c *Control) ConflictCount() (int, error) {
	zones, err := c.conflicted()
	return len(zones), err
}

// alarms are what somebody must look at and no member alone is to blame for.
func (c *Control) alarms() (list []string) {
	if l := c.longestVector(); l.Length > manyIDs {
		list = append(list, l.alarm())
	}
	if a, ok := c.cloneSeen(); ok {
		list = append(list, a.text())
	}
	return append(list, c.twinAlarms()...)
}
