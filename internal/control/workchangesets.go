package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// work wakes the worker of change sets.
type work struct{ wake chan struct{} }

func newWork() work { return work{make(chan struct{}, 1)} }

func (w work) nudge() {
	select {
	case w.wake <- struct{}{}:
	default: // it will look anyway
	}
}

const (
	// setInFlight is how many zones are worked on at once: their commits share synced batches, and an edit that comes
	// meanwhile waits for no more than these.
	setInFlight = 32
	// setAgain is how long the worker waits after something that will pass, as a full disk.
	setAgain = 10 * time.Second
)

// WorkChangeSets does what was begun, one set after the other, the oldest first, until ctx ends. What a stop of the server
// cut off goes on where it was.
func (c *Control) WorkChangeSets(ctx context.Context) error {
	for ctx.Err() == nil {
		s, found, err := c.nextSet()
		if err == nil && found {
			err = c.workSet(ctx, s)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			c.Logger.Error("a change set waits", "set", s.ID, "err", err)
			pause(ctx, setAgain)
		case !found:
			select {
			case <-ctx.Done():
			case <-c.work.wake:
			}
		}
	}
	return nil
}

func (c *Control) nextSet() (next ChangeSet, found bool, err error) {
	all, err := c.sets()
	for _, s := range all {
		if s.open() {
			next, found = s, true
		}
	}
	return next, found, err
}

// workSet takes a set to its next rest.
func (c *Control) workSet(ctx context.Context, s ChangeSet) (err error) {
	if s.State == SetSearching {
		if s, err = c.searchSet(ctx, s); err != nil {
			return err
		}
	}
	for again := true; s.State == SetRunning && err == nil; again = false {
		s, err = c.workChunk(ctx, s, again)
	}
	return err
}

// outcome is what became of one zone of a set.
type outcome struct {
	result  outcomeKind
	edited  bool
	text    string // for people
	outside error  // it could not be tried
}

type outcomeKind int

const (
	outcomeChanged outcomeKind = iota
	outcomeSame
	outcomeSkipped
	outcomeHeld
	outcomeFailed
)

// workChunk does the next row of zones, with the rights of this moment. again says that it may have been begun before, by a
// process that ended.
func (c *Control) workChunk(ctx context.Context, s ChangeSet, again bool) (ChangeSet, error) {
	p, err := c.rightsNow(ctx, s)
	if errors.Is(err, ErrRefused) {
		return c.stopWithoutRights(ctx, s, err)
	}
	if err != nil {
		return s, err
	}
	zones, err := loadSetZones(c.Store, s.ID, s.At)
	if err != nil {
		return s, err
	}
	outcomes := make([]outcome, len(zones))
	var group errgroup.Group
	group.SetLimit(setInFlight)
	for i, z := range zones {
		group.Go(func() error {
			outcomes[i] = c.doOne(ctx, p, s, z, again)
			return outcomes[i].outside
		})
	}
	if err := group.Wait(); err != nil {
		return s, err
	}
	return c.updateSet(ctx, acl.Node(), s.ID, func(_ *store.Tx, now *ChangeSet) error {
		for i, z := range zones {
			now.count(z.Zone, outcomes[i])
		}
		now.At++
		now.Last = c.Store.Synced()
		if now.At >= now.Chunks && now.State == SetRunning {
			now.State, now.Ended = SetDone, c.Now()
		}
		return nil
	})
}

func (s *ChangeSet) count(z zone.Name, o outcome) {
	s.Done++
	switch o.result {
	case outcomeChanged:
		s.Changed++
	case outcomeSame:
		s.Same++
	case outcomeSkipped:
		s.Skipped++
	case outcomeHeld:
		s.Held++
	case outcomeFailed:
		s.Failed++
	}
	if o.edited && o.result == outcomeChanged {
		s.Edited++
	}
	if o.text != "" {
		s.note(z, o.text)
	}
}

// doOne acts on one zone. What keeps all zones from being written is outside: the set waits for it to pass.
func (c *Control) doOne(ctx context.Context, p acl.Principal, s ChangeSet, z SetZone, again bool) outcome {
	if z.Skip != "" {
		return outcome{result: outcomeSkipped, text: z.Skip}
	}
	if again {
		done, err := c.doneIn(s, z)
		if err != nil || done {
			return outcome{outside: err}
		}
	}
	edited, err := c.editedSince(s, z)
	if err != nil {
		return outcome{outside: err}
	}
	r, err := c.actOn(ctx, p, s, z)
	o := outcomeOf(r, err)
	if o.edited = edited != ""; o.edited && o.text == "" && o.result == outcomeChanged {
		o.text = edited
	}
	return o
}

