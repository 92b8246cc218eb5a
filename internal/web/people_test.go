package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// aUser is the user that book has.
func aUser() control.UserInfo {
	return control.UserInfo{User: control.User{Name: "seller", Owner: "root", Privileges: acl.Privileges{acl.Clustering}}, Zones: 3, Accounts: 2, Reseller: true}
}

func (b *book) ListUsers(context.Context, acl.Principal, control.UserFilter) (control.UserPage, error) {
	return control.UserPage{Users: []control.UserInfo{aUser()}, Total: 1}, b.err
}

func (b *book) ShowUser(_ context.Context, _ acl.Principal, name string) (control.UserInfo, error) {
	if name != "seller" {
		return control.UserInfo{}, &control.Error{Code: control.CodeNotFound, Subject: "user " + name, Message: "there is no such user"}
	}
	return aUser(), b.err
}

func (b *book) AddUser(_ context.Context, _ acl.Principal, r control.NewUser) (control.User, error) {
	if r.Name == "taken" {
		return control.User{}, &control.Error{Code: control.CodeExists, Message: "the name cannot be used"}
	}
	b.user = r
	return control.User{Name: r.Name}, b.err
}

func (b *book) EditUser(_ context.Context, _ acl.Principal, e control.UserEdit) (control.UserInfo, error) {
	b.userEdit = e
	return aUser(), b.err
}

func (b *book) PreviewDeleteUser(context.Context, acl.Principal, string) (control.UserDeletion, error) {
	return control.UserDeletion{User: "seller", Zones: 3, Accounts: 2, Tokens: 1}, b.err
}

func (b *book) DeleteUser(_ context.Context, _ acl.Principal, r control.DeleteRequestUser) (control.UserDeletion, error) {
	b.deleted = r
	return control.UserDeletion{}, b.err
}

func (b *book) MakeLink(context.Context, acl.Principal, string) (string, error) {
	return "linksecret", b.err
}

func (b *book) PrivilegeLists(context.Context, acl.Principal) ([]control.PrivilegeList, error) {
	return []control.PrivilegeList{{Name: "hosting", Privileges: acl.Privileges{acl.EditDNS}}}, b.err
}

func (b *book) SavePrivilegeList(context.Context, acl.Principal, control.PrivilegeList) error {
	return b.err
}

func (b *book) ChangePassword(_ context.Context, _, _, password string) error {
	if len(password) < 10 {
		return &control.Error{Code: control.CodeInvalid, Subject: "password", Message: "too short"}
	}
	return b.err
}

func (b *book) ShowSignIn(context.Context, acl.Principal, string) (control.SignInState, error) {
	return control.SignInState{Password: true}, b.err
}

func (b *book) OfferTOTP(context.Context, acl.Principal) (control.TOTPOffer, error) {
	return control.TOTPOffer{Secret: "ABCD EFGH", URI: "otpauth://totp/x"}, b.err
}

func (b *book) ConfirmTOTP(_ context.Context, _ acl.Principal, _, code string) ([]string, error) {
	if code != "123456" {
		return nil, &control.Error{Code: control.CodeInvalid, Subject: "code", Message: "the code is not the one of this moment"}
	}
	return []string{"aaaa-bbbb-cccc-dddd"}, b.err
}

func (b *book) RemoveTOTP(context.Context, acl.Principal, string, string) error { return b.err }

func (b *book) DeletePrivilegeList(context.Context, acl.Principal, string) error { return b.err }

func (b *book) Sessions(context.Context, acl.Principal, string) ([]control.Session, error) {
	return []control.Session{{ID: "abc", From: "192.0.2.7", Means: "password", Opened: 1, Seen: 1, Until: 2}}, b.err
}

func (b *book) EndSessions(context.Context, acl.Principal, string, string) (int, error) {
	return 1, b.err
}

func TestPrivilegesAreCheckboxesWithWhatEachDoes(t *testing.T) {
	v := privilegeGroups(acl.Local(), acl.Privileges{acl.Clustering})
	var names []string
	for _, g := range v {
		for _, b := range g.Boxes {
			names = append(names, b.Name)
			if b.Hint == "" || (b.Name == "may-park-dns") != strings.Contains(b.Hint, "no effect") && b.Name == "may-park-dns" {
				t.Errorf("%s says %q", b.Name, b.Hint)
			}
			if b.Chosen != (b.Name == "may-clustering") {
				t.Errorf("%s chosen: %v", b.Name, b.Chosen)
			}
		}
	}
	if len(names) != len(acl.Known()) {
		t.Errorf("root is offered %d of %d", len(names), len(acl.Known()))
	}
	own := privilegeGroups(acl.For("seller", acl.Privileges{acl.EditDNS}), nil)
	if len(own) != 1 || len(own[0].Boxes) != 1 || own[0].Boxes[0].Name != "may-edit-dns" {
		t.Errorf("a reseller with edit-dns is offered %+v", own)
	}
}

func TestNameserversAreReadALineEach(t *testing.T) {
	list, err := readNameservers("ns1.example.net 192.0.2.1 2001:db8::1\n\n ns2.example.net\n")
	if err != nil || len(list) != 2 || len(list[0].Addresses) != 2 || list[1].Name.Text() != "ns2.example.net" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, wrong := range []string{"a..b", "ns1.example.net nonsense"} {
		if _, err := readNameservers(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestAMistakeIsSaidInTheForm(t *testing.T) {
	for code, form := range map[control.Code]bool{control.CodeInvalid: true, control.CodeExists: true, control.CodeDenied: false, control.CodeNotFound: false} {
		if got := mistake(&control.Error{Code: code}) != nil; got != form {
			t.Errorf("%s: %v", code, got)
		}
	}
	if mistake(nil) != nil || mistake(http.ErrAbortHandler) != nil {
		t.Error("what is no refusal is one")
	}
}

// The boxes of a saved list are seen by nobody who gives it: what it opens is said when it is given.
func TestWhatWasGivenIsWarnedOf(t *testing.T) {
	if n := savedNotice("Saved.", acl.Privileges{acl.EditDNS}); n.Level != good || len(n.Lines) != 0 {
		t.Errorf("edit-dns: %+v", n)
	}
	n := savedNotice("Saved.", acl.Privileges{acl.Clustering, acl.EditDNS})
	if n.Level != busy || len(n.Lines) != 1 || !strings.Contains(n.Lines[0], "clustering: ") {
		t.Errorf("clustering: %+v", n)
	}
	form := privilegeGroups(acl.Local(), nil)
	for _, g := range form {
		for _, b := range g.Boxes {
			if b.Name == "may-clustering" && !strings.Contains(b.Hint, "Warning: ") {
				t.Errorf("the box of clustering says %q", b.Hint)
			}
		}
	}
}
