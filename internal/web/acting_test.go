package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (b *book) ActAs(_ context.Context, p acl.Principal, user string) (acl.Principal, error) {
	if user != "bob" && user != "root" && user != "" {
		return p, &control.Error{Code: control.CodeNotFound, Subject: user, Message: "there is no such user"}
	}
	if user == "bob" {
		return acl.Principal{User: "bob", Kind: acl.KindAPI}, nil
	}
	return p, nil
}

func (b *book) ClusterUsers(context.Context, acl.Principal) ([]string, error) {
	return []string{"root", "bob"}, b.err
}

func (b *book) Unique(_ context.Context, p acl.Principal) (control.UniqueState, error) {
	return control.UniqueState{User: p.Account(), On: true, Stops: []string{"ns1 is not worked any more"}}, b.err
}

func (b *book) SetUnique(context.Context, acl.Principal, bool) (control.UniqueState, error) {
	return control.UniqueState{}, b.err
}

// Who chose a reseller sees root's servers without a way to change them, and says so until another is chosen.
func TestManagingTheClusterAsAReseller(t *testing.T) {
	b := oneMember()
	b.members[0].User = "root"
	s, _ := server(b)
	c := signedIn(t, s)
	if page := text(t, get(s, "/", c)); !strings.Contains(page, "Managing DNS cluster as:") || !strings.Contains(page, "Disable ns1.example") {
		t.Fatalf("as root:\n%s", page)
	}
	if r := post(s, "/cluster/as", url.Values{"user": {"nobody"}}, c); r.StatusCode != 404 {
		t.Errorf("as nobody: %s", r.Status)
	}
	post(s, "/cluster/as", url.Values{"user": {"bob"}}, c)
	page := text(t, get(s, "/", c))
	if strings.Contains(page, "Disable ns1.example") || strings.Contains(page, "Failure threshold") || !strings.Contains(page, "of root") || !strings.Contains(page, "Unique DNS clustering") {
		t.Errorf("as bob:\n%s", page)
	}
	if stops := text(t, get(s, "/cluster/unique", c)); !strings.Contains(stops, "not worked any more") {
		t.Errorf("what stops:\n%s", stops)
	}
	post(s, "/cluster/as", url.Values{"user": {"root"}}, c)
	if page := text(t, get(s, "/", c)); !strings.Contains(page, "Disable ns1.example") {
		t.Errorf("as root again:\n%s", page)
	}
}