func outcomeOf(r Result, err error) outcome {
	var e *Error
	switch {
	case err == nil && r.Changed:
		return outcome{}
	case err == nil:
		return outcome{result: outcomeSame}
	case !errors.As(err, &e), e.Code == CodeStorageFull, e.Code == CodeUnavailable, e.Code == CodeInternal:
		return outcome{outside: err}
	case e.Code == CodeHeld:
		return outcome{result: outcomeHeld, text: e.Message}
	}
	return outcome{result: outcomeFailed, text: e.Message}
}

// doneIn says that the zone's newest change is the set's.
func (c *Control) doneIn(s ChangeSet, z SetZone) (bool, error) {
	newest, err := c.Store.History(z.Zone, 0, 1)
	if err != nil {
		return false, fmt.Errorf("read history of zone %s: %w", textOf(z.Zone), err)
	}
	return len(newest) == 1 && newest[0].Set == s.ID, nil
}

// editedSince says who changed the zone since it was shown, empty if nobody did.
func (c *Control) editedSince(s ChangeSet, z SetZone) (string, error) {
	if s.Kind == SetUndo {
		return "", nil // what was edited since is left, and said then
	}
	newest, err := c.Store.History(z.Zone, 0, 1)
	if err != nil {
		return "", fmt.Errorf("read history of zone %s: %w", textOf(z.Zone), err)
	}
	if len(newest) == 0 || newest[0].Position == z.Position {
		return "", nil
	}
	return "edited by " + newest[0].Author + " since it was shown; done on what is there now", nil
}

// actOn does what the set is for.
func (c *Control) actOn(ctx context.Context, p acl.Principal, s ChangeSet, z SetZone) (Result, error) {
	switch s.Kind {
	case SetDelete:
		return c.DeleteZone(ctx, p, DeleteRequest{Zone: z.Zone, Meant: s.meant(), Reason: s.Reason, Set: s.ID})
	case SetRestore:
		return c.RestoreZone(ctx, p, RestoreRequest{Zone: z.Zone, Meant: s.meant(), Reason: s.Reason, Set: s.ID})
	case SetHome:
		return c.rehome(ctx, p, s, z.Zone)
	case SetTTL:
		return c.setTTL(ctx, p, s, z.Zone)
	case SetReplace:
		return c.swapIn(ctx, p, s, z.Zone)
	case SetUndo:
		return c.undoOne(ctx, p, s, z)
	}
	return Result{}, fail(CodeInvalid, "kind", "a change set of kind %q is not known here", s.Kind)
}

// searchSet finds the zones of a set.
func (c *Control) searchSet(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	after, err := c.searchZones(ctx, s)
	if errors.Is(err, ErrRefused) {
		return c.stopWithoutRights(ctx, s, err)
	}
	return after, err
}

func (c *Control) searchZones(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	if s.Match != nil {
		return c.searchMatch(ctx, s)
	}
	switch s.Kind {
	case SetUndo:
		return c.searchUndo(ctx, s)
	case SetReplace:
		return c.searchValue(ctx, s)
	}
	return c.cannot(ctx, s, fail(CodeInvalid, "kind", "a change set of kind %q does not search", s.Kind))
}

// found adds zones to a set that searches. A set that was stopped meanwhile stays so.
func (c *Control) found(ctx context.Context, s ChangeSet, zones []SetZone, seen int, cursor string) (ChangeSet, error) {
	return c.updateSet(ctx, acl.Node(), s.ID, func(tx *store.Tx, now *ChangeSet) error {
		now.Seen, now.Cursor = now.Seen+seen, cursor
		for _, z := range zones {
			now.Zones++
			now.Records += z.Records
		}
		for begin := 0; begin < len(zones); begin += setChunk {
			if err := saveSetZones(tx, s.ID, now.Chunks, zones[begin:min(begin+setChunk, len(zones))]); err != nil {
				return err
			}
			now.Chunks++
		}
		return nil
	})
}

// searched ends a search: the set waits, or goes on if that was asked for and the number is the confirmed one.
func (c *Control) searched(ctx context.Context, s ChangeSet) (ChangeSet, error) {
	return c.updateSet(ctx, acl.Node(), s.ID, func(_ *store.Tx, now *ChangeSet) error {
		if now.State != SetSearching {
			return nil
		}
		now.State = SetReady
		if now.Go {
			if err := now.goOn(c.Now(), c.Store.Synced()); err != nil {
				now.note("", err.Error())
			}
		}
		return nil
	})
}
