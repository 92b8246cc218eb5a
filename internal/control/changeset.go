package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SetKind says what a change set does to its zones.
type SetKind string

// The kinds of change sets.
const (
	SetDelete  SetKind = "delete"
	SetRestore SetKind = "restore"
	SetHome    SetKind = "home"    // another server becomes their home
	SetTTL     SetKind = "ttl"     // of all their records
	SetReplace SetKind = "replace" // a value by another one, wherever it stands
	SetUndo    SetKind = "undo"    // of another change set
)

// SetState says how far a change set is.
type SetState string

// The states of a change set.
//
//	searching → ready → running → done
//	    \         \        \----→ stopped → where it was before
//	     \---------\------------→ stopped → where it was before
const (
	SetSearching SetState = "searching" // its zones are looked for
	SetReady     SetState = "ready"     // it waits for a person who has seen what it will do
	SetRunning   SetState = "running"
	SetDone      SetState = "done"
	SetStopped   SetState = "stopped" // by a person, or for Why: what it did stays, and can be undone
)

// Over says that nothing happens any more unless somebody resumes it.
func (s SetState) Over() bool { return s == SetDone || s == SetStopped }

// ChangeSet is one act on many zones: searched, shown, confirmed, done in the background a few zones at a time, and undone
// as one. Each zone has its own change in the history, which names the set. It is kept in the store, so that a restart goes
// on where it was.
type ChangeSet struct {
	ID     uint64 // a number of this node's
	Kind   SetKind
	State  SetState
	By     acl.Principal // who began it; it never may more than this one did then, or may now
	Author string
	Reason string
	SetParams
	Why string `json:",omitempty"` // it was stopped by no person

	// ResumedBy answers for it since it went on after a stop; the zero Principal: By does.
	ResumedBy acl.Principal `json:",omitzero"`
	Resumed   zone.Millis   `json:",omitzero"`

	Begun, Confirmed, Ended zone.Millis

	Seen    int // zones looked at while it searched
	Zones   int // that it is about
	Records int // of them that it is about, where it is about some of each zone
	Confirm int // number of zones that a person was shown and confirmed; 0: nobody
	Go      bool

	Done    int // zones worked on, which are those of the next five
	Changed int
	Same    int // there was nothing to do any more
	Held    int // held by the brake
	Skipped int
	Failed  int
	Edited  int // of those changed: edited since they were shown; it was done on what is there now

	Notes    []SetNote // of what was skipped, failed, held or edited since: the first hundred
	UndoneBy uint64    // the newest change set that undoes this one

	// Its changes have positions above First, up to Last.
	First, Last store.Position

	Chunks, At int    // rows of zones; which is next
	Cursor     string // of the search: the last zone looked at
}

// SetParams is what a kind needs to know.
type SetParams struct {
	Home   string // SetHome: "name key" of the server
	TTL    uint32 // SetTTL
	From   string // SetReplace: an address or a host name
	To     string
	Undoes uint64 // SetUndo
	// Match: of SetDelete, SetHome and SetTTL all zones that are like that, instead of zones that are given.
	Match *ZoneMatch `json:",omitempty"`
}

// SetNote says what became of a zone.
type SetNote struct{ Zone, Text string }

const maxSetNotes = 100

func (s *ChangeSet) note(z zone.Name, text string) {
	if len(s.Notes) < maxSetNotes {
		s.Notes = append(s.Notes, SetNote{textOf(z), text})
	}
}

// meant says that a person was shown the number of zones. One zone says nothing about how many will follow.
func (s *ChangeSet) meant() bool { return s.Confirm == s.Zones && s.Zones > 1 }

// SetZone is a zone of a change set, as it was when it was shown.
type SetZone struct {
	Zone     zone.Name
	Position store.Position // of its newest change then; of a SetUndo, of the change to undo
	Records  int            // that it is about
	Example  string         // of what will change, for people
	Skip     string         // why nothing will be done
}

// The rows of change sets.
const (
	kindSet      = "set"       // number → ChangeSet
	kindSetZones = "set-zones" // number, chunk → zones
	settingSets  = "change-sets"
)

// The bounds of change sets.
const (
	maxSets     = 200       // of one user: older ones that are over, or wait, go; their changes stay
	maxSetsOwn  = 5         // of those under way that one user has who is not root
	maxSetsOpen = 20        // that search, wait or run: there is one worker
	maxSetZones = 1_000_000 // of one: as many as a server is made for
	setChunk    = 100       // zones in a row: between two rows a set can be stopped, and is shown afresh
)

func setID(id uint64) string { return fmt.Sprintf("%016x", id) }

func setZonesID(id uint64, chunk int) string { return fmt.Sprintf("%016x-%08x", id, chunk) }

// setZoneRow is a SetZone as it is stored: a name's wire form is no valid JSON string.
type setZoneRow struct {
	SetZone
	Zone string
}

func saveSetZones(tx *store.Tx, id uint64, chunk int, zones []SetZone) error {
	rows := make([]setZoneRow, len(zones))
	for i, z := range zones {
		rows[i] = setZoneRow{SetZone: z, Zone: z.Zone.String()}
		rows[i].SetZone.Zone = ""
	}
	return save(tx, kindSetZones, setZonesID(id, chunk), rows)
}

func loadSetZones(r records, id uint64, chunk int) ([]SetZone, error) {
	rows, _, err := load[[]setZoneRow](r, kindSetZones, setZonesID(id, chunk))
	if err != nil {
		return nil, err
	}
	zones := make([]SetZone, len(rows))
	for i, row := range rows {
		zones[i] = row.SetZone
		if zones[i].Zone, err = zone.ParseName(row.Zone); err != nil {
			return nil, fmt.Errorf("read zones of change set %d: %w", id, err)
		}
	}
	return zones, nil
}

// changeSet returns one that p began; root's are all. Whose it is not hears what somebody hears who asks for none.
func (c *Control) changeSet(r records, p acl.Principal, id uint64) (ChangeSet, error) {
	s, found, err := load[ChangeSet](r, kindSet, setID(id))
	if err != nil {
		return s, err
	}
	if !found || !p.Root && s.By.User != p.User {
		return ChangeSet{}, fail(CodeNotFound, fmt.Sprintf("change set %d", id), "there is no such change set here, or it is no longer kept")
	}
	return s, nil
}

// updateSet changes the row of a set where nothing else does.
func (c *Control) updateSet(ctx context.Context, p acl.Principal, id uint64, f func(tx *store.Tx, s *ChangeSet) error) (s ChangeSet, err error) {
	err = c.commitRecords(ctx, fmt.Sprintf("change set %d", id), func(tx *store.Tx) error {
		if s, err = c.changeSet(tx, p, id); err != nil {
			return err
		}
		return errors.Join(f(tx, &s), save(tx, kindSet, setID(id), s))
	})
	return s, err
}

// sets returns all of them, newest first.
func (c *Control) sets() ([]ChangeSet, error) {
	rows, err := loadAll[ChangeSet](c.Store, kindSet)
	if err != nil {
		return nil, err
	}
	list := make([]ChangeSet, 0, len(rows))
	for _, s := range rows {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b ChangeSet) int { return int(b.ID) - int(a.ID) })
	return list, nil
}
