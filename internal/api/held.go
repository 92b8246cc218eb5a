package api

import "time"

// HeldChange is a change that waits for a person's decision: the brake took it for part of a mass deletion, or a member
// brings a zone whose name is not its to give.
type HeldChange struct {
	ID      uint64    `json:"id"`
	Time    time.Time `json:"time"`
	Zone    string    `json:"zone"`
	Kind    string    `json:"kind" example:"delete" doc:"as in the history; of a member's change: delete, shrink or create"`
	Why     string    `json:"why" doc:"why it is held"`
	Source  string    `json:"source" doc:"token/ID or member/FINGERPRINT, for release and drop"`
	Name    string    `json:"source_name" doc:"of the source, for people"`
	Author  string    `json:"author,omitempty"`
	Reason  string    `json:"reason,omitempty" doc:"that was given with it"`
	Via     string    `json:"via,omitempty" doc:"token and address"`
	Before  int       `json:"records_before" doc:"records that the zone had then"`
	After   int       `json:"records_after" doc:"records that it would leave"`
	State   string    `json:"state" enum:"waiting,released,dropped" doc:"released and dropped: of a member's change, until it is offered again"`
	Decider string    `json:"decided_by,omitempty"`
}

// HeldList is what is held at this server.
type HeldList struct {
	Held []HeldChange `json:"held"`
}

// HeldSelection names held changes.
type HeldSelection struct {
	IDs    []uint64 `json:"ids,omitempty" maxItems:"10000"`
	Source string   `json:"source,omitempty" doc:"all that wait of one source"`
	All    bool     `json:"all,omitempty" doc:"all that wait"`
	Reason string   `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history and the events"`
}

// HeldDecision is what became of one held change.
type HeldDecision struct {
	ID      uint64   `json:"id"`
	Zone    string   `json:"zone"`
	Change  uint64   `json:"change,omitempty" doc:"number of the change that was made; absent for a member's, which is asked for and comes by itself"`
	Problem *Problem `json:"problem,omitempty" doc:"what was in the way: it stays held"`
}

// HeldDecisions answers release and drop.
type HeldDecisions struct {
	Done    int            `json:"done"`
	Results []HeldDecision `json:"results"`
}

// DeleteZones deletes several zones.
type DeleteZones struct {
	Zones   []string `json:"zones" minItems:"1" maxItems:"10000"`
	Confirm int      `json:"confirm,omitempty" doc:"number of zones that a person was shown and confirmed: it must be that of zones, and at least 2; then the brake does not count them"`
	Reason  string   `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}

// DeletedZone is what became of one of them.
type DeletedZone struct {
	Zone    string   `json:"zone"`
	Change  uint64   `json:"change,omitempty" doc:"number of the change at this server"`
	Problem *Problem `json:"problem,omitempty" doc:"why it was not deleted; code held: not yet"`
}

// DeletedZones answers a deletion of several zones.
type DeletedZones struct {
	Deleted int           `json:"deleted"`
	Held    int           `json:"held" doc:"that wait for a person's decision"`
	Failed  int           `json:"failed"`
	Results []DeletedZone `json:"results"`
	Reach   *Reach        `json:"reach,omitempty" doc:"with wait: where the deletions are served"`
}
