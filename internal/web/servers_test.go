package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (b *book) Backends(context.Context, acl.Principal) ([]control.Backend, error) {
	return (&control.Control{}).Backends(context.Background(), acl.Local())
}

func (b *book) PreviewNewMember(_ context.Context, _ acl.Principal, r control.MemberRequest) (control.NewMemberPreview, error) {
	b.asked = r
	p := control.NewMemberPreview{Suggested: cluster.Suggest("", ""), Zones: 4212, Moves: []string{"2 zones come here"}}
	p.Member.Name, p.Member.Role, p.Member.ReverseTrust, p.Member.Fingerprint = "ns2.example", cluster.Synchronize, true, "SHA256:f00"
	if r.Role != "" {
		p.Member.Role, p.Member.ReverseTrust = r.Role, r.ReverseTrust
	}
	return p, b.previewErr
}

func (b *book) AddMember(_ context.Context, _ acl.Principal, r control.MemberRequest) (control.MemberResult, error) {
	b.added = &r
	return control.MemberResult{Member: b.members[0].Member, Notices: []string{"reverse trust was not established"}}, b.err
}

func (b *book) CreateInvite(_ context.Context, _ acl.Principal, r control.InviteRequest) (control.NewInvite, error) {
	return control.NewInvite{Text: "the-code", Invite: control.Invite{ID: "abc", Expires: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}}, b.err
}

func (b *book) ListInvites(context.Context, acl.Principal) ([]control.Invite, error) {
	return []control.Invite{{ID: "abc", Name: "for <ns3>", Expires: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}}, b.err
}

func (b *book) RevokeInvite(context.Context, acl.Principal, string) error { return b.err }

func (b *book) ShowMember(context.Context, acl.Principal, string) (control.Member, error) {
	return b.members[0].Member, b.err
}

func (b *book) PreviewRemoval(context.Context, acl.Principal, string) (control.RemovalPreview, error) {
	return control.RemovalPreview{Member: b.members[0].Member, Zones: 4212, AtHome: 7}, b.err
}

func (b *book) RemoveMember(_ context.Context, _ acl.Principal, r control.RemoveRequest) (control.RemoveResult, error) {
	if r.Trash && r.Confirm != 7 {
		return control.RemoveResult{}, &control.Error{Code: control.CodeStale, Message: "is the home of 7 zones now"}
	}
	b.removed = &r
	return control.RemoveResult{Member: b.members[0].Member, ZonesKept: 4212}, b.err
}

func (b *book) ShowKey(context.Context, acl.Principal, string) (control.KeyChange, error) {
	return control.KeyChange{Name: "ns1.example", Pinned: "SHA256:old", Shown: "SHA256:new"}, b.err
}

func (b *book) AcceptKey(context.Context, acl.Principal, string, string) (control.AcceptKeyResult, error) {
	return control.AcceptKeyResult{}, b.err
}

func (b *book) PreviewSync(context.Context, acl.Principal, control.SyncRequest) ([]control.MemberSync, error) {
	return []control.MemberSync{{Member: "ns1.example", Come: []zone.Name{"\x01a\x00"}}}, b.err
}

func (b *book) StartSync(context.Context, acl.Principal, control.SyncRequest) (control.SyncJob, error) {
	return control.SyncJob{ID: "j"}, b.err
}

func (b *book) SyncJob(context.Context, acl.Principal, string) (control.SyncJob, error) {
	return control.SyncJob{ID: "j", State: control.SyncRunning}, b.err
}

func (b *book) SyncJobs(context.Context, acl.Principal) ([]control.SyncJob, error) { return nil, b.err }

var serverValues = url.Values{"backend": {"zonefleet"}, "host": {"ns2.example"}, "username": {"root"}, "token": {"zf_secret-of-the-token"}, "role": {""}, "sync_now": {"yes"}}

// hiddenValue is the value of a hidden field on a page.
func hiddenValue(t *testing.T, body, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no field %s in\n%s", name, body)
	}
	return value
}

