package control

import (
	"maps"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
)

// kindNarrowToken holds the tokens that may less than their account. Release 0.1.0 does not know what narrows them and
// would let them do everything, so they do not lie where it looks: after going back to it they are no tokens.
const kindNarrowToken = "token-narrow"

func isNarrow(t auth.Token) bool { return !t.Scope.IsZero() || t.Privileges != nil }

func loadToken(r records, id string) (t auth.Token, found bool, err error) {
	if t, found, err = load[auth.Token](r, kindToken, id); found || err != nil {
		return t, found, err
	}
	return load[auth.Token](r, kindNarrowToken, id)
}

func saveToken(tx *store.Tx, t auth.Token) error {
	kind, other := kindToken, kindNarrowToken
	if isNarrow(t) {
		kind, other = other, kind
	}
	tx.DeleteRecord(other, t.ID)
	return save(tx, kind, t.ID, t)
}

// allTokens are the tokens of every account, by id.
func (c *Control) allTokens() (map[string]auth.Token, error) {
	rows, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return nil, err
	}
	narrow, err := loadAll[auth.Token](c.Store, kindNarrowToken)
	maps.Copy(rows, narrow)
	return rows, err
}

// ownToken is the token of that id, if it is the principal's own or the principal is root: to others there is none.
func ownToken(r records, p acl.Principal, id string) (auth.Token, error) {
	t, found, err := loadToken(r, id)
	if err == nil && (!found || !p.Root && t.User != p.Account()) {
		err = fail(CodeNotFound, id, "there is no such token")
	}
	return t, err
}

// newTokenName refuses a name that a working API token of the account has. Servers' tokens may share one: the token of
// a replacement has that of the server that it replaces, which works for as long as it is not revoked.
func newTokenName(rows map[string]auth.Token, t auth.Token) error {
	for id, other := range rows {
		if id != t.ID && t.Kind == auth.KindAPI && other.Kind == auth.KindAPI && !other.Revoked && other.User == t.User && other.Name == t.Name {
			return fail(CodeExists, t.Name, "there is a token of that name already").hint("revoke it, or take another name")
		}
	}
	return nil
}

// roomForToken lets the oldest revoked token of an account go where it has as many as are kept.
func roomForToken(tx *store.Tx, rows map[string]auth.Token, user string) error {
	own, oldest := 0, auth.Token{}
	for _, t := range rows {
		if t.User != user {
			continue
		}
		own++
		if t.Revoked && (oldest.ID == "" || t.Created.Before(oldest.Created)) {
			oldest = t
		}
	}
	switch {
	case own < maxTokens:
		return nil
	case oldest.ID == "":
		return fail(CodeTooLarge, "tokens", "there are %d tokens that work, the most that an account may have", own).hint("revoke those that nobody uses")
	}
	tx.DeleteRecord(kindToken, oldest.ID)
	tx.DeleteRecord(kindNarrowToken, oldest.ID)
	return nil
}
