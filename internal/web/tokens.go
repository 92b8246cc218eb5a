package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
)

// tokens is what the page API tokens asks for.
type tokens interface {
	ListTokens(ctx context.Context, p acl.Principal) ([]auth.Token, error)
	ShowToken(ctx context.Context, p acl.Principal, id string) (auth.Token, error)
	CreateToken(ctx context.Context, p acl.Principal, r control.TokenRequest) (control.NewToken, error)
	EditToken(ctx context.Context, p acl.Principal, e control.TokenEdit) (auth.Token, error)
	RevokeToken(ctx context.Context, p acl.Principal, id string) error
	RevokeTokens(ctx context.Context, p acl.Principal, servers, dry bool) (control.RevokedTokens, error)
}

type tokenRow struct {
	Path, Name, For, User, From string
	Created, Expires            instant
	State                       chip // empty where nothing is to be said
	Class                       string
	Revoked                     bool
}

const (
	tokensPerPage = 50
	soonOver      = 30 * 24 * time.Hour // from then on the row is yellow
)

func listTokens(v *Visit) error {
	l := list{
		ID: "tokens", Path: "/tokens", Noun: "tokens", Hint: "Part of a name", Search: strings.TrimSpace(v.FormValue("q")), After: v.FormValue("after"),
		Columns: []string{"Name", "For", "Owner", "Created", "Expires", "IPs", "Actions"}, EmptyText: "No token yet.",
	}
	all, err := v.server.Control.ListTokens(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	if l.Search != "" {
		l.EmptyText = "No token has that in its name."
	}
	// The ones that work come first; an account has a few hundred at most, so that a page is cut here.
	slices.SortStableFunc(all, func(a, b auth.Token) int { return order(a.Revoked) - order(b.Revoked) })
	all = slices.DeleteFunc(all, func(t auth.Token) bool {
		return !strings.Contains(strings.ToLower(t.Name), strings.ToLower(l.Search))
	})
	l.Total = len(all)
	if l.After != "" {
		all = all[slices.IndexFunc(all, func(t auth.Token) bool { return t.ID == l.After })+1:]
	}
	if len(all) > tokensPerPage {
		all = all[:tokensPerPage]
		l.Next = all[tokensPerPage-1].ID
	}
	l.Shown = len(all)
	now := v.server.Now()
	rows := make([]tokenRow, 0, len(all))
	for _, t := range all {
		rows = append(rows, tokenRowOf(t, now))
	}
	if v.isPart(l.ID) {
		return v.part(tokensPart(l, rows))
	}
	return v.show(http.StatusOK, page{Title: "API tokens", Path: "/tokens"}, tokensPage(l, rows))
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

func tokenRowOf(t auth.Token, now time.Time) tokenRow {
	r := tokenRow{
		Path: "/tokens/" + t.ID, Name: t.Name, For: tokenFor(t), User: t.User, From: prefixText(t.Addresses, ", "),
		Created: instant{t.Created.UTC()}, Revoked: t.Revoked,
	}
	if !t.Expires.IsZero() {
		r.Expires = instant{t.Expires.UTC()}
	}
	left := t.Expires.Sub(now)
	switch {
	case t.Revoked:
		r.State, r.Class = chip{idle, "Revoked"}, "over"
	case t.Expires.IsZero():
	case left <= 0:
		r.State, r.Class = chip{act, "Expired"}, "act"
	case left < soonOver:
		r.State, r.Class = chip{busy, "In " + ago(left)}, "busy"
	}
	return r
}

// tokenFor says what a token is for.
func tokenFor(t auth.Token) string {
	switch {
	case t.Kind == auth.KindMember && t.Grant.Trust:
		return "Reverse trust"
	case t.Kind == auth.KindMember:
		return "DNS cluster (" + string(t.Grant.Kind) + ")"
	case !t.Scope.IsZero():
		return t.Scope.String()
	}
	if t.Privileges != nil {
		return strings.Join(t.Privileges.Names(), ", ")
	}
	return "All that its owner may"
}

func askRevokeToken(v *Visit) error {
	t, err := v.server.Control.ShowToken(v.Context(), v.Principal(), v.PathValue("id"))
	if err != nil {
		return err
	}
	lines := []string{"Whatever uses it is refused from then on.", "It cannot be brought back; a new token has another secret."}
	if t.Kind == auth.KindMember {
		lines[0] = "The server that uses it can no longer send or read zones here until it gets a new token."
	}
	return v.show(http.StatusOK, page{Title: "Revoke a token", Path: "/tokens"}, confirmPage(confirmation{
		Title: "Revoke the token " + t.Name + "?", Lead: tokenFor(t) + ".", Lines: lines,
		Post: "/tokens/" + t.ID + "/revoke", Button: "Revoke", Danger: true, Back: "/tokens",
	}))
}

func revokeToken(v *Visit) error {
	t, err := v.server.Control.ShowToken(v.Context(), v.Principal(), v.PathValue("id"))
	if err == nil {
		err = v.server.Control.RevokeToken(v.Context(), v.Principal(), t.ID)
	}
	if err != nil {
		return err
	}
	return v.done("/tokens", notice{Level: idle, Text: "The token " + t.Name + " is revoked."})
}

func askRevokeTokens(v *Visit) error {
	n, err := v.server.Control.RevokeTokens(v.Context(), v.Principal(), true, true)
	if err != nil {
		return err
	}
	servers := v.FormValue("servers") != ""
	c := confirmation{
		Title:   "Revoke all of your tokens?",
		Numbers: []figure{{number(n.Programs), "tokens of programs"}, {number(n.Servers), "tokens of servers of the cluster"}},
		Lines: []string{
			"The programs are refused from then on.",
			"The servers' tokens stay. (To end their links too: " + "zonefleet token revoke --all --servers" + ")",
			"The token of this server's own command line stays; it can be revoked by itself.",
			"None of them can be brought back.",
		},
		Post: "/tokens/revoke-all", Button: "Revoke " + count(n.Programs, "token", "tokens"), Danger: true, Back: "/tokens",
	}
	if servers {
		c.Lines[1] = "The servers cannot send or read zones here until they get new tokens."
		c.Hidden = []hidden{{"servers", "yes"}}
		c.Button = "Revoke " + count(n.Programs+n.Servers, "token", "tokens")
	}
	return v.show(http.StatusOK, page{Title: "Revoke all tokens", Path: "/tokens"}, confirmPage(c))
}

func revokeTokens(v *Visit) error {
	n, err := v.server.Control.RevokeTokens(v.Context(), v.Principal(), v.PostFormValue("servers") != "", false)
	if err != nil {
		return err
	}
	return v.done("/tokens", notice{Level: idle, Text: sentence(count(n.Programs+n.Servers, "token is", "tokens are") + " revoked")})
}
