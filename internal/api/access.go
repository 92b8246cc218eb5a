package api

import "time"

// Token is what is kept of a token; its secret is not.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind" enum:"api,leaf,relay,trust" doc:"api acts for an account; the others let a server cluster"`
	User      string     `json:"user"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Holder    string     `json:"holder,omitempty" doc:"server that uses it, once known"`
	MayClaim  int        `json:"may_claim,omitempty" doc:"how many zones at home here that no account owns may still pass to the holder"`
	Addresses []string   `json:"addresses,omitempty" doc:"from which it works; absent: from everywhere"`
	Revoked   bool       `json:"revoked,omitempty"`
}

// TokenList is the tokens of this server.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

// NewToken makes a token.
type NewToken struct {
	Name      string     `json:"name" maxLength:"100" doc:"what it is for"`
	Kind      string     `json:"kind,omitempty" enum:"api,leaf,relay" default:"api"`
	MayClaim  int        `json:"may_claim,omitempty" minimum:"0" doc:"how many zones at home here that no account owns may pass to the holder at its first synchronization"`
	Expires   *time.Time `json:"expires,omitempty"`
	Addresses []string   `json:"addresses,omitempty" doc:"addresses and prefixes from which it works"`
}

// CreatedToken shows the secret, this once.
type CreatedToken struct {
	Token string `json:"token" doc:"the secret, shown only in this answer"`
	Info  Token  `json:"info"`
}

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
