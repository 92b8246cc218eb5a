package api

import "time"

// DriftReport is what comparing with the members found.
type DriftReport struct {
	Members []MemberDrift `json:"members"`
}

// MemberDrift is what the last comparison with one member found.
type MemberDrift struct {
	Member    string      `json:"member"`
	Role      string      `json:"role" enum:"standalone,synchronize,write-only"`
	Compared  *time.Time  `json:"compared,omitempty" doc:"when; absent: never since this server started"`
	Failed    string      `json:"failed,omitempty" doc:"why the last attempt failed; the rest is then of the one before"`
	Rounds    int         `json:"rounds" doc:"questions that were asked to find what differs"`
	MS        float64     `json:"ms"`
	Differ    int         `json:"differ" doc:"zones that differ and that somebody should look at"`
	Moving    int         `json:"moving" doc:"zones that changed while they were looked at; the next comparison looks again"`
	Served    int         `json:"served" doc:"zones that its nameserver was asked for, over DNS"`
	Healed    int         `json:"healed" doc:"zones that one side had lost, and that were brought again without asking"`
	Zones     []ZoneDrift `json:"zones"`
	OnlyHere  OneSided    `json:"only_here" doc:"zones that this server alone has, as the role leaves them"`
	OnlyThere OneSided    `json:"only_there" doc:"zones that the member alone has, as the role leaves them"`
	Left      LeftBehind  `json:"left_behind" doc:"zones that the member has of this server, and that no link carries to it any more"`
}

// LeftBehind is zones that were sent to a member and are not any more: it answers them as they were. They are deleted there
// by hand, or carried again: by a role that sends, or the account's former owner.
type LeftBehind struct {
	Count int      `json:"count"`
	Zones []string `json:"zones" doc:"the first hundred"`
	More  bool     `json:"more,omitempty" doc:"it was asked for 10,000 zones, and there are more that it may have"`
}

// OneSided is zones that only one side has.
type OneSided struct {
	Count int      `json:"count"`
	Zones []string `json:"zones" doc:"the first hundred"`
}

// ZoneDrift is one zone that differs.
type ZoneDrift struct {
	Zone    string        `json:"zone"`
	Kind    string        `json:"kind" enum:"missing there,missing here,behind there,behind here,apart,other content,damaged,served otherwise"`
	Repair  string        `json:"repair" enum:"send,overwrite,take,send and take,nothing" doc:"what cluster repair does"`
	Note    string        `json:"note,omitempty"`
	RRsets  []RecordDrift `json:"rrsets" doc:"what is served differently, of the first fifty zones"`
	Further int           `json:"further,omitempty" doc:"RRsets that differ and are not listed"`
	Ways    []RepairWay   `json:"ways,omitempty" doc:"of a zone that is damaged at one side: what a person can choose from"`
}

// RepairWay is a command that gives two servers the records of one of them.
type RepairWay struct {
	Right   string `json:"right" doc:"the server whose records both have afterwards"`
	Command string `json:"command" doc:"for a shell on this server; the token of the member is in a file"`
}

// RecordDrift is one RRset that is served differently. An empty side means none.
type RecordDrift struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Ours   []Record `json:"ours"`
	Theirs []Record `json:"theirs"`
}

// DriftRequest asks for a comparison now.
type DriftRequest struct {
	Member string `json:"member,omitempty" doc:"absent: all"`
	Served bool   `json:"served,omitempty" doc:"ask the member's nameserver too, over DNS"`
	Zone   string `json:"zone,omitempty" doc:"of those, only for this zone; absent: the next thousand"`
}

// RepairRequest says what is to be repaired of what the last comparison found.
type RepairRequest struct {
	Member string `json:"member,omitempty" doc:"absent: all"`
	Zone   string `json:"zone,omitempty" doc:"absent: all that differ"`
	DryRun bool   `json:"dry_run,omitempty" doc:"only say what would be done"`
	Shown  string `json:"shown,omitempty" doc:"statement of a dry run: when it would do something else now, nothing is done (412)"`
}

// RepairReport is what was, or would be, done.
type RepairReport struct {
	DryRun bool `json:"dry_run"`
	// Statement is empty from a server that is older.
	Statement string         `json:"statement,omitempty" doc:"of a dry run: names what it would do"`
	Members   []MemberRepair `json:"members"`
}

// MemberRepair is what was, or would be, done with one member.
type MemberRepair struct {
	Member    string      `json:"member"`
	Send      []string    `json:"send" doc:"zones whose whole state is sent again"`
	Overwrite []string    `json:"overwrite" doc:"zones that are sent again and replace what the member serves"`
	Take      []string    `json:"take" doc:"zones whose state at the member is joined here"`
	Leave     []ZoneDrift `json:"leave" doc:"zones that differ and that the role leaves alone"`
	Differ    int         `json:"differ" doc:"zones that differ afterwards"`
}

// Comparing says how often members are compared, and what happens by itself with what differs.
type Comparing struct {
	Every    int               `json:"every" minimum:"60" maximum:"604800" default:"3600" doc:"seconds"`
	Off      bool              `json:"off,omitempty" doc:"compare only when a link opens, and on demand"`
	Policy   string            `json:"policy" enum:"report,heal,adopt" default:"report" doc:"for zones of accounts that have none of their own"`
	Policies map[string]string `json:"policies,omitempty" doc:"policy by account"`
}
