package control

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The pace of Expire: after so many zones it leaves the disk and the processor to others. 50 zones a second take a third of a
// percent of a processor, and a million five and a half hours, once a day.
const (
	expirePage  = 100
	expirePause = 2 * time.Second
)

// forgetAtOnce bounds how many records of a zone one commit forgets, and so how long other commits wait for it: some
// milliseconds.
const forgetAtOnce = 500

// expireNoted is after how many pages a pass notes how far it is, for the case that the server does not end in peace: 10,000
// zones, three and a half minutes. One that restarts every few hours would otherwise never get to the last of a million.
const expireNoted = 100

// Expire forgets what is older than it has to be kept: lone deletions, contents of deleted zones, history. Every node
// does it for itself and tells nobody. It reads each zone once; daily is often enough. A pass that was broken off goes on where
// it last noted that it was. It also measures the vectors, and moves the homes of zones that came late from a server that was
// replaced.
//
// A target that has not got something keeps the history of it, unless it has been silent for a month; then it gets whole
// zones. Lone deletions and contents of deleted zones go all the same: the vector and the end of a life tell a target,
// however late, that they are gone.
func (c *Control) Expire(ctx context.Context) error {
	if _, err := c.moveHomes(ctx, acl.Node(), ""); err != nil {
		return err
	}
	e, err := c.expiring()
	if err != nil {
		return err
	}
	for pages := 1; ; pages++ {
		page, err := c.Store.ZonesAfter(e.passed(), expirePage)
		if err != nil {
			return c.storeError(ctx, "zones", err)
		}
		for _, z := range page {
			if err := e.zone(ctx, z); err != nil {
				return c.storeError(ctx, textOf(z), err)
			}
		}
		if len(page) < expirePage {
			break
		}
		e.After = []byte(page[len(page)-1])
		going := pause(ctx, expirePause)
		if !going || pages%expireNoted == 0 {
			if err := e.note(); err != nil {
				return err
			}
		}
		if !going {
			return c.storeError(ctx, "zones", ctx.Err())
		}
	}
	e.After = nil
	if err := e.note(); err != nil {
		return err
	}
	return c.vectorsMeasured(ctx, e.Longest, zone.Name(e.LongestZone))
}

// forgottenRegister keeps the pass that was last begun; a lost one puts forgetting off by a day.
const forgottenRegister = "forgotten"

// maxForward is how far the time moves in one pass. Passes are a day apart, so it follows a clock that is right, and comes
// up with it after a time switched off. A clock that is a year ahead for a minute costs two days, not the trash.
const maxForward = 2 * day

// forgotten is a pass of Expire.
type forgotten struct {
	At zone.Millis // the time that it goes by
	// After is the zone that it had come past when that was last noted; empty when it has ended.
	After []byte `json:",omitempty"`
	// Longest is the length of the longest vector so far, of LongestZone.
	Longest     int    `json:",omitempty"`
	LongestZone []byte `json:",omitempty"`
}

func (f forgotten) passed() zone.Name { return zone.Name(f.After) }

// expiring is a pass while it runs.
type expiring struct {
	*Control
	forgotten
	retention Retention
	now       zone.Millis    // what is old by it is forgotten; 0: nothing
	upto      store.Position // what targets have not got stays; 0: there is nothing such
	refused   map[zone.Name]bool
}

// expiring begins a pass, or goes on with one. The time by which it tells what is old is the clock's, but not much later than
// that of the pass before. The first pass of a data folder only notes it and forgets nothing.
func (c *Control) expiring() (*expiring, error) {
	r, err := c.retention()
	if err != nil {
		return nil, err
	}
	now, last := c.Now(), forgotten{}
	if b, ok := c.Store.Register(forgottenRegister); !ok || decodeRow(b, &last) != nil {
		last = forgotten{}
	}
	e := &expiring{Control: c, retention: r, forgotten: last}
	if len(last.After) == 0 {
		e.forgotten = forgotten{At: now}
	}
	if last.At > 0 {
		if len(last.After) == 0 {
			e.At = max(last.At, min(now, last.At+zone.Millis(maxForward.Milliseconds())))
		}
		e.now = min(now, e.At)
	}
	if c.Unreached != nil {
		e.upto, e.refused = c.Unreached()
	}
	return e, e.note()
}

// note keeps how far the pass is. It is not worth a sync of the disk.
func (e *expiring) note() error {
	b, err := encodeRow(e.forgotten)
	if err != nil {
		return err
	}
	e.Store.SetRegister(forgottenRegister, b)
	return nil
}

func (e *expiring) before(age time.Duration) zone.Millis {
	return e.now - zone.Millis(age.Milliseconds())
}

// zone commits only where something is to be forgotten.
func (e *expiring) zone(ctx context.Context, z zone.Name) error {
	s, _, err := e.Store.State(z)
	if err != nil {
		return err
	}
	if len(s.Vector) > e.Longest {
		e.Longest, e.LongestZone = len(s.Vector), []byte(z)
	}
	if err := e.markOld(ctx, s); err != nil {
		return err
	}
	err = e.forget(ctx, z, e.expired(s))
	if err != nil || e.refused[z] {
		return err
	}
	_, err = e.Store.Trim(ctx, z, store.Keep{
		Every: e.before(e.retention.Every), Daily: e.before(e.retention.Daily), Last: e.retention.Last, Upto: e.upto,
	})
	return err
}

// forget drops keys that expired, bit by bit: those of the zone's own name first. What is left of a deleted zone has no SOA
// from then on, so that nobody brings half a zone back.
func (e *expiring) forget(ctx context.Context, z zone.Name, keys []zone.Key) error {
	slices.SortStableFunc(keys, func(a, b zone.Key) int { return cmp.Compare(below(z, a), below(z, b)) })
	for part := range slices.Chunk(keys, forgetAtOnce) {
		var owners []zone.Name
		for _, k := range part {
			if k.Meta == "" { // what is not of a record comes anyway
				owners = append(owners, k.Owner)
			}
		}
		slices.Sort(owners)
		_, err := e.Store.Commit(ctx, z, func(tx *store.Tx) error {
			s, err := tx.Partial(slices.Compact(owners)...)
			if err == nil {
				tx.Drop(e.expired(s))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// below is 0 for what belongs to the zone's own name.
func below(z zone.Name, k zone.Key) int {
	if k.Meta != "" || k.Owner == z {
		return 0
	}
	return 1
}

func (e *expiring) expired(s *zone.State) []zone.Key {
	return append(s.DropAbsents(e.before(e.retention.Absents)), s.DropEnded(e.before(e.retention.Trash))...)
}
