package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// cloneRegister keeps the last time that two changes under one number were seen.
const cloneRegister = "clone"

// cloneShown is how long the status says so: two running copies of a data folder give numbers twice all the time.
const cloneShown = 24 * time.Hour

// clone says that two servers write under one node id.
type clone struct {
	Seen   zone.Millis
	Zone   string
	Member string // who brought the other change
	Nodes  []string
}

func (a clone) text() string {
	return fmt.Sprintf("two data folders write under one node id (%s), seen in zone %s from %s: one is a copy of the other; both changes are kept, see conflict list",
		strings.Join(a.Nodes, ", "), a.Zone, a.Member)
}

// alarm says that a node was copied, or was put back to an older state of itself and wrote on: two changes under one dot.
func (r *receiving) alarm(tx *store.Tx, clones []zone.Dot) {
	if len(clones) == 0 {
		return
	}
	a := clone{Seen: r.control.Now(), Zone: textOf(r.delta.Zone), Member: r.source.Name}
	for _, d := range clones {
		if n := fmt.Sprintf("%x", d.Node); !slices.Contains(a.Nodes, n) {
			a.Nodes = append(a.Nodes, n)
		}
	}
	slices.Sort(a.Nodes)
	tx.AppendEvent(store.Event{
		Time: a.Seen, Kind: "clone", Severity: severityAlarm, Zone: r.delta.Zone, Member: r.source.Name, Text: a.text(),
		Fields: map[string]string{"notify": "yes"},
	})
	if b, err := encodeRow(a); err == nil {
		r.control.Store.SetRegister(cloneRegister, b)
	}
}

// cloneSeen is the last one, if it was lately.
func (c *Control) cloneSeen() (a clone, lately bool) {
	b, ok := c.Store.Register(cloneRegister)
	if !ok || decodeRow(b, &a) != nil {
		return a, false
	}
	return a, c.Now()-a.Seen < zone.Millis(cloneShown.Milliseconds())
}
