package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SyncState is how far a synchronization is.
type SyncState string

// The states.
const (
	SyncWaiting SyncState = "waiting" // for the one before it
	SyncRunning SyncState = "running"
	SyncDone    SyncState = "done"
	SyncBroken  SyncState = "broken off" // the server stopped
)

// SyncJob is a synchronization that was asked for. It goes on when nobody looks, and is forgotten when the server stops:
// what it has moved stays, and asking again does the rest.
type SyncJob struct {
	ID             string
	User           string
	Request        SyncRequest
	State          SyncState
	Started, Ended zone.Millis
	Members        []MemberSync
}

// syncJobs is the synchronizations of this process: one runs at a time, since each asks every member.
type syncJobs struct {
	mu   sync.Mutex
	list []*syncJob // oldest first
	wake chan struct{}
}

type syncJob struct {
	SyncJob
	principal acl.Principal
}

// The bounds of synchronizations.
const (
	maxSyncJobs  = 20               // remembered; the oldest that has ended is forgotten
	syncDeadline = 30 * time.Minute // of one; what is left then differs still, and the report says so
	syncLook     = 100 * time.Millisecond
)

// StartSync asks for a synchronization and returns at once; SyncJob says how far it is.
func (c *Control) StartSync(ctx context.Context, p acl.Principal, r SyncRequest) (SyncJob, error) {
	if err := allow(p, acl.ManageMembers, mine(p, "")); err != nil {
		return SyncJob{}, err
	}
	if r.Zone != "" {
		if err := checkName(r.Zone); err != nil {
			return SyncJob{}, err
		}
	}
	if err := c.requireClustering(); err != nil {
		return SyncJob{}, err
	}
	j := &syncJob{SyncJob: SyncJob{ID: auth.NewID(), User: p.Account(), Request: r, State: SyncWaiting, Started: c.Now()}, principal: p}
	s := &c.syncs
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= maxSyncJobs {
		i := slices.IndexFunc(s.list, func(j *syncJob) bool { return j.Ended != 0 })
		if i < 0 {
			return SyncJob{}, fail(CodeTooLarge, "synchronize", "%d synchronizations wait already", maxSyncJobs).hint("wait until one of them has ended")
		}
		s.list = slices.Delete(s.list, i, i+1)
	}
	s.list = append(s.list, j)
	s.signal()
	return j.SyncJob, nil
}

// signal wakes RunSyncs; the lock is held.
func (s *syncJobs) signal() {
	select {
	case s.waker() <- struct{}{}:
	default:
	}
}

func (s *syncJobs) waker() chan struct{} {
	if s.wake == nil {
		s.wake = make(chan struct{}, 1)
	}
	return s.wake
}

// SyncJobs lists the synchronizations of the acting user, newest first.
func (c *Control) SyncJobs(ctx context.Context, p acl.Principal) ([]SyncJob, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{}); err != nil {
		return nil, err
	}
	c.syncs.mu.Lock()
	defer c.syncs.mu.Unlock()
	var list []SyncJob
	for _, j := range slices.Backward(c.syncs.list) {
		if j.User == p.Account() {
			list = append(list, j.copied())
		}
	}
	return list, nil
}

// SyncJob returns one of them.
func (c *Control) SyncJob(ctx context.Context, p acl.Principal, id string) (SyncJob, error) {
	list, err := c.SyncJobs(ctx, p)
	if err != nil {
		return SyncJob{}, err
	}
	for _, j := range list {
		if j.ID == id {
			return j, nil
		}
	}
	return SyncJob{}, fail(CodeNotFound, id, "there is no such synchronization").hint("one is forgotten when the server stops")
}

func (j *syncJob) copied() SyncJob {
	out := j.SyncJob
	out.Members = slices.Clone(out.Members)
	return out
}