// The token goes in once and comes out nowhere: on the review it is in a box that this session alone can open.
func TestAServerIsAddedWithTheSecondClick(t *testing.T) {
	b := oneMember()
	s, k := server(b)
	c := signedIn(t, s)
	form := text(t, get(s, "/members/add?backend=zonefleet", c))
	for _, part := range []string{"Remote ZoneFleet DNS host", "Remote server username", "Setup reverse trust relationship", "Synchronize zones immediately", "Debug mode", "DNS role"} {
		if !strings.Contains(form, part) {
			t.Errorf("the form lacks %q", part)
		}
	}
	review := text(t, post(s, "/members/add/review", serverValues, c))
	if !strings.Contains(review, "SHA256:f00") || !strings.Contains(review, "2 zones come here") || strings.Contains(review, "secret-of-the-token") {
		t.Fatalf("the review:\n%s", review)
	}
	if b.asked.Token != "zf_secret-of-the-token" || b.added != nil {
		t.Fatalf("asked with %+v, added %+v", b.asked, b.added)
	}
	second := url.Values{"backend": {"zonefleet"}, "host": {"ns2.example"}, "username": {"root"}, "fingerprint": {hiddenValue(t, review, "fingerprint")}, "kept": {hiddenValue(t, review, "kept")}, "shown": {hiddenValue(t, review, "shown")}, "role": {"synchronize"}, "reverse_trust": {"yes"}, "sync_now": {"yes"}}

	other := url.Values{}
	for name, v := range second {
		other[name] = v
	}
	other.Set("role", "write-only")
	if again := text(t, post(s, "/members/add", other, c)); b.added != nil || !strings.Contains(again, "Nothing is saved yet") {
		t.Errorf("another role was not shown first:\n%s", again)
	}
	done := post(s, "/members/add", second, c)
	if done.StatusCode != http.StatusSeeOther || b.added == nil || b.added.Token != "zf_secret-of-the-token" || b.added.Fingerprint != "SHA256:f00" || !b.added.SyncNow {
		t.Fatalf("%s %+v\n%s", done.Status, b.added, text(t, done))
	}
	if page := text(t, get(s, done.Header.Get("Location"), c)); !strings.Contains(page, "Reverse trust was not established") {
		t.Errorf("the result:\n%s", page)
	}

	b.added = nil
	k.at = k.at.Add(sealedFor + time.Minute)
	if late := post(s, "/members/add", second, c); late.StatusCode != http.StatusUnprocessableEntity || b.added != nil {
		t.Errorf("an old box: %s", late.Status)
	}
	k.at = k.at.Add(-sealedFor)
	stranger := signedIn(t, s)
	if theirs := post(s, "/members/add", second, stranger); theirs.StatusCode != http.StatusUnprocessableEntity || b.added != nil {
		t.Errorf("a box of another session: %s", theirs.Status)
	}
}

// Each mistake stands beside its field.
func TestWhatIsWrongWithAServerStandsBesideItsField(t *testing.T) {
	for id, c := range map[string]struct {
		change func(url.Values)
		err    error
	}{
		"f-host-error":        {func(f url.Values) { f.Set("host", " ") }, nil},
		"f-username-error":    {func(f url.Values) { f.Set("username", "\r\n") }, nil},
		"f-token-error":       {func(f url.Values) { f.Set("token", "") }, nil},
		"f-role-error":        {func(f url.Values) { f.Set("role", "leader") }, nil},
		"f-fingerprint-error": {nil, &control.Error{Code: control.CodeRefused, Subject: "ns2.example", Message: "another key", Err: control.ErrPinChanged}},
	} {
		b := oneMember()
		b.err = nil
		s, _ := server(b)
		cookie := signedIn(t, s)
		f := url.Values{}
		for name, v := range serverValues {
			f[name] = v
		}
		if c.change != nil {
			c.change(f)
		}
		b.previewErr = c.err
		r := post(s, "/members/add/review", f, cookie)
		if body := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `id="`+id+`"`) || strings.Contains(body, "secret-of") {
			t.Errorf("%s: %s\n%s", id, r.Status, body)
		}
	}
}

