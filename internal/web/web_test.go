package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// book is control as the pages see it, with one member; real pages on real servers are in package test.
type book struct {
	Control // what no test here asks for is missing

	err     error
	members []control.MemberStatus
	saved   *cluster.Threshold
	content []zone.RRset // of every zone
	edited  *cluster.Role

	asked      control.MemberRequest // the last one that was looked at
	added      *control.MemberRequest
	previewErr error
	removed    *control.RemoveRequest

	set       control.ChangeSet
	began     control.SetRequest
	page      control.ZonePage
	confirmed int
	token     control.TokenEdit
	settings  control.Settings
	notify    control.NotificationsEdit
	filter    control.EventFilter

	user     control.NewUser
	userEdit control.UserEdit
	deleted  control.DeleteRequestUser
}

func oneMember() *book {
	m := control.MemberStatus{Threshold: 10}
	m.User, m.Name, m.Host, m.Port, m.Role, m.Backend, m.Version = "root", "ns1.example", "192.0.2.1", 2087, cluster.Synchronize, "zonefleet", "<b>1.0</b>"
	m.Link.Connected = true
	return &book{members: []control.MemberStatus{m}}
}

func (b *book) Status(context.Context, acl.Principal) (control.Status, error) {
	return control.Status{Self: control.Identity{Name: "web1.example"}, Clustering: true, Zones: 4212, Sentence: "in step <b>", Members: b.members}, b.err
}

func (b *book) Changes(context.Context, acl.Principal, store.Position, int) ([]control.Change, error) {
	return nil, b.err
}

func (b *book) Topology(context.Context, acl.Principal) ([]cluster.Edge, error) { return nil, b.err }

func (b *book) Settings(context.Context, acl.Principal) (control.Settings, error) {
	return control.Settings{}, b.err
}

func (b *book) Threshold() cluster.Threshold                           { return cluster.Threshold{} }
func (b *book) EnableClustering(context.Context, acl.Principal) error  { return b.err }
func (b *book) DisableClustering(context.Context, acl.Principal) error { return b.err }

func (b *book) SetThreshold(_ context.Context, _ acl.Principal, t cluster.Threshold) error {
	b.saved = &t
	return b.err
}

func (b *book) PreviewMember(_ context.Context, _ acl.Principal, r control.PreviewRequest) (control.MemberPreview, error) {
	if len(b.members) == 0 {
		return control.MemberPreview{}, &control.Error{Code: control.CodeNotFound, Message: "is not a member here"}
	}
	return control.MemberPreview{Member: b.members[0].Member, Role: r.Role, Zones: 4212, Does: []string{"changes at ns1.example are not read"}}, b.err
}

func (b *book) EditMember(_ context.Context, _ acl.Principal, e control.MemberEdit) (control.MemberResult, error) {
	b.edited = e.Role
	return control.MemberResult{Member: b.members[0].Member}, b.err
}

func (b *book) EnableMember(context.Context, acl.Principal, string) (control.MemberResult, error) {
	return control.MemberResult{}, b.err
}

func (b *book) DisableMember(context.Context, acl.Principal, string) (control.MemberResult, error) {
	return control.MemberResult{}, b.err
}

func (b *book) SyncMember(context.Context, acl.Principal, string) (control.MemberResult, error) {
	return control.MemberResult{}, b.err
}

func (b *book) ListZones(context.Context, acl.Principal, control.ListRequest) (control.ZonePage, error) {
	return b.page, b.err
}

func (b *book) HomeChoices(context.Context) ([]control.HomeChoice, error) { return nil, b.err }

func (b *book) Trash(context.Context, acl.Principal, control.ListRequest) (control.TrashPage, error) {
	return control.TrashPage{}, b.err
}

func (b *book) BeginChangeSet(_ context.Context, _ acl.Principal, r control.SetRequest) (control.ChangeSet, error) {
	b.began = r
	return b.set, b.err
}

func (b *book) ChangeSets(context.Context, acl.Principal) ([]control.ChangeSet, error) {
	return []control.ChangeSet{b.set}, b.err
}

func (b *book) ShowChangeSet(context.Context, acl.Principal, uint64) (control.ChangeSet, error) {
	return b.set, b.err
}

func (b *book) ChangeSetZones(context.Context, acl.Principal, uint64, int) ([]control.SetZone, error) {
	return nil, b.err
}

func (b *book) ConfirmChangeSet(_ context.Context, _ acl.Principal, _ uint64, n int) (control.ChangeSet, error) {
	b.confirmed = n
	return b.set, b.err
}

func (b *book) ResumeChangeSet(context.Context, acl.Principal, uint64) (control.ChangeSet, error) {
	return b.set, b.err
}

