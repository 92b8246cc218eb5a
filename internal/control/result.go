package control

import (
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Result is returned by every write to a zone.
type Result struct {
	Zone     zone.Name
	Changed  bool           // false: there was nothing to do and nothing was committed
	Position store.Position // sequence number of the change, where `wait` starts; the newest one if not Changed
	Serial   uint32
	ETag     string
	Warnings []string       // for people
	Findings []zone.Finding // lint warnings of what was written
}

// Difference is one RRset, or one metadata value, before and after. A nil side means that there was, or is, none.
type Difference struct {
	Owner  zone.Name
	Type   zone.Type
	Meta   string // name of the metadata value; then Owner and Type are zero
	Before *zone.RRset
	After  *zone.RRset
	// BeforeMeta and AfterMeta are the texts of a metadata value.
	BeforeMeta, AfterMeta string
}
