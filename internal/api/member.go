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
	DNSSEC       string     `json:"dnssec,omitempty" enum:"yes,no" doc:"whether that can do DNSSEC; absent: it has not said"`
	State        string     `json:"state" enum:"active,disabled-failures,disabled-by-hand"`
	Since        *time.Time `json:"since,omitempty" doc:"when the state began"`
	Connected    bool       `json:"connected"`
	Failures     int        `json:"failures" doc:"consecutive failed attempts"`
	LastError    string     `json:"last_error,omitempty"`
	Filling      bool       `json:"filling,omitempty" doc:"the first synchronization from it is under way"`
	ShownKey     string     `json:"shown_key,omitempty" doc:"the key that it shows, if that is not the pinned one: nothing is sent to it"`
	Waiting      int        `json:"waiting" doc:"changes that it has not yet"`
	Oldest       *time.Time `json:"oldest_waiting,omitempty"`
	Exceptions   int        `json:"exceptions" doc:"zones that it did not take and that are offered again"`
	Held         int        `json:"held" doc:"of them, those that a person there has to decide about: change held there"`
	Drifted      int        `json:"drifted" doc:"zones that differ there, as the last comparison found"`
	Compared     *time.Time `json:"compared,omitempty" doc:"when that was"`
	Relay        bool       `json:"relay" doc:"changes of any zone are taken from it, not only of its own"`
	Added        time.Time  `json:"added"`
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
	Token        string `json:"token,omitempty" doc:"API token made there by token create; may be absent, with a fingerprint, for a server that has joined a member of this one"`
	Role         string `json:"role,omitempty" enum:"standalone,synchronize,write-only" doc:"absent: as the profiles of both servers suggest, and reverse trust with it"`
	Zones        string `json:"zones,omitempty" enum:"common,all" default:"common"`
	ReverseTrust bool   `json:"reverse_trust,omitempty" doc:"add this server there, as standalone"`
	SyncNow      bool   `json:"sync_now,omitempty" doc:"synchronize zones immediately"`
	Debug        bool   `json:"debug,omitempty" doc:"write each transaction to DATA/log/cluster.log"`
	Leaf         bool   `json:"leaf,omitempty" doc:"take from it only changes of its own zones"`
	Fingerprint  string `json:"fingerprint,omitempty" doc:"of its key, if known; another key is then refused"`
}

// MemberEdit changes a row; what is absent stays.
type MemberEdit struct {
	Username *string `json:"username,omitempty"`
	Token    *string `json:"token,omitempty" doc:"an empty token leaves the token"`
	Role     *string `json:"role,omitempty" enum:"standalone,synchronize,write-only"`
	Zones    *string `json:"zones,omitempty" enum:"common,all"`
	Debug    *bool   `json:"debug,omitempty"`
	Port     *int    `json:"port,omitempty" minimum:"1" maximum:"65535"`
	Leaf     *bool   `json:"leaf,omitempty"`
	// ReverseTrust sets the trust up there, or undoes it.
	ReverseTrust *bool `json:"reverse_trust,omitempty" doc:"this server is, or is not, registered there as standalone"`
}

// MemberResult answers a change of the table.
type MemberResult struct {
	Member  Member   `json:"member"`
	Notices []string `json:"notices,omitempty" doc:"what did not go as asked although the member was saved"`
	Does    []string `json:"does,omitempty" doc:"what the link does from now on"`
}

// MemberPreview is what a new role, or a synchronization from the beginning, would do. Nothing is changed by asking.
type MemberPreview struct {
	Member     Member     `json:"member"`
	Role       string     `json:"role" doc:"as it would be"`
	Zones      int        `json:"zones" doc:"on this server"`
	Starts     []string   `json:"starts,omitempty" doc:"what happens once, for a synchronization"`
	Does       []string   `json:"does" doc:"what the link does from then on"`
	Stops      []string   `json:"stops,omitempty" doc:"what it does now and would not do any more"`
	Notices    []string   `json:"notices,omitempty" doc:"circles, several writers"`
	Overwrites bool       `json:"overwrites" doc:"what differs there is replaced"`
	Compared   *time.Time `json:"compared,omitempty" doc:"when the last comparison ended, of which the following numbers are; absent: nothing is known"`
	Differ     int        `json:"differ" doc:"zones that differ there"`
	OnlyHere   int        `json:"only_here"`
	OnlyThere  int        `json:"only_there"`
	Stays      []Stay     `json:"stays,omitempty" doc:"zones that would be left behind there"`
}

