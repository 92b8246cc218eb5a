package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// TrustRequest is what a node sends to a member for reverse trust: add me, as standalone.
type TrustRequest struct {
	Name        string // of the asking node
	Host        string // where the member reaches it
	Port        int
	Fingerprint string // of its key; the session's key must be the same
	Username    string
	Token       string // a token of the asking node that reads and undoes only
	Version     string
}

// TrustAnswer is the member's answer.
type TrustAnswer struct {
	Name    string
	Notices []string
}

// Trust adds the asking node here as standalone, after testing its address, and enables clustering.
func (c *Control) Trust(ctx context.Context, p acl.Principal, r TrustRequest) (TrustAnswer, error) {
	return TrustAnswer{}, errTodo
}

// Forget undoes a trust: with a member's token it removes the link that the token's holder had added here by Trust, with a
// trust token it revokes that token. With leave, every link to the holder goes, whoever added it. key is the
// fingerprint that the caller proved in the session.
func (c *Control) Forget(ctx context.Context, p acl.Principal, key string, leave bool) error {
	return errTodo
}