func (b *book) StopChangeSet(context.Context, acl.Principal, uint64) (control.ChangeSet, error) {
	return b.set, b.err
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func server(b *book) (*Server, *clock) {
	k := &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return New(Deps{Control: b, Accounts: NewMemory(k.now), Now: k.now, Logger: slog.New(slog.DiscardHandler)}), k
}

func ask(s *Server, r *http.Request, cookies ...*http.Cookie) *http.Response {
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func get(s *Server, path string, cookies ...*http.Cookie) *http.Response {
	return ask(s, httptest.NewRequest(http.MethodGet, path, nil), cookies...)
}

func post(s *Server, path string, form url.Values, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return ask(s, r, cookies...)
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// signedIn is the cookie of somebody who used the link.
func signedIn(t *testing.T, s *Server) *http.Cookie {
	t.Helper()
	r := get(s, s.NewLink())
	if r.StatusCode != http.StatusOK || len(r.Cookies()) != 1 {
		t.Fatalf("the link is answered %s %v", r.Status, r.Cookies())
	}
	return r.Cookies()[0]
}

func TestTheLinkWorksOnce(t *testing.T) {
	s, _ := server(oneMember())
	link := s.NewLink()
	first := get(s, link)
	if first.StatusCode != http.StatusOK || len(first.Cookies()) != 1 {
		t.Fatalf("first use: %s %v", first.Status, first.Cookies())
	}
	c := first.Cookies()[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %+v", c)
	}
	if second := get(s, link); second.StatusCode != http.StatusForbidden || len(second.Cookies()) != 0 {
		t.Errorf("second use: %s", second.Status)
	}
	page := get(s, "/", c)
	if body := text(t, page); page.StatusCode != http.StatusOK || !strings.Contains(body, "4,212") || strings.Contains(body, "<b>") {
		t.Errorf("the page: %s %s", page.Status, body)
	}
}

// Every route but those for anybody, and every path that is none, asks for a sign-in, and all of them in the same words.
func TestWithoutASessionNothingIsShown(t *testing.T) {
	s, _ := server(oneMember())
	same := text(t, get(s, "/"))
	for _, r := range append(Routes(), Route{Method: "GET", Pattern: "/nothing"}, Route{Method: "POST", Pattern: "/nothing"}, Route{Method: "PUT", Pattern: "/"}) {
		if r.Who == Anybody {
			continue
		}
		path := strings.NewReplacer("{member}", "192.0.2.1:2087", "{$}", "", "{id}", "7", "{zone}", "example.org", "{name}", "standard").Replace(r.Pattern)
		for _, c := range []*http.Cookie{{Name: cookieName, Value: "guess"}, {Name: "other", Value: "x"}} {
			got := ask(s, httptest.NewRequest(r.Method, path, nil), c)
			body := strings.ReplaceAll(text(t, got), path, "/")
			if got.StatusCode != http.StatusUnauthorized || strings.Contains(body, "example") || r.Method == "GET" && body != same {
				t.Errorf("%s %s with the cookie %s: %s\n%s", r.Method, path, c.Name, got.Status, body)
			}
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	s, k := server(oneMember())
	link := s.NewLink()
	k.at = k.at.Add(linkLife + time.Second)
	if r := get(s, link); r.StatusCode != http.StatusForbidden {
		t.Errorf("an old link: %s", r.Status)
	}
	c := signedIn(t, s)
	k.at = k.at.Add(sessionLife + time.Second)
	if r := get(s, "/", c); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("an old session: %s", r.Status)
	}
	c = signedIn(t, s)
	if r := post(s, "/signout", nil, c); r.StatusCode != http.StatusSeeOther || r.Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %s %v", r.Status, r.Cookies())
	}
	if r := get(s, "/", c); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("after signing out: %s", r.Status)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	s, k := server(oneMember())
	first := signedIn(t, s)
	for range maxSessions {
		k.at = k.at.Add(time.Second)
		signedIn(t, s)
	}
	if r := get(s, "/", first); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the oldest session is still open: %s", r.Status)
	}
	if n := len(s.Accounts.(*Memory).open); n != maxSessions {
		t.Errorf("%d sessions are open", n)
	}
}

// Errors of control are pages in the layout; of what is none nothing is told.
func TestErrorsArePages(t *testing.T) {
	for code, want := range map[control.Code]int{
		control.CodeInvalid: 400, control.CodeDenied: 403, control.CodeNotFound: 404, control.CodeStale: 409,
		control.CodeUnavailable: 503, control.CodeStorageFull: 503, control.CodeInternal: 500,
	} {
		s, _ := server(&book{err: &control.Error{Code: code, Message: "the reason", Err: errors.New("secret detail")}})
		r := get(s, "/zones", signedIn(t, s))
		if body := text(t, r); r.StatusCode != want || !strings.Contains(body, "The reason.") || !strings.Contains(body, "<nav") || strings.Contains(body, "secret detail") {
			t.Errorf("%s: %s %s", code, r.Status, body)
		}
	}
	s, _ := server(&book{err: errors.New("secret detail")})
	c := signedIn(t, s)
	if r := get(s, "/", c); r.StatusCode != http.StatusInternalServerError || strings.Contains(text(t, r), "secret detail") {
		t.Errorf("a failure: %s", r.Status)
	}
	if r := get(s, "/nothing", c); r.StatusCode != http.StatusNotFound {
		t.Errorf("a page that is none: %s", r.Status)
	}
}

// A form of another site's page does nothing, though the browser would send the cookie along.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r := httptest.NewRequest(http.MethodPost, "/cluster/threshold", strings.NewReader("limit=never"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		if res := ask(s, r, c); res.StatusCode != http.StatusForbidden || b.saved != nil {
			t.Errorf("with %s: %s: %s, saved %v", header, value, res.Status, b.saved)
		}
	}
}

