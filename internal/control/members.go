package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Member is one row of the DNS cluster table: the link from here to a remote server.
type Member struct {
	cluster.Member
	// Target names the link in delivery's registers and reports. It changes whenever synchronization starts anew, so that a
	// cursor is never taken over from an earlier link to a server of the same name.
	Target string
	// PushFrom is where a new cursor starts: 0 sends everything, otherwise what changed after it.
	PushFrom store.Position
	// PullAll says that the first pass over the member's feed starts at its beginning, PullOthers that it takes zones
	// that only the member has. Otherwise following starts at the head.
	PullAll, PullOthers bool
	// Overwrite says that the first pass of a write-only link replaces every key.
	Overwrite bool
	// Relay says that what comes from this member may be changes of any zone; otherwise it is a leaf to us.
	Relay bool
	// TrustToken is the id of the token that this member got from us, or gave its link, by reverse trust.
	TrustToken string
	// ByTrust says that the member added itself here by reverse trust, with the token of that id.
	ByTrust string
}

// Members returns the rows of the acting user's DNS cluster table, in the order of their hosts.
func (c *Control) ListMembers(ctx context.Context, p acl.Principal) ([]Member, error) {
	return nil, errTodo
}

// ShowMember returns one row.
func (c *Control) ShowMember(ctx context.Context, p acl.Principal, host string) (Member, error) {
	return Member{}, errTodo
}

// Links returns all rows of all users, for node, which makes targets of them.
func (c *Control) Links(ctx context.Context) ([]Member, error) {
	return nil, errTodo
}

// Endpoint returns how the member is reached, with its unsealed token.
func (c *Control) Endpoint(ctx context.Context, m Member) (Endpoint, error) {
	return Endpoint{}, errTodo
}

// Source is the LinkSource of a member whose feed is followed.
func (c *Control) Source(m Member, f Facts) LinkSource {
	return LinkSource{}
}
