package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// HeldState says what was decided about a held change.
type HeldState string

// States of a held change. One of a person or program is forgotten when it is decided about. One of a member is kept
// until the member offers the zone again: released it is taken then, dropped it is refused.
const (
	HeldWaiting  HeldState = "waiting"
	HeldReleased HeldState = "released"
	HeldDropped  HeldState = "dropped"
)

// HeldChange is a change that waits for a person's decision.
type HeldChange struct {
	ID      uint64
	Time    zone.Millis
	Zone    zone.Name
	Kind    string // delete, edit, import, …; of a member's: delete, shrink, create
	Why     string // it is held
	Source  string // whose it is, as release and drop name it: token/ID or member/FINGERPRINT
	Name    string // of the source, for people
	Author  string // who made it
	Reason  string // that was given
	Via     string // token and address
	Before  int    // records that are served
	After   int    // records that it would leave
	State   HeldState
	Decider string // of a decision
	// Position is the sender's, of a member's change.
	Position uint64
}

// member says that the change is not here: the member offers it again.
func (h HeldChange) member() bool { return strings.HasPrefix(h.Source, memberKey("")) }

// The rows of what is held.
const (
	kindHeld        = "held"         // number → heldRow
	kindHeldOf      = "held-of"      // source NUL zone → number
	kindHeldContent = "held-content" // number → the change
	kindHeldTotals  = "held-totals"  // one row
)

// The bounds of what is held. At them a change is refused. A person looks through ten thousand lines at most, and what
// is larger than a change of a hundred thousand records is better confirmed than kept.
const (
	maxHeld        = 10_000
	maxHeldContent = 4 << 20
	maxHeldOctets  = 64 << 20 // of all contents
)

// heldTotals keeps the bounds without reading all rows.
type heldTotals struct {
	Last    uint64 // number given
	Count   int
	Waiting int
	Octets  int
}

// heldRow is a HeldChange as it is stored: a name's wire form is no valid JSON string.
type heldRow struct {
	HeldChange
	Zone   string
	Octets int
}

func heldID(id uint64) string { return fmt.Sprintf("%016x", id) }

func heldOfID(source string, z zone.Name) string { return source + "\x00" + string(z) }

// heldOf finds what is held of a source and zone.
func heldOf(r records, source string, z zone.Name) (h heldRow, found bool, err error) {
	id, found, err := load[uint64](r, kindHeldOf, heldOfID(source, z))
	if err != nil || !found {
		return h, false, err
	}
	h, found, err = load[heldRow](r, kindHeld, heldID(id))
	h.HeldChange.Zone = z
	return h, found, err
}

// errHeldFull says that nothing more can be held.
var errHeldFull = errors.New("as much is held as can be")

// hold keeps a change; a newer one of the same source and zone takes the place of the older. It returns its number.
func hold(tx *store.Tx, h HeldChange, content []byte) (uint64, error) {
	totals, _, err := load[heldTotals](tx, kindHeldTotals, "")
	if err != nil {
		return 0, err
	}
	old, found, err := heldOf(tx, h.Source, h.Zone)
	if err != nil {
		return 0, err
	}
	if found {
		h.ID = old.ID
		totals.leave(old)
	} else {
		totals.Last++
		h.ID = totals.Last
	}
	totals.Count++
	totals.Waiting++
	totals.Octets += len(content)
	if totals.Count > maxHeld || len(content) > maxHeldContent || totals.Octets > maxHeldOctets {
		return 0, errHeldFull
	}
	h.State = HeldWaiting
	if len(content) > 0 {
		tx.PutRecord(kindHeldContent, heldID(h.ID), content)
	}
	row := heldRow{HeldChange: h, Zone: h.Zone.String(), Octets: len(content)}
	row.HeldChange.Zone = ""
	return h.ID, errors.Join(
		save(tx, kindHeld, heldID(h.ID), row),
		save(tx, kindHeldOf, heldOfID(h.Source, h.Zone), h.ID),
		save(tx, kindHeldTotals, "", totals),
	)
}

// leave takes a row out of the totals.
func (t *heldTotals) leave(h heldRow) {
	t.Count--
	t.Octets -= h.Octets
	if h.State == HeldWaiting {
		t.Waiting--
	}
}