func TestTheThresholdForm(t *testing.T) {
	for form, want := range map[string]cluster.Threshold{
		"limit=default&notify=yes&reenable=auto":       {Count: 10, Reenable: cluster.ReenableAuto},
		"limit=custom&count=10000&reenable=by-hand":    {Count: 10_000, Quiet: true, Reenable: cluster.ReenableByHand},
		"limit=never&count=x&notify=yes&reenable=auto": {Count: 10, KeepOnline: true, Reenable: cluster.ReenableAuto},
	} {
		b := oneMember()
		s, _ := server(b)
		values, _ := url.ParseQuery(form)
		r := post(s, "/cluster/threshold", values, signedIn(t, s))
		if r.StatusCode != http.StatusSeeOther || b.saved == nil || *b.saved != want {
			t.Errorf("%s: %s, saved %+v", form, r.Status, b.saved)
		}
	}
	for _, n := range []string{"0", "10001", "", "ten", "-1"} {
		b := oneMember()
		s, _ := server(b)
		r := post(s, "/cluster/threshold", url.Values{"limit": {"custom"}, "count": {n}}, signedIn(t, s))
		if body := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || b.saved != nil || !strings.Contains(body, "from 1 to 10,000") || !strings.Contains(body, `value="`+n+`"`) {
			t.Errorf("%q: %s, saved %v", n, r.Status, b.saved)
		}
	}
}

// A role that somebody else changed between the two clicks is not overwritten.
func TestARoleThatChangedMeanwhile(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	path := "/members/192.0.2.1:2087/role"
	shown := text(t, get(s, path+"?role=write-only", c))
	if !strings.Contains(shown, "4,212") || !strings.Contains(shown, `name="from" value="synchronize"`) {
		t.Errorf("the first click shows %s", shown)
	}
	r := post(s, path, url.Values{"role": {"write-only"}, "from": {"standalone"}}, c)
	if r.StatusCode != http.StatusConflict || b.edited != nil {
		t.Errorf("an outdated second click: %s, %v", r.Status, b.edited)
	}
	r = post(s, path, url.Values{"role": {"write-only"}, "from": {"synchronize"}}, c)
	if r.StatusCode != http.StatusSeeOther || b.edited == nil || *b.edited != cluster.WriteOnly {
		t.Errorf("the second click: %s, %v", r.Status, b.edited)
	}
}

// A notice is shown on the page after a form, once, and to the one who sent it.
func TestNoticesAreShownOnce(t *testing.T) {
	s, _ := server(oneMember())
	mine, other := signedIn(t, s), signedIn(t, s)
	post(s, "/cluster/clustering", url.Values{"to": {"on"}}, mine)
	for _, c := range []struct {
		who  *http.Cookie
		want bool
	}{{other, false}, {mine, true}, {mine, false}} {
		if got := strings.Contains(text(t, get(s, "/zones", c.who)), "DNS clustering is enabled."); got != c.want {
			t.Errorf("shown %v, want %v", got, c.want)
		}
	}
}

