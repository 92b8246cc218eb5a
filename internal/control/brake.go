package control

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// brakes remembers what each source took away lately: in memory, and in a register each, so that a restart does not
// start the count anew. A source that took nothing has none, so there are no more than tokens and members that delete.
type brakes struct {
	mu       sync.Mutex
	sources  map[string]*cluster.Losses
	counting sync.Mutex // one count of zones at a time
}

// taker is a source as the brake sees it.
type taker struct {
	key   string // "token/ID" or "member/FINGERPRINT": names its losses and what is held of it
	name  string // for people
	reach func() (int, error)
	// meant says that what it does now does not count: a person was shown the number of zones and confirmed it, the
	// edit was made against a stated version, or it is this node itself.
	meant bool
	asked zone.Millis // when its request came
}

// takerOf is a person or program at one of this node's doors. Root's tokens reach every zone; others are for their own
// accounts' only, once there are any.
func (c *Control) takerOf(p acl.Principal, meant bool) taker {
	t := taker{key: "token/" + p.TokenID, name: "token " + p.TokenName, reach: c.liveZones, meant: meant || p.Kind == acl.KindNode, asked: c.Now()}
	if p.TokenID == "" {
		t.key, t.name = "token/"+p.Via(), p.Via()
	}
	return t
}

// takerFrom is a member. What is exempt: a first synchronization, which a person asked for.
func (c *Control) takerFrom(src LinkSource) taker {
	t := taker{key: memberKey(src.Key), name: src.Name, reach: c.liveZones, meant: src.Overwrite || src.FirstPass, asked: c.Now()}
	if src.Grant.Kind == cluster.Leaf {
		t.reach = func() (int, error) { return c.zonesAt(src.Grant.Holder) }
	}
	return t
}

func memberKey(fingerprint string) string { return "member/" + fingerprint }

func (c *Control) liveZones() (int, error) {
	live, _, err := c.Store.Count()
	if err != nil {
		return 0, fmt.Errorf("count zones: %w", err)
	}
	return live, nil
}

// zonesAt counts the zones with that home.
func (c *Control) zonesAt(home string) (n int, err error) {
	homes, err := c.Store.Homes()
	if err != nil {
		return 0, fmt.Errorf("count zones of %s: %w", home, err)
	}
	return homes[home], nil
}

// recountAfter is how old a count of zones may be when something is held because of it, in milliseconds.
const recountAfter = 1000

// errRecount asks the caller of the committer to count what the source can reach, and to come again: counting a
// million zones takes a while, for which nobody else's write should wait.
var errRecount = errors.New("what the source can reach is to be counted")

// commitBraked is Store.Commit for what the brake looks at.
func (c *Control) commitBraked(ctx context.Context, z zone.Name, t taker, f func(*store.Tx) error) (store.Position, error) {
	const tries = 3 // one is enough, unless the clock is set back meanwhile
	for n := 1; ; n++ {
		pos, err := c.Store.Commit(ctx, z, f)
		if n == tries || !errors.Is(err, errRecount) {
			return pos, err
		}
		if err := c.recount(t); err != nil {
			return 0, err
		}
	}
}

func (c *Control) recount(t taker) error {
	b := &c.brakes
	b.counting.Lock()
	defer b.counting.Unlock()
	b.mu.Lock()
	counted, now := c.lossesOf(t.key).Counted, c.Now()
	b.mu.Unlock()
	if fresh(counted, t.asked, now) {
		return nil // another request of the source did
	}
	reach, err := t.reach()
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c.lossesOf(t.key).Count(c.BrakeRule(), reach, c.Now())
	return nil
}

func fresh(counted, asked, now zone.Millis) bool {
	return counted+recountAfter >= asked && counted <= now
}

