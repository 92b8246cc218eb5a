package api

import "time"

// Zone is a zone as it stands in a list.
type Zone struct {
	Name      string    `json:"name" example:"example.com"`
	Serial    uint32    `json:"serial" doc:"SOA serial that is served"`
	Count     int       `json:"record_count" doc:"number of records"`
	Owner     string    `json:"owner" doc:"account that owns the zone"`
	Home      string    `json:"home" doc:"server where the zone was created"`
	HomeKnown bool      `json:"home_known" doc:"that server is this one or a member of it"`
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed,omitzero" doc:"when the newest change was committed here"`
	Change    uint64    `json:"change" doc:"number of the newest change of the zone here"`
	ETag      string    `json:"etag" doc:"version, for If-Match, without quotes"`
	Conflicts int       `json:"conflict_count" doc:"number of open conflicts"`
	Deleted   bool      `json:"deleted,omitempty" doc:"only in lists that ask for deleted zones"`
	Held      bool      `json:"held,omitempty" doc:"a change of it waits for a person's decision; only in lists that ask for steps"`
	Steps     *Steps    `json:"steps,omitempty" doc:"only in lists that ask for it"`
}

// Steps is how many of the servers that are to serve a zone serve it as it is here.
type Steps struct {
	Served int `json:"served"`
	Total  int `json:"total"`
}

// ZoneList is one page of zones.
type ZoneList struct {
	Zones []Zone `json:"zones"`
	Next  string `json:"next,omitempty" doc:"give as after to get the next page; absent on the last"`
	Total int    `json:"total" doc:"number of zones on all pages"`
	More  bool   `json:"more,omitempty" doc:"there are more than total"`
}

// ZoneDetail is a zone with its records.
type ZoneDetail struct {
	Zone
	Records []Record          `json:"records"`
	Meta    map[string]string `json:"meta,omitempty"`
}

// Record is one resource record.
type Record struct {
	Name string `json:"name" example:"www.example.com."`
	TTL  uint32 `json:"ttl" example:"300"`
	Type string `json:"type" example:"A"`
	Data string `json:"data" example:"192.0.2.1" doc:"presentation form"`
}

// RecordList is the records of a zone that were asked for.
type RecordList struct {
	Zone    string   `json:"zone"`
	ETag    string   `json:"etag"`
	Records []Record `json:"records"`
}

// NewZone creates a zone, from records or from a zone file's text.
type NewZone struct {
	Name        string   `json:"name" example:"example.com"`
	Nameservers []string `json:"nameservers,omitempty" doc:"default: those of the settings"`
	Records     []Record `json:"records,omitempty" doc:"names may be relative to the zone; SOA and NS are made unless given"`
	Template    string   `json:"template,omitempty" doc:"make it of this template instead of nameservers and records; standard, if an address is given"`
	IPv4        string   `json:"ipv4,omitempty" doc:"for the template"`
	IPv6        string   `json:"ipv6,omitempty" doc:"for the template"`
	FTP         string   `json:"ftp_ip,omitempty" doc:"for the template; default: ipv4"`
	Text        string   `json:"text,omitempty" doc:"a zone file instead of all that"`
	Owner       string   `json:"owner,omitempty" doc:"account; default: whose token it is"`
	Reason      string   `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}

// Edit is a set of operations that become one change, all or none.
type Edit struct {
	Operations []Operation `json:"operations" minItems:"1" maxItems:"100000"`
	Reason     string      `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}

// Operation writes one RRset.
type Operation struct {
	Op   string   `json:"op" enum:"set,add,delete" doc:"set replaces the RRset, add adds records to it, delete removes the records given, or the RRset"`
	Name string   `json:"name" example:"www" doc:"relative to the zone unless it ends in a dot; @ is the zone"`
	TTL  *uint32  `json:"ttl,omitempty" doc:"for set and add; absent: as the RRset has, else the zone's default"`
	Type string   `json:"type" example:"A"`
	Data []string `json:"data,omitempty" doc:"one text for each record, in presentation form"`
}

// WriteResult answers every change of a zone.
type WriteResult struct {
	Zone     string       `json:"zone"`
	Change   uint64       `json:"change" doc:"number of the change at this server, for wait and undo; 0 if nothing changed"`
	Changed  bool         `json:"changed" doc:"false when nothing differed, or with dry_run: nothing was committed"`
	Created  bool         `json:"created,omitempty" doc:"the zone is new"`
	Serial   uint32       `json:"serial"`
	ETag     string       `json:"etag"`
	Warnings []string     `json:"warnings,omitempty"`
	Findings []Finding    `json:"findings,omitempty" doc:"what a check of the new content warns of"`
	RRsets   []RRsetDelta `json:"rrsets,omitempty" doc:"what changed, or with dry_run would change"`
	Left     []RRsetDelta `json:"left,omitempty" doc:"what an undo did not put back because it was edited since: before is what it would have brought, after is what is there"`
	Reach    *Reach       `json:"reach,omitempty" doc:"with wait: where the change is served"`
}

// Finding is something that a check of a zone found.
type Finding struct {
	Severity string `json:"severity" enum:"error,warning"`
	Zone     string `json:"zone,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type,omitempty"`
	Message  string `json:"message"`
}

// CheckResult is what checking zones found. A check of all zones is a stream of them, each for some zones more.
type CheckResult struct {
	Zones    int       `json:"zones" doc:"number of zones checked"`
	Findings []Finding `json:"findings"`
	Problem  *Problem  `json:"problem,omitempty" doc:"why the check ended early"`
}
