package api

import "time"

// Event is something that happened at this server, apart from changes of zones.
type Event struct {
	ID       uint64            `json:"id"`
	Time     time.Time         `json:"time"`
	Kind     string            `json:"kind"`
	Severity string            `json:"severity,omitempty"`
	Zone     string            `json:"zone,omitempty"`
	Member   string            `json:"member,omitempty"`
	Author   string            `json:"author,omitempty"`
	Text     string            `json:"text"`
	Fields   map[string]string `json:"fields,omitempty"`
}

// EventList is one page of events, oldest first.
type EventList struct {
	Events []Event `json:"events"`
	Next   uint64  `json:"next" doc:"give as after to get newer ones"`
}

// Version is what this server is.
type Version struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Software    string `json:"software" doc:"what answers DNS here"`
	Fingerprint string `json:"fingerprint" doc:"of this server's key"`
}

// Settings are what root may change while the server runs. The threshold and the clustering switch are set elsewhere.
type Settings struct {
	Nameservers   []string `json:"nameservers" doc:"of new zones that name none"`
	Contact       string   `json:"contact" doc:"RNAME of new zones, as a domain name; empty: hostmaster at the zone"`
	AllowTransfer []string `json:"allow_transfer" doc:"addresses and prefixes that may transfer zones (AXFR)"`

	Brake     *Brake     `json:"brake,omitempty" doc:"when a mass deletion is held; absent: stays"`
	Retention *Retention `json:"retention,omitempty" doc:"how long things are kept; absent: stays"`
}

// Brake says when what one token or member takes away is held until a person decides.
type Brake struct {
	On     bool   `json:"on" default:"true"`
	Share  int    `json:"share" minimum:"1" maximum:"100" default:"30" doc:"percent of the zones that it can reach"`
	Least  int    `json:"least" minimum:"1" maximum:"65536" default:"10" doc:"zones: fewer are never held"`
	Window string `json:"window" default:"10m" doc:"within which they are counted, as 10m or 1h; at most 24h"`
}

// Retention says how long things are kept.
type Retention struct {
	EveryDays     int `json:"every_days" minimum:"1" maximum:"36500" default:"90" doc:"each version of a zone"`
	DailyDays     int `json:"daily_days" minimum:"1" maximum:"36500" default:"365" doc:"the last version of each day"`
	Last          int `json:"last" minimum:"1" maximum:"1000" default:"10" doc:"versions of each zone that are kept whatever their age"`
	TrashDays     int `json:"trash_days" minimum:"1" maximum:"36500" default:"90" doc:"the content of deleted zones: so long restore works"`
	DeletionsDays int `json:"deletions_days" minimum:"1" maximum:"36500" default:"30" doc:"that a record was deleted, against edits elsewhere that had not seen it"`
}