// Stay is zones that go to a member now, and would not any more after a change: they stay there as they are.
type Stay struct {
	Member string `json:"member"`
	Zones  int    `json:"zones" doc:"at most: the member may never have had some of them"`
	Text   string `json:"text" doc:"the same, for people"`
}

// RemoveResult answers the removal of a member.
type RemoveResult struct {
	Host        string   `json:"host"`
	ZonesKept   int      `json:"zones_kept" doc:"all zones stay here"`
	ZonesAtHome int      `json:"zones_at_home" doc:"of them, those whose home is the removed member"`
	Trashed     int      `json:"zones_trashed" doc:"that are in the trash now, on all servers"`
	Notices     []string `json:"notices,omitempty"`
}

// RemovalPreview is what removing a member would do. Nothing is changed by asking.
type RemovalPreview struct {
	Member      Member   `json:"member"`
	Zones       int      `json:"zones" doc:"on this server"`
	ZonesAtHome int      `json:"zones_at_home" doc:"of them, those whose home it is: what trash moves to the trash"`
	Here        []string `json:"here" doc:"what happens on this server"`
	There       []string `json:"there" doc:"what happens on that one"`
	Stays       []Stay   `json:"stays,omitempty" doc:"zones that would be left behind there"`
	Replacement string   `json:"replacement" doc:"how a replacement comes in"`
}

// Cluster is the state of the cluster, as this server sees it.
type Cluster struct {
	Server     string   `json:"server"`
	Clustering bool     `json:"clustering" doc:"clustering is on at this server"`
	Overall    string   `json:"overall" enum:"in-step,catching-up,act"`
	Code       int      `json:"code" doc:"0 in step, 1 catching up, 2 someone must act: exit code of cluster status"`
	Sentence   string   `json:"sentence"`
	Zones      int      `json:"zones"`
	Deleted    int      `json:"deleted" doc:"zones that are deleted and can be restored"`
	Conflicts  int      `json:"conflicts"`
	Foreign    int      `json:"foreign_writes" doc:"refused in the last day"`
	Held       int      `json:"held" doc:"changes that wait for a person's decision at this server"`
	Waiting    int      `json:"waiting" doc:"changes that the member with the most waiting has not yet"`
	Members    []Member `json:"members"`
	Backup     *Backups `json:"backup,omitempty" doc:"of this server, without its files"`
	DNSSEC     DNSSEC   `json:"dnssec"`
}

// DNSSEC is which zones are meant to be signed, and which servers answer them without signatures.
type DNSSEC struct {
	Warning string   `json:"warning,omitempty" doc:"absent where no zone is signed, or all servers sign"`
	Signed  int      `json:"signed" doc:"zones with DNSKEY records at their name"`
	Zones   []string `json:"zones" doc:"some of them"`
	Cannot  []string `json:"cannot" doc:"servers whose nameserver software cannot do DNSSEC, this one among them"`
}

// MemberNameserver is the nameserver of a member, and what has to be done so that it can do DNSSEC.
type MemberNameserver struct {
	Member Member   `json:"member"`
	Signed int      `json:"signed" doc:"zones here with DNSKEY records at their name"`
	Zones  []string `json:"zones" doc:"some of them"`
	Where  string   `json:"where" doc:"the page of that server at which its nameserver software is chosen"`
	Steps  []string `json:"steps" doc:"empty where nothing has to be done"`
}

// WayIn is how far a server is on its way into a cluster.
type WayIn struct {
	Steps []Step `json:"steps"`
}