// Where to go on after signing in is taken from no other site.
func TestSigningInGoesOnHere(t *testing.T) {
	for path, want := range map[string]string{
		"/zones?q=a": "/zones?q=a", "//evil.example": "/", "https://evil.example/": "/", "/\\evil.example": "/", "zones": "/", "": "/",
	} {
		if got := local(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

// people are Accounts with one password, to drive the form; the real ones come with the table of people.
type people struct{ *Memory }

func (people) HasPasswords(context.Context) bool { return true }

func (p people) SignIn(ctx context.Context, c Credentials) (Ticket, error) {
	switch {
	case c.User == "slow":
		return Ticket{}, ErrThrottled
	case c.User != "root" || c.Password != "right":
		return Ticket{}, ErrRefused
	case c.Code == "":
		return Ticket{}, ErrCodeNeeded
	}
	return p.Redeem(ctx, p.NewLink(), netip.Addr{})
}

func TestThePasswordForm(t *testing.T) {
	s, _ := server(oneMember())
	s.Accounts = people{s.Accounts.(*Memory)}
	for _, c := range []struct {
		user, password, code string
		status               int
		says                 string
	}{
		{"root", "wrong", "", 401, "The user name, the password or the code is wrong."},
		{"nobody", "right", "", 401, "The user name, the password or the code is wrong."},
		{"slow", "right", "", 429, "wait a minute"},
		{"root", "right", "", 401, `name="code"`},
		{"root", "right", "123456", 303, ""},
	} {
		r := post(s, "/signin", url.Values{"user": {c.user}, "password": {c.password}, "code": {c.code}, "next": {"/zones"}})
		body := text(t, r)
		if r.StatusCode != c.status || !strings.Contains(body, c.says) || strings.Contains(body, `value="right"`) {
			t.Errorf("%+v: %s %s", c, r.Status, body)
		}
		if (len(r.Cookies()) == 1) != (c.status == 303) || c.status == 303 && r.Header.Get("Location") != "/zones" {
			t.Errorf("%+v: %v %s", c, r.Cookies(), r.Header.Get("Location"))
		}
	}
}

// All that the first view loads stays small, and comes from here.
func TestThePageIsSmallAndSelfContained(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	page := ask(s, r, c)
	if !strings.HasPrefix(page.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';") || strings.Contains(page.Header.Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("policy %q", page.Header.Get("Content-Security-Policy"))
	}
	squeezed := text(t, page)
	total := len(squeezed)
	z, err := gzip.NewReader(strings.NewReader(squeezed))
	if err != nil {
		t.Fatal(err)
	}
	html, _ := io.ReadAll(z)
	for _, word := range []string{"http://", "https://", " style=", "<style", "onclick", "javascript:", "hx-on", "hx-vals"} {
		if strings.Contains(string(html), word) {
			t.Errorf("the page contains %q", word)
		}
	}
	for name, at := range s.assets().urls {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		res := ask(s, r)
		if !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %v", at, res.Header)
		}
		total += len(text(t, res))
		if !strings.Contains(string(html), at) {
			t.Errorf("%s is embedded and not used", name)
		}
	}
	if total > 100_000 {
		t.Errorf("the first view is %d octets", total)
	}
	t.Logf("the first view is %d octets compressed", total)
	if res := get(s, "/assets/style-000000000000.css"); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a file that is none: %s", res.Status)
	}
}

// A stream sends what has changed, and ends with the server.
func TestLivePartsEndWithTheServer(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	site := httptest.NewServer(s)
	defer site.Close()
	r, _ := http.NewRequest(http.MethodGet, site.URL+"/live/cluster", nil)
	c.Name = cookieNameOf(r) // this server has a port
	r.AddCookie(c)
	res, err := site.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("it is %s", kind)
	}
	s.Close()
	all := text(t, res) // ends
	for _, part := range []string{`data: <hx-partial hx-target="#status"`, `hx-target="#banner"`, `hx-target="#picture"`} {
		if !strings.Contains(all, part) {
			t.Errorf("the stream lacks %s:\n%s", part, all)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s, _ := server(oneMember())
	s.streams.open.Store(maxStreams)
	if r := get(s, "/live/status", signedIn(t, s)); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one stream too many: %s", r.Status)
	}
	if n := s.streams.open.Load(); n != maxStreams {
		t.Errorf("%d streams are counted", n)
	}
}

// A form that is too large is refused before anything is done with it.
func TestFormsAreBounded(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	r := post(s, "/cluster/threshold", url.Values{"limit": {"never"}, "x": {strings.Repeat("x", maxForm)}}, signedIn(t, s))
	if r.StatusCode != http.StatusRequestEntityTooLarge || b.saved != nil {
		t.Errorf("a form of %d octets: %s, saved %v", maxForm, r.Status, b.saved)
	}
}

func TestNoticesThatNobodyFetchesAreDropped(t *testing.T) {
	var f flashes
	for i := range maxFlashes + 1 {
		f.put(fmt.Sprint(i), notice{Text: "done"})
	}
	if len(f.waiting) != 1 || len(f.take(fmt.Sprint(maxFlashes))) != 1 || len(f.take("0")) != 0 {
		t.Errorf("%d notices wait", len(f.waiting))
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"in step: 2 members": "In step: 2 members.", "ns1.example: is not": "ns1.example: is not.", "": "", "done.": "Done.",
		"catching up: ns1 waits": "Catching up: ns1 waits.",
	} {
		if got := sentence(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if got := fmt.Sprint(ago(90*time.Second), " ", ago(50*time.Hour)); got != "1 min 2 days" {
		t.Error(got)
	}
}
