package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// MemberRequest is the form of a new member.
type MemberRequest struct {
	Backend      string // "zonefleet" if empty
	Host         string // name or address
	Port         int    // 2087 if 0
	Username     string // "root" if empty
	Token        string
	ReverseTrust bool
	SyncNow      bool // synchronize zones immediately
	Debug        bool
	Role         cluster.Role
	Zones        cluster.Zones
	Fingerprint  string // expected key; empty: the key proved with the token is pinned
	Leaf         bool   // let it change only its own zones here
}

// MemberResult is a saved member with what a person should know.
type MemberResult struct {
	Member  Member
	Facts   Facts
	Notices []string // reverse trust failed, clock skew, clustering is off, a circle with a write-only link
	Does    []string // what the link will do now
}

// AddMember checks a remote server and adds it. Each check has its own message; nothing is saved if one fails. Clock skew
// and a failed reverse trust leave the member added, with a notice.
func (c *Control) AddMember(ctx context.Context, p acl.Principal, r MemberRequest) (MemberResult, error) {
	return MemberResult{}, errTodo
}