func TestABackendThatIsNotThereYet(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	if menu := text(t, get(s, "/members/add", c)); !strings.Contains(menu, "SoftLayer") || strings.Count(menu, "(not yet)") != 3 || strings.Count(menu, "disabled") != 3 {
		t.Errorf("the menu:\n%s", menu)
	}
	if r := get(s, "/members/add?backend=cpanel", c); r.StatusCode != http.StatusNotFound {
		t.Errorf("cpanel: %s", r.Status)
	}
}

func TestAJoinCodeIsShownOnce(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	made := text(t, post(s, "/members/invite", url.Values{"role": {"synchronize"}, "hours": {"2"}}, c))
	if !strings.Contains(made, "zonefleet join the-code") {
		t.Errorf("made:\n%s", made)
	}
	if list := text(t, get(s, "/members/invite", c)); strings.Contains(list, "the-code") || !strings.Contains(list, "for &lt;ns3&gt;") {
		t.Errorf("the list:\n%s", list)
	}
	if r := post(s, "/members/invite", url.Values{"hours": {"1000"}}, c); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("1000 hours: %s", r.Status)
	}
	if r := post(s, "/members/invite/abc/revoke", nil, c); r.StatusCode != http.StatusSeeOther {
		t.Errorf("revoke: %s", r.Status)
	}
}

// A server is deleted with the second click, and its zones go only if they are as many as were shown.
func TestAServerIsDeletedWithTheNumberThatWasShown(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	const path = "/members/192.0.2.1:2087/delete"
	shown := text(t, get(s, path, c))
	if !strings.Contains(shown, "Move the 7 zones whose home is ns1.example to the trash on all servers") || b.removed != nil {
		t.Fatalf("shown:\n%s", shown)
	}
	stale := post(s, path, url.Values{"zones": {"trash"}, "at_home": {"6"}}, c)
	if body := text(t, stale); stale.StatusCode != http.StatusConflict || !strings.Contains(body, "home of 7 zones now") || b.removed != nil {
		t.Errorf("another number: %s\n%s", stale.Status, body)
	}
	if r := post(s, path, url.Values{"zones": {"keep"}, "at_home": {"7"}}, c); r.StatusCode != http.StatusSeeOther || b.removed == nil || b.removed.Trash {
		t.Errorf("keep: %s %+v", r.Status, b.removed)
	}
	if r := post(s, path, url.Values{"zones": {"trash"}, "at_home": {hiddenValue(t, shown, "at_home")}, "drain": {"yes"}}, c); r.StatusCode != http.StatusSeeOther || !b.removed.Trash || b.removed.Drain == 0 {
		t.Errorf("trash: %s %+v", r.Status, b.removed)
	}
}

func TestBothKeysAreShownBeforeOneIsAccepted(t *testing.T) {
	s, _ := server(oneMember())
	if page := text(t, get(s, "/members/192.0.2.1:2087/key", signedIn(t, s))); !strings.Contains(page, "SHA256:old") || !strings.Contains(page, "SHA256:new") {
		t.Errorf("the page:\n%s", page)
	}
}

// Saving a form with another role shows that role first.
func TestAnEditedRoleIsShownFirst(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	form := url.Values{"port": {"2087"}, "username": {"root"}, "role": {"write-only"}, "zones": {"all"}}
	r := post(s, "/members/192.0.2.1:2087/edit", form, c)
	if r.StatusCode != http.StatusSeeOther || !strings.HasSuffix(r.Header.Get("Location"), "/role?role=write-only") || b.edited != nil {
		t.Errorf("%s %s %v", r.Status, r.Header.Get("Location"), b.edited)
	}
	form.Set("port", "70000")
	if r := post(s, "/members/192.0.2.1:2087/edit", form, c); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a port that is none: %s", r.Status)
	}
}

func TestOneZoneIsSynchronizedByName(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	for zone, status := range map[string]int{"": 422, "a..b": 422, "example.com": 200} {
		if r := post(s, "/synchronize/preview", url.Values{"what": {"zone-here"}, "zone": {zone}}, c); r.StatusCode != status {
			t.Errorf("%q: %s", zone, r.Status)
		}
	}
	if r := post(s, "/synchronize", url.Values{"what": {"all-all"}}, c); r.Header.Get("Location") != "/synchronize/j" {
		t.Errorf("started: %s %v", r.Status, r.Header)
	}
}
