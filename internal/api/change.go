package api

import "time"

// Change is an entry of the history.
type Change struct {
	ID     uint64       `json:"id"`
	Zone   string       `json:"zone"`
	Time   time.Time    `json:"time"`
	Author string       `json:"author"`
	Kind   string       `json:"kind" example:"edit"`
	Reason string       `json:"reason,omitempty"`
	Source string       `json:"source,omitempty" doc:"where it came from, if not made here"`
	RRsets []RRsetDelta `json:"rrsets,omitempty" doc:"what it replaced and wrote; absent in lists"`
}

// ChangeList is one page of the history, newest first.
type ChangeList struct {
	Changes []Change `json:"changes"`
	Next    uint64   `json:"next,omitempty" doc:"give as before to get older ones; absent on the last page"`
}

// RRsetDelta is one RRset before and after.
type RRsetDelta struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Before []Record `json:"before"`
	After  []Record `json:"after"`
}

// Diff is the difference between two versions of a zone.
type Diff struct {
	Zone   string       `json:"zone"`
	From   uint64       `json:"from" doc:"number of the older change; 0: before the first"`
	To     uint64       `json:"to" doc:"number of the newer change"`
	RRsets []RRsetDelta `json:"rrsets"`
}

// Conflict is a version that is not served although nobody who saw it replaced it.
type Conflict struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind" enum:"value,cname,life,deleted,clone"`
	Zone   string    `json:"zone"`
	Name   string    `json:"name,omitempty"`
	Type   string    `json:"type,omitempty"`
	Author string    `json:"author" doc:"who wrote the version that is not served"`
	Time   time.Time `json:"time" doc:"when"`
	Hidden []Record  `json:"hidden" doc:"what is not served; empty: a deletion"`
	Served []Record  `json:"served" doc:"what is served instead"`
	// ServedAuthor and ServedTime are empty when nothing is served instead.
	ServedAuthor string     `json:"served_author,omitempty"`
	ServedTime   *time.Time `json:"served_time,omitempty"`
}

// ConflictList is the open conflicts.
type ConflictList struct {
	Conflicts []Conflict `json:"conflicts"`
	Next      string     `json:"next,omitempty" doc:"give as after to get the next page; absent on the last"`
}

// Reason says why something is done; it is kept in the history.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}
