package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

func (b *book) SetSettings(_ context.Context, _ acl.Principal, s control.Settings) error {
	b.settings = s
	return b.err
}

func (b *book) Notifications(context.Context, acl.Principal) (control.NotificationsView, error) {
	return control.NotificationsView{
		Notifications: control.Notifications{Contacts: []string{"root@example.com"}, SMTP: control.SMTP{Host: "mail.example.com"}}, HasPassword: true,
		States: []control.NotifyState{{Name: "mail", Set: true, Error: "no route to <host>"}, {Name: "webhook"}},
	}, b.err
}

func (b *book) SetNotifications(_ context.Context, _ acl.Principal, e control.NotificationsEdit) (string, error) {
	b.notify = e
	if e.Webhook != "" {
		return "whsec_shown_once", b.err
	}
	return "", b.err
}

func (b *book) TestNotification(context.Context, acl.Principal) ([]control.NotifyState, error) {
	return []control.NotifyState{{Name: "mail", Error: "no route to host"}}, b.err
}

func (b *book) FindEvents(_ context.Context, _ acl.Principal, f control.EventFilter) ([]store.Event, error) {
	b.filter = f
	list := []store.Event{{ID: 8, Kind: "member-disabled", Severity: "warning", Member: "ns1", Text: "ns1 <disabled>"}}
	for id := uint64(7); len(list) < f.Limit; id-- {
		list = append(list, store.Event{ID: 100 + id, Kind: "settings-changed", Severity: "info", Text: "settings changed"})
	}
	return list, b.err
}

func (b *book) ClusterLog(context.Context, acl.Principal, string, string, int) ([]control.Transaction, error) {
	return []control.Transaction{{Member: "ns1", Direction: "sent", What: "push", Zone: "example.com", Result: "stored"}}, b.err
}

func TestTheLogIsFilteredAndPaged(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	cookie := signedIn(t, s)
	page := text(t, get(s, "/log?member=ns1&zone=Example.com&level=warning", cookie))
	if f := b.filter; f.Member != "ns1" || f.Zone.Text() != "example.com" || f.Level != "warning" || f.Before != 0 {
		t.Errorf("the filter is %+v", f)
	}
	for _, part := range []string{"ns1 &lt;disabled&gt;", "Older", "member=ns1", `/live/log?level=warning&amp;member=ns1`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if page = text(t, get(s, "/log?before=60", cookie)); b.filter.Before != 60 || !strings.Contains(page, "Newest") || strings.Contains(page, "/live/log?") {
		t.Error("an older page is not one")
	}
	if r := get(s, "/log?zone=a..b", cookie); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a zone that is none: %s", r.Status)
	}
	if page = text(t, get(s, "/log/cluster", cookie)); !strings.Contains(page, "push") {
		t.Error("the cluster log is not shown")
	}
}

func TestSettingsAreSaved(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	cookie := signedIn(t, s)
	form := url.Values{
		"nameservers": {"ns1.example.net 192.0.2.1, 2001:db8::1\nns2.example.net"}, "contact": {"admin@example.net"}, "serial": {"date"},
		"refresh": {"7200"}, "retry": {"900"}, "expire": {"1209600"}, "minimum": {"300"}, "ttl": {"3600"}, "own_addresses": {"yes"},
	}
	if r := post(s, "/settings/new-zones", form, cookie); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", r.Status, text(t, r))
	}
	if n := b.settings.NewZones; len(b.settings.Nameservers) != 2 || len(n.Addresses) != 1 || len(n.Addresses[0].Addresses) != 2 || n.Refresh != 7200 || n.Serial != control.SerialDate || b.settings.Contact.Text() != "admin.example.net" {
		t.Errorf("saved are %+v", b.settings)
	}
	form.Set("ttl", "soon")
	form.Set("nameservers", "ns1.example.net 192.0.2.999")
	r := post(s, "/settings/new-zones", form, cookie)
	if page := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "Give seconds") || !strings.Contains(page, "192.0.2.999 is no address.") {
		t.Errorf("mistakes: %s", r.Status)
	}
	if r = post(s, "/settings/transfer", url.Values{"transfer": {"198.51.100.0/24"}}, cookie); r.StatusCode != http.StatusSeeOther || len(b.settings.AllowTransfer) != 1 {
		t.Errorf("transfers: %s %+v", r.Status, b.settings.AllowTransfer)
	}
}

// Secrets are in no page but the answer that makes one, and an empty field leaves them.
func TestNotificationIsSavedAndTested(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	cookie := signedIn(t, s)
	if page := text(t, get(s, "/settings", cookie)); !strings.Contains(page, "no route to &lt;host&gt;") || !strings.Contains(page, "One is kept") || !strings.Contains(page, "– not yet") {
		t.Error("the page lacks something")
	}
	form := url.Values{"contacts": {"a@example.com\nb@example.com"}, "host": {"mail.example.com"}, "security": {"tls"}, "webhook": {""}}
	if r := post(s, "/settings/notifications", form, cookie); r.StatusCode != http.StatusSeeOther || len(b.notify.Contacts) != 2 || b.notify.Password != nil || b.notify.SMTP.Security != "tls" {
		t.Errorf("%s %+v", r.Status, b.notify)
	}
	form.Set("webhook", "https://example.com/hook")
	if page := text(t, post(s, "/settings/notifications", form, cookie)); !strings.Contains(page, "whsec_shown_once") {
		t.Error("the new secret is not shown")
	}
	if page := text(t, get(s, "/settings", cookie)); strings.Contains(page, "whsec_") {
		t.Error("the secret is shown again")
	}
	if r := post(s, "/settings/notifications/test", nil, cookie); r.StatusCode != http.StatusSeeOther {
		t.Errorf("the test: %s", r.Status)
	}
	if page := text(t, get(s, "/settings", cookie)); !strings.Contains(page, "mail: no route to host") {
		t.Error("what became of the test is not said")
	}
}
