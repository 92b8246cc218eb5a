package control

import (
	"cmp"
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// standing is how a member's change stands with what is held of the member and zone.
type standing struct {
	held  heldRow
	known bool        // held is one
	hold  *HeldChange // what is to be held now; nil: what is held stays as it is
	tell  bool
}

// errHold ends the commit of a change that is held: nothing of it is kept.
var errHold = errors.New("held")

func (r *receiving) released() bool { return r.known && r.held.State == HeldReleased }

// forget forgets what is held of a zone that the member has offered once more, and that may come in.
func (r *receiving) forget(tx *store.Tx) error {
	if !r.known {
		return nil
	}
	return unhold(tx, r.held)
}

// brake lets a join pass, or holds it.
func (r *receiving) brake(tx *store.Tx, s *zone.State, before zone.Vector, l lossSeen) error {
	meant := r.meant || r.taker.meant || r.released()
	switch {
	case !l.takes():
		return r.forget(tx)
	case meant:
		return errors.Join(noteMeant(tx, s.Zone, true), r.forget(tx))
	case r.known && r.held.State == HeldDropped:
		return errHold
	}
	kind := "shrink"
	if l.deleted {
		kind = "delete"
	}
	author, _ := newestOf(before, r.delta)
	h := HeldChange{Kind: kind, Why: r.control.BrakeRule().Why(), Author: author, Before: l.before, After: l.after}
	if r.known { // the member has written more to a zone that waits
		return r.holdAs(h)
	}
	j, err := r.control.judge(r.taker, s.Zone, r.lostAt(before), l.deleted)
	if err != nil {
		return err
	}
	if j.held {
		r.tell = j.tell
		return r.holdAs(h)
	}
	return noteMeant(tx, s.Zone, false)
}

// holdName holds a zone whose name is not the member's to give.
func (r *receiving) holdName(why string) error {
	if r.known && r.held.State == HeldDropped {
		return errHold
	}
	r.tell = r.control.firstForAWhile(r.taker.key)
	return r.holdAs(HeldChange{Kind: "create", Why: why})
}

func (r *receiving) holdAs(h HeldChange) error {
	h.Time, h.Zone, h.Source, h.Name, h.Position = r.control.Now(), r.delta.Zone, r.taker.key, r.source.Name, r.outcome.Position
	r.hold = &h
	return errHold
}

// holdJoin keeps that a change of a member was held, and answers it.
func (c *Control) holdJoin(ctx context.Context, st standing, o Outcome) (Outcome, error) {
	o.Result = Refused
	if st.hold == nil {
		o.Reason = cluster.HeldReason("dropped by " + st.held.Decider)
		return o, nil
	}
	o.Reason = cluster.HeldReason(st.hold.Why)
	_, err := c.Store.Commit(ctx, "", func(tx *store.Tx) error {
		if _, err := hold(tx, *st.hold, nil); err != nil {
			return err
		}
		if st.tell {
			c.tellHeld(tx, *st.hold)
		}
		return nil
	})
	if errors.Is(err, errHeldFull) { // it is offered again, when there may be room
		o.Reason, err = cluster.HeldReason("the list of what is held there is full"), nil
	}
	return o, err
}

// recordCount is how many records a zone has, and how many of them are in the part of it that is loaded.
type recordCount struct {
	live        bool
	all, loaded int
	hidden      int // in conflicts: not served, and not lost
}

// recordsBefore counts before a join. Of a whole state the head knows it.
func recordsBefore(h store.Head, s *zone.State, owners []zone.Name) recordCount {
	n := recordCount{live: h.Live, all: h.Records, loaded: h.Records}
	if n.live && owners != nil {
		n.loaded = countRecords(contentOf(s))
	}
	if n.live {
		n.hidden = hiddenRecords(s)
	}
	return n
}

// hiddenRecords counts what conflicts keep from being served.
func hiddenRecords(s *zone.State) (n int) {
	for _, c := range s.Conflicts() {
		switch c.Kind {
		case zone.ConflictLife:
			if v, ok := s.LifeView(c.Key.Life); ok {
				n += countRecords(v.RRsets)
			}
		case zone.ConflictValue, zone.ConflictCNAME:
			if set := valueOf(c.Key, []zone.Version{c.Hidden}); set != nil && c.Key.Meta == "" {
				n += len(set.Data)
			}
		}
	}
	return n
}

// lossIn compares with the state after the join. A part that holds no more than half of the records cannot lose more
// than half of them. What two servers wrote apart and the join hides is not taken away: it is listed as a conflict.
func (n recordCount) lossIn(s *zone.State) lossSeen {
	if !n.live || 2*n.loaded <= n.all {
		return lossSeen{}
	}
	_, lives := s.Life()
	l := lossSeen{before: n.all, deleted: !lives}
	if lives {
		l.after = n.all - n.loaded + countRecords(contentOf(s))
		if l.takes() {
			l.after += max(0, hiddenRecords(s)-n.hidden)
		}
	}
	return l
}

// lostAt is when the member took away what the delta takes away: the time of the newest end or deletion that is new
// here. Where none of them travels any more it is the newest version, and now where there is none.
func (r *receiving) lostAt(before zone.Vector) zone.Millis {
	var at zone.Millis
	for _, k := range r.delta.Keys {
		for _, v := range k.Versions {
			if (v.Absent || k.Key.Meta == zone.MetaEnd) && !before.Covers(v.Dot) {
				at = max(at, v.Time)
			}
		}
	}
	_, newest := newestOf(before, r.delta)
	return cmp.Or(at, newest, r.taker.asked)
}

// firstForAWhile says that nothing was held of a source for the length of the window, which makes it worth an event.
func (c *Control) firstForAWhile(key string) bool {
	c.brakes.mu.Lock()
	defer c.brakes.mu.Unlock()
	l, now := c.lossesOf(key), c.Now()
	window := zone.Millis(c.BrakeRule().WithDefaults().Window.Milliseconds())
	tell := l.Held == 0 || now-l.Held >= window
	l.Held = now
	return tell
}

// ReleasedOf lists what was released of a member and has not been offered again.
func (c *Control) ReleasedOf(fingerprint string) ([]HeldChange, error) {
	rows, err := c.heldRows()
	if err != nil {
		return nil, err
	}
	var list []HeldChange
	for _, h := range rows {
		if h.State == HeldReleased && h.Source == memberKey(fingerprint) {
			list = append(list, h.HeldChange)
		}
	}
	return list, nil
}

// ReleasedElsewhere notes that a person released, at a member, what was taken away of a zone here: no other server
// holds it again.
func (c *Control) ReleasedElsewhere(ctx context.Context, z zone.Name) error {
	return c.commitRecords(ctx, textOf(z), func(tx *store.Tx) error { return noteMeant(tx, z, true) })
}
