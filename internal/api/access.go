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

// ClusterLog is the newest transactions of members in debug mode, newest first.
type ClusterLog struct {
	Transactions []Transaction `json:"transactions"`
}

// Transaction is something that was said to a member, or by it.
type Transaction struct {
	Time      string  `json:"time"`
	Member    string  `json:"member"`
	Direction string  `json:"direction" enum:"sent,received"`
	What      string  `json:"what"`
	Zone      string  `json:"zone,omitempty"`
	Serial    uint32  `json:"serial,omitempty"`
	Bytes     int     `json:"bytes"`
	Millis    float64 `json:"ms"`
	Result    string  `json:"result"`
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
	NewZones  *NewZones  `json:"new_zones,omitempty" doc:"what new zones get; absent: stays"`
	Doors     *Doors     `json:"doors,omitempty" doc:"who may connect, as the configuration says; it is changed there"`
}

// NewZones says what new zones get, and how serials go on.
type NewZones struct {
	Refresh      uint32   `json:"refresh" minimum:"1" maximum:"2147483647" default:"3600" doc:"of the SOA, in seconds"`
	Retry        uint32   `json:"retry" minimum:"1" maximum:"2147483647" default:"1800"`
	Expire       uint32   `json:"expire" minimum:"1" maximum:"2147483647" default:"1209600"`
	Minimum      uint32   `json:"minimum" minimum:"1" maximum:"2147483647" default:"86400" doc:"how long it is kept that a name does not exist"`
	TTL          uint32   `json:"ttl" minimum:"1" maximum:"2147483647" default:"86400" doc:"of SOA and NS"`
	Serial       string   `json:"serial" enum:"counter,date,unix" default:"counter" doc:"of zones that change here: one more, YYYYMMDDnn, or seconds since 1970; never back"`
	Addresses    []string `json:"addresses" maxItems:"13" doc:"of nameservers, as ns1.example.net=192.0.2.1,2001:db8::1"`
	OwnAddresses bool     `json:"own_addresses" default:"true" doc:"a new zone that a nameserver's name is in gets its A and AAAA"`
}

// Doors are address lists; an empty one is everybody.
type Doors struct {
	HTTPS []string `json:"https" doc:"who may connect at all (allow_https)"`
	API   []string `json:"api" doc:"of those, who may use the API and the pages (allow_api)"`
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
