package control

import (
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
)

// tokenPrivileges are those of a new token: nobody gives more than he has, and a token that makes another gives it no
// more than its own. nil is all that the account has.
func tokenPrivileges(p acl.Principal, r TokenRequest) (acl.Privileges, error) {
	switch {
	case r.Kind == auth.KindMember && r.Privileges != nil:
		return nil, fail(CodeInvalid, "privileges", "a member's token has the right to cluster alone")
	case r.Kind == auth.KindMember && !p.Root && !p.Privileges.Has(acl.Clustering):
		return nil, fail(CodeDenied, "kind", "a member's token needs the privilege clustering")
	case r.Kind == auth.KindMember:
		return nil, nil
	case r.Privileges != nil && len(r.Privileges) == 0:
		return nil, fail(CodeInvalid, "privileges", "a token has at least one privilege")
	case p.Root:
		return r.Privileges, nil
	case r.Privileges == nil && p.TokenID != "":
		return slices.Clone(p.Privileges), nil
	case !r.Privileges.Within(p.Privileges):
		return nil, fail(CodeDenied, "privileges", "a token can do no more than who makes it")
	}
	return r.Privileges, nil
}

// mayChangeToken keeps a token from changing one that can do more than itself.
func mayChangeToken(p acl.Principal, t auth.Token) error {
	if p.Root || p.TokenID == "" || t.Privileges != nil && t.Privileges.Within(p.Privileges) {
		return nil
	}
	return fail(CodeDenied, t.ID, "the token can do more than the one that asks")
}