// lossesOf returns what a source took away; brakes.mu is held. What cannot be read counts as nothing.
func (c *Control) lossesOf(key string) *cluster.Losses {
	if l := c.brakes.sources[key]; l != nil {
		return l
	}
	var l cluster.Losses
	if b, ok := c.Store.Register(brakeRegister(key)); ok {
		l, _ = cluster.DecodeLosses(b)
	}
	if c.brakes.sources == nil {
		c.brakes.sources = map[string]*cluster.Losses{}
	}
	c.brakes.sources[key] = &l
	return &l
}

func brakeRegister(key string) string { return "brake/" + key }

// saveOften is up to how many losses the register is written with each; beyond it with each sixteenth, because writing
// a long list takes longer. A crash then forgets no more than that many of very many.
const (
	saveOften = 256
	saveEvery = 16
)

// judgement is what the brake says of one loss.
type judgement struct {
	held bool
	tell bool // it is the first of its source for a while: worth an event
}

// judge counts one zone that a source takes away, or holds it. It runs in the committer; errRecount is for commitBraked.
func (c *Control) judge(t taker, z zone.Name, at zone.Millis, deleted bool) (judgement, error) {
	if t.meant {
		return judgement{}, nil
	}
	rule := c.BrakeRule()
	c.brakes.mu.Lock()
	defer c.brakes.mu.Unlock()
	l, now := c.lossesOf(t.key), c.Now()
	if !rule.Holds(*l, z, at, now) {
		l.Take(z, at, now, deleted)
		if n := l.Len(); n <= saveOften || n%saveEvery == 0 {
			c.Store.SetRegister(brakeRegister(t.key), l.Append(nil))
		}
		return judgement{}, nil
	}
	if !fresh(l.Counted, t.asked, now) {
		return judgement{}, errRecount
	}
	window := zone.Millis(rule.WithDefaults().Window.Milliseconds())
	tell := l.Held == 0 || now-l.Held >= window
	l.Held = now
	c.Store.SetRegister(brakeRegister(t.key), l.Append(nil))
	return judgement{held: true, tell: tell}, nil
}

// BrakeRule returns the rule of the brake.
func (c *Control) BrakeRule() cluster.Brake {
	b, _, err := load[cluster.Brake](c.Store, kindSetting, settingBrake)
	if err != nil {
		return cluster.Brake{}
	}
	return b
}

// kindMeant is a row for each zone that was last taken away by somebody who meant it, or released it: it travels with
// that mark, and no other server holds it again.
const kindMeant = "meant"

// note keeps that row in step with a loss that is about to be put.
func noteMeant(tx *store.Tx, z zone.Name, meant bool) error {
	_, err := tx.Record(kindMeant, string(z))
	known := err == nil
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("read mark of zone %s: %w", textOf(z), err)
	case meant && !known:
		tx.PutRecord(kindMeant, string(z), []byte{rowFormat})
	case !meant && known:
		tx.DeleteRecord(kindMeant, string(z))
	}
	return nil
}

// Meant reports whether what was last taken away of the zone was meant so by a person, here or where it came from.
func (c *Control) Meant(z zone.Name) bool {
	_, err := c.Store.Record(kindMeant, string(z))
	return err == nil
}

// records counts.
func countRecords(sets []zone.RRset) (n int) {
	for _, set := range sets {
		n += len(set.Data)
	}
	return n
}

// lossSeen is what a write, or a join, does to the number of records that a zone serves.
type lossSeen struct {
	before, after int
	deleted       bool
}

func (l lossSeen) takes() bool { return cluster.Takes(l.before, l.after, l.deleted) }

// lossIn compares a state that is about to be put with what is there. before and after are what the loaded part of it
// serves.
func lossIn(tx *store.Tx, s *zone.State, before, after []zone.RRset) (lossSeen, error) {
	h, err := tx.Head()
	if errors.Is(err, store.ErrNotFound) || err == nil && !h.Live {
		return lossSeen{}, nil
	}
	if err != nil {
		return lossSeen{}, err
	}
	_, lives := s.Life()
	l := lossSeen{before: h.Records, after: h.Records - countRecords(before) + countRecords(after), deleted: !lives}
	if l.deleted {
		l.after = 0
	}
	return l, nil
}
