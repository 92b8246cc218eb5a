package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) tokenRoutes(a huma.API) {
	handle(s, a, op("list-tokens", http.MethodGet, "/tokens", "tokens", "List tokens, without their secrets"), s.listTokens)
	handle(s, a, op("create-token", http.MethodPost, "/tokens", "tokens", "Make a token; its secret is shown once"), s.createToken)
	handle(s, a, op("show-token", http.MethodGet, "/tokens/{id}", "tokens", "Show a token, without its secret"), s.showToken)
	handle(s, a, op("edit-token", http.MethodPatch, "/tokens/{id}", "tokens", "Change a token; what is absent stays"), s.editToken)
	handle(s, a, op("revoke-token", http.MethodDelete, "/tokens/{id}", "tokens", "Make a token worthless"), s.revokeToken)
	handle(s, a, op("revoke-tokens", http.MethodPost, "/tokens/revoke", "tokens", "Make all tokens of the account worthless, but the one that asks and that of the server's own command line"), s.revokeTokens)
}

func (s *Server) listTokens(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.TokenList], error) {
	list, err := s.Control.ListTokens(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.TokenList{Tokens: make([]api.Token, 0, len(list))}
	for _, t := range list {
		out.Tokens = append(out.Tokens, s.tokenOf(t))
	}
	return answer(out), nil
}

func (s *Server) tokenOf(t auth.Token) api.Token {
	out := api.Token{
		ID: t.ID, Name: t.Name, Kind: string(t.Kind), User: t.User, Created: t.Created.UTC(),
		Holder: homeName(t.Grant.Holder), MayClaim: t.Grant.Claims, Revoked: t.Revoked,
		Names: t.Scope.NameList(), Types: t.Scope.TypeList(),
		Privileges: t.Privileges.Names(),
	}
	if t.Kind == auth.KindMember {
		out.Kind = string(t.Grant.Kind)
		if t.Grant.Trust {
			out.Kind = "trust"
		}
	}
	if !t.Expires.IsZero() {
		e := t.Expires.UTC()
		out.Expires, out.Expired = &e, !s.Now().Before(e)
	}
	for _, n := range t.Addresses {
		out.Addresses = append(out.Addresses, n.String())
	}
	return out
}

// warnedToken is a token with what whoever gives its privileges is warned of. One that has all of its owner's is warned of
// where it has another limit: an end, or addresses.
func (s *Server) warnedToken(p acl.Principal, t auth.Token) api.Token {
	out := s.tokenOf(t)
	held, limited := t.Privileges, !t.Expires.IsZero() || len(t.Addresses) > 0
	if held == nil && limited && t.Kind == auth.KindAPI && t.Scope.IsZero() && t.User == p.Account() {
		held = p.Privileges
	}
	out.Warnings = held.Warnings()
	return out
}

type createdToken struct {
	Status int
	Body   api.CreatedToken
}

func (s *Server) createToken(ctx context.Context, p acl.Principal, in *struct{ Body api.NewToken }) (*createdToken, error) {
	b := in.Body
	from, err := prefixes(b.Addresses)
	if err != nil {
		return nil, err
	}
	scope, err := acl.ParseScope(b.Names, b.Types)
	if err != nil {
		return nil, invalid("names", "%v", err)
	}
	var privileges acl.Privileges
	if b.Privileges != nil {
		if privileges, err = somePrivileges(b.Privileges); err != nil {
			return nil, err
		}
	}
	r := control.TokenRequest{Privileges: privileges, Scope: scope, Name: b.Name, Kind: auth.KindAPI, Relay: b.Kind == "relay", Claims: b.MayClaim, Addresses: from}
	if b.Kind != "" && b.Kind != "api" {
		r.Kind = auth.KindMember
	}
	if r.Claims > 0 && r.Kind != auth.KindMember {
		return nil, invalid("may_claim", "only a member's token may claim zones: kind leaf or relay")
	}
	if b.Expires != nil {
		if !b.Expires.After(s.Now()) {
			return nil, invalid("expires", "%s is over", b.Expires.UTC().Format(time.RFC3339))
		}
		r.Expires = *b.Expires
	}
	t, err := s.Control.CreateToken(ctx, p, r)
	if err != nil {
		return nil, err
	}
	return &createdToken{http.StatusCreated, api.CreatedToken{Token: t.Text, Info: s.warnedToken(p, t.Token)}}, nil
}

func (s *Server) revokeToken(ctx context.Context, p acl.Principal, in *struct {
	ID string `path:"id"`
},
) (*struct{}, error) {
	return nil, s.Control.RevokeToken(ctx, p, in.ID)
}

// oneToken names the token of a call.
type oneToken struct {
	ID string `path:"id"`
}

func (s *Server) showToken(ctx context.Context, p acl.Principal, in *oneToken) (*body[api.Token], error) {
	t, err := s.Control.ShowToken(ctx, p, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(s.warnedToken(p, t)), nil
}

type editToken struct {
	ID   string `path:"id"`
	Body api.TokenEdit
}

func (s *Server) editToken(ctx context.Context, p acl.Principal, in *editToken) (*body[api.Token], error) {
	e := control.TokenEdit{ID: in.ID, Name: in.Body.Name, Expires: in.Body.Expires}
	if in.Body.Never {
		if e.Expires != nil {
			return nil, invalid("never", "it expires either never or at a time")
		}
		e.Expires = &time.Time{}
	}
	if in.Body.Addresses != nil {
		list, err := prefixes(*in.Body.Addresses)
		if err != nil {
			return nil, err
		}
		e.Addresses = &list
	}
	if in.Body.Names != nil || in.Body.Types != nil {
		old, err := s.Control.ShowToken(ctx, p, in.ID)
		if err != nil {
			return nil, err
		}
		scope, err := acl.ParseScope(given(in.Body.Names, old.Scope.NameList()), given(in.Body.Types, old.Scope.TypeList()))
		if err != nil {
			return nil, invalid("names", "%v", err)
		}
		e.Scope = &scope
	}
	if in.Body.Privileges != nil {
		list, err := somePrivileges(*in.Body.Privileges)
		if err != nil {
			return nil, err
		}
		e.Privileges = &list
	}
	t, err := s.Control.EditToken(ctx, p, e)
	if err != nil {
		return nil, err
	}
	return answer(s.warnedToken(p, t)), nil
}

// given is what a document says, or what was there where it says nothing.
func given[T any](said *T, was T) T {
	if said == nil {
		return was
	}
	return *said
}

type revokeTokens struct {
	DryRun bool `query:"dry_run" doc:"count only, both kinds"`
	Body   api.RevokeTokens
}

func (s *Server) revokeTokens(ctx context.Context, p acl.Principal, in *revokeTokens) (*body[api.RevokedTokens], error) {
	done, err := s.Control.RevokeTokens(ctx, p, in.Body.Servers, in.DryRun)
	if err != nil {
		return nil, err
	}
	return answer(api.RevokedTokens(done)), nil
}

// somePrivileges reads names; none is an empty set, which is not the same as all.
func somePrivileges(names []string) (acl.Privileges, error) {
	list, err := acl.ParsePrivileges(names...)
	if err != nil {
		return nil, invalid("privileges", "%v", err)
	}
	if list == nil {
		list = acl.Privileges{}
	}
	return list, nil
}
