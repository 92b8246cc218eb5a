package api

import "time"

// ChangeSet is one act on many zones: searched, shown, confirmed, done in the background and undone as one.
type ChangeSet struct {
	ID        uint64    `json:"id" doc:"a number of this server's"`
	Kind      string    `json:"kind" example:"delete"`
	State     string    `json:"state" enum:"searching,ready,running,done,stopped" doc:"ready waits for somebody who confirms it"`
	Does      string    `json:"does" doc:"what it does, for people"`
	Author    string    `json:"author"`
	Reason    string    `json:"reason,omitempty"`
	Begun     time.Time `json:"begun"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	Zones     int       `json:"zones" doc:"that it is about"`
	Records   int       `json:"record_count" doc:"in them, or of them"`
	Seen      int       `json:"seen,omitempty" doc:"zones looked at while it searched"`
	Done      int       `json:"done" doc:"zones worked on: those of the next five"`
	Changed   int       `json:"changed"`
	Same      int       `json:"same" doc:"there was nothing to do any more"`
	Held      int       `json:"held" doc:"by the brake"`
	Skipped   int       `json:"skipped"`
	Failed    int       `json:"failed"`
	Edited    int       `json:"edited" doc:"of those changed: edited since they were shown; it was done on what is there now"`
	Notes     []SetNote `json:"notes,omitempty" doc:"what was skipped, held, failed or edited since: the first hundred"`
	Undoes    uint64    `json:"undoes,omitempty" doc:"the change set that it undoes"`
	UndoneBy  uint64    `json:"undone_by,omitempty"`
	Why       string    `json:"why,omitempty" doc:"why it was stopped, where no person did"`
	Resumable bool      `json:"resumable,omitempty" doc:"it was stopped before its end and can go on"`
}

// SetNote says what became of a zone of a change set.
type SetNote struct {
	Zone string `json:"zone,omitempty"`
	Text string `json:"text"`
}

// ChangeSetList is all change sets that are kept, newest first.
type ChangeSetList struct {
	ChangeSets []ChangeSet `json:"changesets"`
}

// SetZone is a zone of a change set.
type SetZone struct {
	Zone    string `json:"zone"`
	Change  uint64 `json:"change" doc:"its newest change when it was shown; of an undo, the change to undo"`
	Records int    `json:"record_count"`
	Example string `json:"example,omitempty" doc:"of what will change"`
	Skip    string `json:"skip,omitempty" doc:"why nothing will be done"`
}

// SetZoneList is one page of them.
type SetZoneList struct {
	Zones []SetZone `json:"zones"`
	Next  *int      `json:"next,omitempty" doc:"give as page to get the next; absent on the last"`
}

// NewChangeSet begins a change set.
type NewChangeSet struct {
	Zones   []string   `json:"zones,omitempty" maxItems:"1000000"`
	Match   *ZoneMatch `json:"match,omitempty" doc:"instead of zones: all that are like that, for a deletion, a TTL and a home"`
	Go      bool       `json:"go,omitempty" doc:"do it as soon as its zones are known; otherwise it waits for /changesets/{id}/do"`
	Confirm int        `json:"confirm,omitempty" minimum:"0" doc:"number of zones that a person was shown and confirmed: if it is about another number, it waits; from 2 on the brake does not count them"`
	Reason  string     `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}

// ZoneMatch is all zones that a list shows when it is narrowed like that. Without any field it is all zones.
type ZoneMatch struct {
	Search string `json:"search,omitempty" maxLength:"255" doc:"part of the name"`
	Owner  string `json:"owner,omitempty" maxLength:"255"`
	Home   string `json:"home,omitempty" maxLength:"255" doc:"name of the server that is home"`
	State  string `json:"state,omitempty" enum:"conflict,held,behind"`
	Listed int    `json:"listed,omitempty" minimum:"0" doc:"how many of them were seen counted: if others are found, a note says so"`
}

// DeleteOrRestore deletes zones, or restores deleted ones, as one change set.
type DeleteOrRestore struct {
	Kind string `json:"kind" enum:"delete,restore"`
	NewChangeSet
}

// Confirmation has a change set done that waits.
type Confirmation struct {
	Confirm int `json:"confirm,omitempty" minimum:"0" doc:"number of zones that a person was shown; it must be that of the change set. Absent: nobody was shown it, and the brake counts them"`
}

// SetTTL gives all records of zones a TTL, SOA and NS too.
type SetTTL struct {
	NewChangeSet
	TTL uint32 `json:"ttl" minimum:"1" maximum:"2147483647" example:"14400"`
}

// ReplaceValue replaces a value in all zones. Zones are searched for, not given.
type ReplaceValue struct {
	From    string `json:"from" example:"203.0.113.10" doc:"an address, for A and AAAA records; or a host name, for CNAME, MX, NS and SRV records"`
	To      string `json:"to" example:"198.51.100.7" doc:"another of the same kind"`
	Go      bool   `json:"go,omitempty" doc:"do it as soon as its zones are known; otherwise it waits for /changesets/{id}/do"`
	Confirm int    `json:"confirm,omitempty" minimum:"0" doc:"number of zones that a person was shown and confirmed: if it is about another number, it waits"`
	Reason  string `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}

// MoveHome makes another server the home of zones.
type MoveHome struct {
	NewChangeSet
	Home string `json:"home" example:"ns1.example.net" doc:"this server's name or a member's"`
}
