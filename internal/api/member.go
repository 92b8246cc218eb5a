package api

import "time"

// Member is one row of this server's DNS cluster table.
type Member struct {
	ID           string     `json:"id" doc:"how it is named in requests: its host, as it was added"`
	User         string     `json:"user" doc:"acting account"`
	Name         string     `json:"name" doc:"what it calls itself"`
	Host         string     `json:"host"`
	Port         int        `json:"port"`
	Username     string     `json:"username"`
	Backend      string     `json:"backend" example:"zonefleet"`
	Role         string     `json:"role" enum:"standalone,synchronize,write-only"`
	Zones        string     `json:"zones" enum:"common,all" doc:"which zones that only the member has are taken"`
	Debug        bool       `json:"debug"`
	ReverseTrust bool       `json:"reverse_trust"`
	Fingerprint  string     `json:"fingerprint" doc:"of its pinned key"`
	Version      string     `json:"version,omitempty"`
	Software     string     `json:"software,omitempty" doc:"what answers DNS there"`
	State        string     `json:"state" enum:"active,disabled-failures,disabled-by-hand"`
	Connected    bool       `json:"connected"`
	Failures     int        `json:"failures" doc:"consecutive failed attempts"`
	LastError    string     `json:"last_error,omitempty"`
	Waiting      int        `json:"waiting" doc:"changes that it has not yet"`
	Oldest       *time.Time `json:"oldest_waiting,omitempty"`
	Refused      []Refusal  `json:"refused,omitempty" doc:"zones that it refuses, with its reason"`
	Added        time.Time  `json:"added"`
}

// Refusal is a zone that a server did not take.
type Refusal struct {
	Zone   string `json:"zone"`
	Reason string `json:"reason"`
}

// MemberList is the DNS cluster table.
type MemberList struct {
	Members []Member `json:"members"`
}

// NewMember adds a server to the table.
type NewMember struct {
	Backend      string `json:"backend,omitempty" default:"zonefleet"`
	Host         string `json:"host" doc:"name or address, with or without a port"`
	Username     string `json:"username,omitempty" default:"root"`
	Token        string `json:"token" doc:"API token made there by token create"`
	Role         string `json:"role" enum:"standalone,synchronize,write-only"`
	Zones        string `json:"zones,omitempty" enum:"common,all" default:"common"`
	ReverseTrust bool   `json:"reverse_trust,omitempty" doc:"add this server there, as standalone"`
	SyncNow      bool   `json:"sync_now,omitempty" doc:"synchronize zones immediately"`
	Debug        bool   `json:"debug,omitempty" doc:"write each transaction to DATA/log/cluster.log"`
	Fingerprint  string `json:"fingerprint,omitempty" doc:"of its key, if known; another key is then refused"`
}

// MemberEdit changes a row; what is absent stays.
type MemberEdit struct {
	Username *string `json:"username,omitempty"`
	Token    *string `json:"token,omitempty" doc:"an empty token leaves the token"`
	Role     *string `json:"role,omitempty" enum:"standalone,synchronize,write-only"`
	Zones    *string `json:"zones,omitempty" enum:"common,all"`
	Debug    *bool   `json:"debug,omitempty"`
}

// MemberResult answers a change of the table.
type MemberResult struct {
	Member  Member   `json:"member"`
	Notices []string `json:"notices,omitempty" doc:"what did not go as asked although the member was saved"`
}

// RemoveResult answers the removal of a member.
type RemoveResult struct {
	Host    string   `json:"host"`
	Notices []string `json:"notices,omitempty"`
}

// Cluster is the state of the cluster, as this server sees it.
type Cluster struct {
	Server   string   `json:"server"`
	Enabled  bool     `json:"enabled" doc:"clustering is on at this server"`
	Overall  string   `json:"overall" enum:"in-step,catching-up,act"`
	Code     int      `json:"code" doc:"0 in step, 1 catching up, 2 someone must act: exit code of cluster status"`
	Sentence string   `json:"sentence"`
	Zones    int      `json:"zones"`
	Waiting  int      `json:"waiting" doc:"changes that some server has not yet"`
	Conflict int      `json:"conflicts"`
	Members  []Member `json:"members"`
}

// Threshold says when a member that fails is disabled.
type Threshold struct {
	Count      int    `json:"count" minimum:"1" maximum:"10000" default:"10" doc:"consecutive failed attempts"`
	KeepOnline bool   `json:"keep_online" doc:"never disable"`
	Notify     bool   `json:"notify" doc:"tell when a member is disabled"`
	Reenable   string `json:"reenable" enum:"auto,by-hand" default:"auto" doc:"auto: when it answers again"`
}

// LeaveResult says what leaving the cluster reached.
type LeaveResult struct {
	Left        []string   `json:"left" doc:"servers that removed this one"`
	Unreachable []Reminder `json:"unreachable" doc:"servers where this one must be removed by hand"`
}

// Reminder is a command to run elsewhere.
type Reminder struct {
	Server  string `json:"server"`
	Reason  string `json:"reason"`
	Command string `json:"command"`
}