// Step is one step of it.
type Step struct {
	Name    string `json:"name" enum:"server,clustering,nameservers,trusted-ips,member,synchronization,test"`
	Done    bool   `json:"done"`
	State   string `json:"state"`
	Command string `json:"command" doc:"that does it, or looks at it"`
	About   string `json:"about,omitempty" doc:"the member or zone that it is about"`
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
	Delivered bool       `json:"delivered" doc:"everything that waited has arrived"`
	Removed   []string   `json:"removed" doc:"members that no longer list this server"`
	Unreached []Reminder `json:"unreached" doc:"members where this server must be removed by hand"`
}

// Reminder is a command to run elsewhere.
type Reminder struct {
	Name    string `json:"name"`
	Reason  string `json:"reason"`
	Command string `json:"command"`
}

// NewMemberPreview is what adding a server would do. Nothing is changed by asking.
type NewMemberPreview struct {
	Member     Member     `json:"member" doc:"as it would be, with the fingerprint that would be pinned"`
	Profile    string     `json:"profile" enum:"standard,nameserver" doc:"of that server"`
	OwnProfile string     `json:"own_profile" enum:"standard,nameserver"`
	Suggested  Suggestion `json:"suggested"`
	Zones      int        `json:"zones" doc:"on this server"`
	Overlap    *Overlap   `json:"overlap,omitempty" doc:"absent: unknown says why"`
	Unknown    string     `json:"unknown,omitempty" doc:"why it is not known what that server has"`
	Moves      []string   `json:"moves" doc:"what moves at once"`
	Does       []string   `json:"does" doc:"what the link does from then on"`
	Notices    []string   `json:"notices,omitempty"`
	Advice     []string   `json:"advice,omitempty" doc:"what is advised against for the pair of profiles"`
	Overwrites bool       `json:"overwrites" doc:"what differs there is replaced"`
}

// Suggestion is a role that fits the profiles of two servers.
type Suggestion struct {
	Role         string `json:"role" enum:"standalone,synchronize,write-only"`
	ReverseTrust bool   `json:"reverse_trust"`
	Why          string `json:"why"`
}

// Overlap is what two servers have in common, as far as the token lets it be seen.
type Overlap struct {
	Here       int      `json:"here" doc:"zones"`
	There      int      `json:"there"`
	Same       int      `json:"same" doc:"that both have alike"`
	OnlyHere   int      `json:"only_here"`
	OnlyThere  int      `json:"only_there"`
	NewerHere  int      `json:"newer_here"`
	NewerThere int      `json:"newer_there"`
	Apart      int      `json:"apart" doc:"changed on both"`
	GoneHere   int      `json:"deleted_here" doc:"of those only there"`
	GoneThere  int      `json:"deleted_there" doc:"of those only here"`
	Newer      []string `json:"newer_there_names,omitempty" doc:"some of them"`
	Both       []string `json:"apart_names,omitempty" doc:"some of them"`
	More       bool     `json:"more,omitempty" doc:"more differ than were looked at: the numbers are at least these"`
}

// BackendList is the kinds of servers that a member can be.
type BackendList struct {
	Backends []Backend `json:"backends"`
}

// Backend is one of them, with its form.
type Backend struct {
	Name      string         `json:"name"`
	Title     string         `json:"title"`
	Available bool           `json:"available" doc:"false: this version cannot do it yet"`
	Needs     string         `json:"needs" doc:"what must be at hand"`
	Fields    []BackendField `json:"fields,omitempty"`
}

// BackendField is one field of a form.
type BackendField struct {
	Name     string          `json:"name"`
	Label    string          `json:"label"`
	Hint     string          `json:"hint,omitempty"`
	Type     string          `json:"type" enum:"text,secret,binary,choice"`
	Default  string          `json:"default,omitempty"`
	Required bool            `json:"required,omitempty"`
	Choices  []BackendChoice `json:"choices,omitempty"`
}

// BackendChoice is one value of a choice.
type BackendChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
}
