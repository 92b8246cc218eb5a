package api

import "time"

// NewInvite asks for a join code.
type NewInvite struct {
	Name      string   `json:"name,omitempty" maxLength:"100" doc:"what it is for"`
	Role      string   `json:"role,omitempty" enum:"standalone,synchronize,write-only" default:"synchronize" doc:"of the link that the new server will have to this one"`
	Kind      string   `json:"kind,omitempty" enum:"relay,leaf" default:"relay" doc:"what it may change here: any zone, or its own"`
	Replaces  string   `json:"replaces,omitempty" doc:"member whose place the new server may take: host or name"`
	ExpiresIn string   `json:"expires_in,omitempty" example:"24h" doc:"how long it works, as 24h; at most 720h"`
	Addresses []string `json:"addresses,omitempty" maxItems:"8" doc:"HOST:PORT by which the new server reaches this one; default: the advertised one"`
}

// Invite is a join code, without its secret.
type Invite struct {
	ID       string     `json:"id"`
	Name     string     `json:"name,omitempty"`
	Role     string     `json:"role"`
	Kind     string     `json:"kind"`
	Replaces string     `json:"replaces,omitempty"`
	Created  time.Time  `json:"created"`
	Expires  time.Time  `json:"expires"`
	State    string     `json:"state" enum:"open,used,expired,revoked"`
	UsedBy   string     `json:"used_by,omitempty"`
	Used     *time.Time `json:"used,omitempty"`
}

// InviteList is all join codes that are remembered.
type InviteList struct {
	Invites []Invite `json:"invites"`
}

// CreatedInvite is the only answer that has the code.
type CreatedInvite struct {
	Code string `json:"code"`
	Info Invite `json:"info"`
}

// Join lets this server join a cluster.
type Join struct {
	Code   string `json:"code"`
	DryRun bool   `json:"dry_run,omitempty" doc:"say what would happen, change nothing"`
	Yes    bool   `json:"yes,omitempty" doc:"this server has zones already, and a person was shown what happens to them"`
}

// Joined says what joining does, or did.
type Joined struct {
	Server      string   `json:"server" doc:"that made the code"`
	Address     string   `json:"address"`
	Fingerprint string   `json:"fingerprint" doc:"of its key, as the code says and the server showed"`
	Role        string   `json:"role"`
	Kind        string   `json:"kind"`
	Zones       int      `json:"zones" doc:"that are there"`
	Own         int      `json:"own_zones" doc:"that are here already"`
	Replaces    string   `json:"replaces,omitempty" doc:"key of the server whose place this one takes"`
	Resumed     bool     `json:"resumed,omitempty" doc:"an earlier try had begun; this one does what it left"`
	Done        bool     `json:"done"`
	Does        []string `json:"does,omitempty"`
	Notices     []string `json:"notices,omitempty"`
	// Others may be given links of their own to this server.
	Others     []OtherServer `json:"others,omitempty" doc:"further servers that the one that made the code knows; this server has no links with them"`
	AddCommand string        `json:"add_command,omitempty" doc:"to be run at each of the others for a link of its own; works for 30 days"`
}

// OtherServer is a server of the cluster that was joined.
type OtherServer struct {
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
}

// KeyChange is a member's pinned key and the one that it shows.
type KeyChange struct {
	Name    string   `json:"name"`
	Pinned  string   `json:"pinned"`
	Shown   string   `json:"shown,omitempty" doc:"absent: it could not be asked"`
	Why     string   `json:"why,omitempty" doc:"it could not be asked"`
	Rows    int      `json:"rows" doc:"of the table, that the new key takes over"`
	Tokens  int      `json:"tokens" doc:"that are bound to the pinned key"`
	Homes   int      `json:"zones_at_home" doc:"zones whose home it is"`
	Left    int      `json:"zones_left,omitempty" doc:"zones whose home is still a server that it replaced; accepting its key again moves them"`
	Moved   int      `json:"zones_moved" doc:"of them, those whose home is the new key now"`
	Done    bool     `json:"done"`
	Notices []string `json:"notices,omitempty"`
}

// AcceptKey accepts a member's new key.
type AcceptKey struct {
	Fingerprint string `json:"fingerprint" doc:"the new key, as a person was shown it"`
}