// unhold forgets a held change.
func unhold(tx *store.Tx, h heldRow) error {
	totals, _, err := load[heldTotals](tx, kindHeldTotals, "")
	if err != nil {
		return err
	}
	totals.leave(h)
	tx.DeleteRecord(kindHeld, heldID(h.ID))
	tx.DeleteRecord(kindHeldContent, heldID(h.ID))
	tx.DeleteRecord(kindHeldOf, heldOfID(h.Source, h.HeldChange.Zone))
	return save(tx, kindHeldTotals, "", totals)
}

// decide keeps a decision about a member's change.
func decide(tx *store.Tx, h heldRow, state HeldState, by string) error {
	totals, _, err := load[heldTotals](tx, kindHeldTotals, "")
	if err != nil {
		return err
	}
	if h.State == HeldWaiting && state != HeldWaiting {
		totals.Waiting--
	}
	h.State, h.Decider = state, by
	h.HeldChange.Zone = ""
	return errors.Join(save(tx, kindHeld, heldID(h.ID), h), save(tx, kindHeldTotals, "", totals))
}

// Held lists what is held, the oldest first.
func (c *Control) Held(_ context.Context, p acl.Principal) ([]HeldChange, error) {
	if err := allowed(p, acl.ReadHistory); err != nil {
		return nil, err
	}
	rows, err := c.heldRows()
	if err != nil {
		return nil, err
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return nil, err
	}
	list := make([]HeldChange, 0, len(rows))
	for _, row := range rows {
		seen, err := c.seesZone(sight, row.HeldChange.Zone)
		if err != nil {
			return nil, err
		}
		if seen && (p.Root || !row.member() || allowed(p, acl.ReadMembers) == nil) {
			list = append(list, row.HeldChange)
		}
	}
	return list, nil
}

func (c *Control) heldRows() ([]heldRow, error) {
	all, err := loadAll[heldRow](c.Store, kindHeld)
	if err != nil {
		return nil, err
	}
	rows := make([]heldRow, 0, len(all))
	for _, row := range all {
		if row.HeldChange.Zone, err = zone.ParseName(row.Zone); err != nil {
			return nil, fmt.Errorf("read held change %d: %w", row.ID, err)
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b heldRow) int { return cmp.Compare(a.ID, b.ID) })
	return rows, nil
}

// HeldCount is how many changes wait for a decision.
func (c *Control) HeldCount() int {
	totals, _, err := load[heldTotals](c.Store, kindHeldTotals, "")
	if err != nil {
		return 0
	}
	return totals.Waiting
}

// holdWrite keeps a write of a person or program instead of making it. The state has it applied and is thrown away.
func (c *Control) holdWrite(tx *store.Tx, p acl.Principal, w zoneWrite, change zone.Change, h HeldChange, tell bool) (uint64, error) {
	h.Time, h.Zone, h.Kind, h.Author, h.Reason, h.Via = c.Now(), w.zone, w.kind, change.Author, w.reason, p.Via()
	h.Why = c.BrakeRule().Why()
	id, err := hold(tx, h, zone.AppendChange(nil, change))
	if errors.Is(err, errHeldFull) {
		return 0, fail(CodeRefused, textOf(w.zone), "the brake is on, and no more changes can be held").
			hint("decide about those that are: zonefleet change held").because(err)
	}
	if err == nil && tell {
		c.tellHeld(tx, h)
	}
	return id, err
}

// tellHeld makes one event of all that is held of a source in a row.
func (c *Control) tellHeld(tx *store.Tx, h HeldChange) {
	e := store.Event{
		Time: c.Now(), Kind: "held", Severity: severityAlarm, Zone: h.Zone, Author: h.Author,
		Text: fmt.Sprintf("the brake holds what %s takes away, first %s of zone %s: %s", h.Name, h.Kind, textOf(h.Zone), h.Why),
	}
	if h.member() {
		e.Member = h.Name
	}
	e.Fields = map[string]string{"notify": "yes"}
	tx.AppendEvent(e)
}

func heldError(z zone.Name, id uint64, why string) error {
	e := fail(CodeHeld, textOf(z), "held: %s", why).hint("a person decides: zonefleet change held")
	e.Held = id
	return e
}
