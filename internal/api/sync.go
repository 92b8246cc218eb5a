package api

import "time"

// Sync asks for a synchronization of DNS records.
type Sync struct {
	Zone   string `json:"zone,omitempty" doc:"absent: all zones"`
	To     string `json:"to" enum:"here,everywhere" doc:"here: newest copies come to this server; everywhere: they go to all members too"`
	Others bool   `json:"others,omitempty" doc:"with all zones: also those that are not on this server yet"`
	DryRun bool   `json:"dry_run,omitempty" doc:"say what would come, go and clash, change nothing"`
}

// SyncJob is a synchronization that was asked for, or with dry_run what one would do. It goes on when nobody looks.
type SyncJob struct {
	ID      string       `json:"id,omitempty" doc:"absent: nothing was started"`
	Zone    string       `json:"zone,omitempty"`
	To      string       `json:"to" enum:"here,everywhere"`
	Others  bool         `json:"others,omitempty"`
	State   string       `json:"state" enum:"preview,waiting,running,done,broken off"`
	Started *time.Time   `json:"started,omitempty"`
	Ended   *time.Time   `json:"ended,omitempty"`
	Members []MemberSync `json:"members"`
}

// MemberSync is what it does with one member. Zones are named up to a hundred of each kind, and all are counted.
type MemberSync struct {
	Member    string   `json:"member"`
	Role      string   `json:"role,omitempty"`
	Failed    string   `json:"failed,omitempty" doc:"why nothing, or not everything, is done with it"`
	Come      SyncList `json:"come" doc:"newer there, or only there"`
	Go        SyncList `json:"go" doc:"newer here, or only here"`
	Clash     SyncList `json:"clash" doc:"of those that come, changed on both: what contradicts becomes a conflict"`
	Overwrite SyncList `json:"overwrite" doc:"of those that go, what replaces something newer there"`
	Left      []string `json:"left,omitempty" doc:"what the role leaves alone"`
	More      bool     `json:"more,omitempty" doc:"there are more: synchronize again"`
	Done      int      `json:"done" doc:"have come and gone"`
	Refused   int      `json:"refused" doc:"that one side did not take"`
	Differ    int      `json:"differ" doc:"at the end, still"`
	Ended     bool     `json:"ended"`
}

// SyncList is some zones.
type SyncList struct {
	Count int      `json:"count"`
	Zones []string `json:"zones,omitempty"`
}

// SyncJobs is the synchronizations since the server started, newest first.
type SyncJobs struct {
	Syncs []SyncJob `json:"syncs"`
}