// RunSyncs works off what StartSync was asked for, until ctx ends. Package node runs it.
func (c *Control) RunSyncs(ctx context.Context) error {
	c.syncs.mu.Lock()
	wake := c.syncs.waker()
	c.syncs.mu.Unlock()
	for {
		if j := c.syncs.next(); j != nil {
			if err := c.runSync(ctx, j); err != nil {
				c.Logger.Error("a synchronization has ended, and something after it failed", "err", err)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

// next takes the oldest that waits.
func (s *syncJobs) next() *syncJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.list {
		if j.State == SyncWaiting {
			j.State = SyncRunning
			return j
		}
	}
	return nil
}

// runSync asks all members first, and then works with them side by side: what comes from one goes to the others by itself.
func (c *Control) runSync(ctx context.Context, j *syncJob) error {
	working, cancel := context.WithTimeout(ctx, syncDeadline)
	defer cancel()
	plans, err := c.PreviewSync(working, j.principal, j.Request)
	if err != nil {
		plans = []MemberSync{{Member: c.Self.Name, Failed: plainly(err), Ended: true}}
	}
	c.syncs.change(func() { j.Members = plans })
	var g errgroup.Group
	g.SetLimit(sideBySide)
	for i := range plans {
		g.Go(func() error {
			c.syncMember(working, j, i) // what fails is in the report
			return c.compareAgain(working, plans[i].target)
		})
	}
	failed := g.Wait()
	state := SyncDone
	if ctx.Err() != nil {
		state = SyncBroken
	}
	c.syncs.change(func() { j.State, j.Ended = state, c.Now() })
	if state == SyncBroken {
		return nil
	}
	return errors.Join(failed, c.commitRecords(ctx, "synchronize", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(j.principal, "synchronized", j.report()))
		return nil
	}))
}

// compareAgain looks once more at a member that differed when it was last compared: that may be over now, and would be said
// of it until the next comparison.
func (c *Control) compareAgain(ctx context.Context, target string) error {
	if ctx.Err() != nil || c.drift.get(target).Drifted() == 0 {
		return nil
	}
	if _, err := c.CompareTarget(ctx, target); err != nil {
		return fmt.Errorf("compare again: %w", err)
	}
	return nil
}

func (s *syncJobs) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// report is one line for the events.
func (j *syncJob) report() string {
	came, went, differ, failed := 0, 0, 0, 0
	for _, m := range j.Members {
		came, went, differ = came+len(m.Come), went+len(m.Go), differ+m.Differ
		if m.Failed != "" {
			failed++
		}
	}
	what := "all zones"
	if j.Request.Zone != "" {
		what = textOf(j.Request.Zone)
	}
	return fmt.Sprintf("%s synchronized with %s: %d came, %d went, %d still differ, %d members failed", what, plural(len(j.Members), "member"), came, went, differ, failed)
}

// syncMember does what the plan says with one member, and looks what became of it.
func (c *Control) syncMember(ctx context.Context, j *syncJob, i int) {
	plan := j.Members[i] // nobody else writes it
	tell := func(f func(m *MemberSync)) { c.syncs.change(func() { f(&j.Members[i]) }) }
	defer tell(func(m *MemberSync) { m.Ended = true })
	if plan.Failed != "" || plan.Total() == 0 {
		return
	}
	defer c.drift.lock(plan.target)()
	m, found, err := c.link(c.Store, plan.target)
	if err != nil || !found {
		tell(func(m *MemberSync) { m.Failed = "it was removed meanwhile" })
		return
	}
	k, err := c.startComparing(m)
	if err == nil {
		k.asked = true
		err = k.carry(ctx, plan, func(done, refused int) {
			tell(func(m *MemberSync) { m.Done, m.Refused = m.Done+done, m.Refused+refused })
		})
	}
	if err != nil {
		tell(func(m *MemberSync) { m.Failed = plainly(err) })
		return
	}
	after := c.planSync(ctx, m, j.Request)
	tell(func(m *MemberSync) { m.Differ, m.Failed = after.Total(), cmp.Or(m.Failed, after.Failed) })
}

// carry brings what comes, then offers what goes and waits for the answers.
func (k *comparing) carry(ctx context.Context, plan MemberSync, done func(done, refused int)) error {
	for part := range slices.Chunk(plan.Come, takeAtOnce) {
		notTaken, err := k.take(ctx, part)
		if err != nil {
			return err
		}
		refused := 0
		for _, z := range part {
			if notTaken[z] {
				refused++
			}
		}
		done(len(part), refused)
	}
	overwrite := map[zone.Name]bool{}
	for _, z := range plan.Overwrite {
		overwrite[z] = true
	}
	for part := range slices.Chunk(plan.Go, mendAtOnce) {
		var plain, over []zone.Name
		for _, z := range part {
			if overwrite[z] {
				over = append(over, z)
			} else {
				plain = append(plain, z)
			}
		}
		k.Comparing.Resend(k.member.Target, false, plain)
		k.Comparing.Resend(k.member.Target, true, over)
		if err := k.gone(ctx, part, done); err != nil {
			return err
		}
	}
	return nil
}

// gone waits until the member has answered about zones that were offered.
func (k *comparing) gone(ctx context.Context, zones []zone.Name, done func(done, refused int)) error {
	for len(zones) > 0 {
		if _, open := k.Comparing.Peer(k.member.Target); !open {
			return fail(CodeUnavailable, k.member.Label(), "the link to it was lost; what waits goes when it is back")
		}
		var waits []zone.Name
		refused := 0
		for _, z := range zones {
			h, err := k.head(z)
			if err != nil {
				return err
			}
			switch way, _ := k.Comparing.Sent(k.member.Target, z, h.Position); way {
			case cluster.Waits:
				waits = append(waits, z)
			case cluster.NotTaken:
				refused++
			}
		}
		done(len(zones)-len(waits), refused)
		if zones = waits; len(zones) == 0 {
			return nil
		}
		if err := sleep(ctx, syncLook); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				return fail(CodeUnavailable, k.member.Label(), "not finished within %s; what waits goes on", syncDeadline)
			}
			return err
		}
	}
	return nil
}
