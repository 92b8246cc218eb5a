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
	ETag   string       `json:"etag" doc:"of the zone after it"`
	Keys   int          `json:"rrset_count" doc:"how many RRsets it touched"`
	Set    uint64       `json:"changeset,omitempty" doc:"the act on many zones that it is part of"`
	RRsets []RRsetDelta `json:"rrsets,omitempty" doc:"what it replaced and wrote; absent in lists"`
}

// ChangeList is one page of the history, newest first.
type ChangeList struct {
	Changes []Change `json:"changes"`
	Next    uint64   `json:"next,omitempty" doc:"give as before to get older ones; absent on the last page"`
	Partly  bool     `json:"partly,omitempty" doc:"the search for an author stopped after 5,000 changes; next goes on"`
}

// RRsetDelta is one RRset, or one value of the zone's metadata, before and after. An empty side means none.
type RRsetDelta struct {
	Name       string   `json:"name,omitempty"`
	Type       string   `json:"type,omitempty"`
	Before     []Record `json:"before"`
	After      []Record `json:"after"`
	Meta       string   `json:"meta,omitempty" doc:"name of the metadata value, instead of name and type"`
	BeforeMeta string   `json:"before_meta,omitempty"`
	AfterMeta  string   `json:"after_meta,omitempty"`
}

// Diff is the difference between two versions of a zone.
type Diff struct {
	Zone   string       `json:"zone"`
	From   uint64       `json:"from" doc:"number of the older change; 0: before the first"`
	To     uint64       `json:"to" doc:"number of the newer change"`
	RRsets []RRsetDelta `json:"rrsets"`
}

// Conflict is a version, or a life of a zone, that is not served although nobody who saw it replaced it.
type Conflict struct {
	ID     string `json:"id" doc:"the same on every server"`
	Kind   string `json:"kind" enum:"value,cname,life,deleted,clone"`
	Zone   string `json:"zone"`
	Name   string `json:"name,omitempty"`
	Type   string `json:"type,omitempty"`
	Meta   string `json:"meta,omitempty" doc:"name of the metadata value, instead of name and type"`
	Hidden Side   `json:"hidden" doc:"what is not served"`
	Served *Side  `json:"served,omitempty" doc:"what is served instead; absent: nothing"`
}

// Side is one side of a conflict.
type Side struct {
	Author  string    `json:"author" doc:"who wrote it"`
	Time    time.Time `json:"time" doc:"when"`
	Deleted bool      `json:"deleted,omitempty" doc:"it is a deletion"`
	Records []Record  `json:"records,omitempty" doc:"of a whole life of a zone only when one conflict is asked for"`
	Meta    string    `json:"meta,omitempty"`
	Life    *Life     `json:"life,omitempty" doc:"of a conflict between whole zones"`
}

// Life is one of several zones of the same name.
type Life struct {
	Owner   string    `json:"owner"`
	Home    string    `json:"home"`
	Created time.Time `json:"created"`
	Count   int       `json:"record_count"`
}

// Choose settles a conflict.
type Choose struct {
	Choice string `json:"choice" enum:"hidden,served,merge" doc:"hidden: serve what is hidden; served: keep what is served and drop the other from the list; merge: the records of both"`
	Reason string `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
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

// Restore brings a zone back.
type Restore struct {
	Change  uint64   `json:"change,omitempty" doc:"as it was after that change; absent: as it was before its deletion"`
	Content *Content `json:"content,omitempty" doc:"this content instead, from a backup"`
	Confirm int      `json:"confirm,omitempty" minimum:"0" doc:"number of zones that a person was shown and confirmed, of which this is one: from 2 on the brake does not count it"`
	Reason  string   `json:"reason,omitempty" maxLength:"1000"`
}

// Content is what a zone served when a backup was made.
type Content struct {
	Records []Record `json:"records" minItems:"1" doc:"all of them, SOA too; what is not among them is deleted"`
	Owner   string   `json:"owner,omitempty" doc:"account that owns the zone if it has to be made anew"`
	Stamp   string   `json:"stamp,omitempty" doc:"first lines of the zone file, as a panel wrote them"`
}
