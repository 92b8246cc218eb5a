package control_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// sender stands for what sends.
type sender struct{ tested []string }

func (s *sender) States() []control.NotifyState {
	return []control.NotifyState{{Name: "mail", Set: true}, {Name: "webhook"}}
}

func (s *sender) Test(_ context.Context, name string) error {
	s.tested = append(s.tested, name)
	return nil
}

func (s *sender) NewSecret() string { return "whsec_made" }

func (s *sender) ValidSecret(secret string) error {
	if !strings.HasPrefix(secret, "whsec_") {
		return errors.New("is none")
	}
	return nil
}

func notifying(t *testing.T) (*server, *sender) {
	s := newNetwork().server(t, "web1.test")
	out := &sender{}
	s.Control.Notifier = out
	return s, out
}

func TestWhatIsSaidOfNotificationIsChecked(t *testing.T) {
	s, _ := notifying(t)
	long := strings.Repeat("x", 1001)
	bad := "not a secret"
	for _, e := range []control.NotificationsEdit{
		{Notifications: control.Notifications{Contacts: make([]string, 21)}},
		{Notifications: control.Notifications{Contacts: []string{"root"}}},
		{Notifications: control.Notifications{Contacts: []string{"Root <root@example.com>"}}},
		{Notifications: control.Notifications{Contacts: []string{"a@example.com\nBcc: b@example.com"}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com:25"}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{User: "x"}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com", Security: "none", User: "x"}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com", Security: "ssl3"}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com", Port: 70000}}},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com", From: "nobody"}}},
		{Notifications: control.Notifications{Webhook: "http://example.com/"}},
		{Notifications: control.Notifications{Webhook: "https://user:pw@example.com/"}},
		{Notifications: control.Notifications{Webhook: "file:///etc/passwd"}},
		{Notifications: control.Notifications{Webhook: "https://example.com/"}, WebhookSecret: &bad},
		{Notifications: control.Notifications{SMTP: control.SMTP{Host: "mail.example.com"}}, Password: &long},
	} {
		if _, err := s.SetNotifications(ctx(), root, e); control.CodeOf(err) != control.CodeInvalid && control.CodeOf(err) != control.CodeTooLarge {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

// Secrets are sealed, stay where they are not given, go with what they are for, and are seen by nobody.
func TestSecretsOfNotification(t *testing.T) {
	s, out := notifying(t)
	if s.Unheard(root) == "" {
		t.Error("somebody is told of things before anything is set up")
	}
	password := "mail-password"
	e := control.NotificationsEdit{
		Notifications: control.Notifications{
			Contacts: []string{"root@example.com"}, Webhook: "https://example.com/hook", SMTP: control.SMTP{Host: "mail.example.com", User: "zonefleet"},
		},
		Password: &password,
	}
	secret, err := s.SetNotifications(ctx(), root, e)
	if err != nil || secret != "whsec_made" {
		t.Fatalf("%q, %v", secret, err)
	}
	e.Password = nil
	if secret, err = s.SetNotifications(ctx(), root, e); err != nil || secret != "" {
		t.Fatalf("the secret is shown again: %q, %v", secret, err)
	}
	_, secrets, err := s.NotifySetup()
	if err != nil || secrets.Password != password || secrets.Webhook != "whsec_made" {
		t.Errorf("kept are %+v, %v", secrets, err)
	}
	v, err := s.Notifications(ctx(), root)
	if err != nil || !v.HasPassword || !v.HasSecret || s.Unheard(root) != "" {
		t.Errorf("shown are %+v, %v", v, err)
	}
	rows, err := s.Store.Records("notify-secret")
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for name, box := range rows {
		if strings.Contains(string(box), password) || strings.Contains(string(box), "whsec") {
			t.Errorf("%s lies in the clear", name)
		}
	}
	if tested, err := s.TestNotification(ctx(), root); err != nil || len(tested) != 1 || len(out.tested) != 1 {
		t.Errorf("tested %v, %v", tested, err)
	}
	if _, err := s.SetNotifications(ctx(), root, control.NotificationsEdit{}); err != nil {
		t.Fatal(err)
	}
	if rows, err = s.Store.Records("notify-secret"); err != nil || len(rows) != 0 {
		t.Errorf("%d secrets are left, %v", len(rows), err)
	}
	if _, err := s.TestNotification(ctx(), root); control.CodeOf(err) != control.CodeConflict {
		t.Errorf("a test with nothing set up: %v", err)
	}
	for _, p := range []acl.Principal{{}, {User: "alice", Kind: acl.KindAPI}} {
		if _, err := s.Notifications(ctx(), p); err == nil {
			t.Errorf("%s sees the settings", p)
		}
	}
}

// Root's contacts are told of root's links, a reseller of the reseller's own; where there is no address, the checkbox says so.
func TestNoticesOfALinkGoToItsOwner(t *testing.T) {
	s := newWorld().server(t, "ns.test")
	bob := s.reseller(t, "bob", "alice")
	set := control.Notifications{Contacts: []string{"root@example.com"}, SMTP: control.SMTP{Host: "mail.example.com"}}
	if _, err := s.SetNotifications(ctx(), root, control.NotificationsEdit{Notifications: set}); err != nil {
		t.Fatal(err)
	}
	if got := s.ContactsOf("bob"); len(got) != 0 || s.Unheard(bob) != "bob has no mail address, so nobody is told" {
		t.Errorf("a reseller without an address: %q, %q", got, s.Unheard(bob))
	}
	mail := "bob@example.com"
	s.edited(t, control.UserEdit{Name: "bob", Contact: &mail})
	for user, want := range map[string]string{"": "root@example.com", "root": "root@example.com", "bob": mail} {
		if got := s.ContactsOf(user); len(got) != 1 || got[0] != want {
			t.Errorf("contacts of %q are %q", user, got)
		}
	}
	if s.Unheard(bob) != "" || s.Unheard(root) != "" {
		t.Errorf("%q, %q", s.Unheard(bob), s.Unheard(root))
	}
	if got := s.ContactsOf("alice"); len(got) != 0 {
		t.Errorf("an account without an address: %q", got)
	}
}
