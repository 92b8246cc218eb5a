package control

import (
	"context"
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Notifications say how people are told of what happens. They are root's; the contacts of resellers are theirs.
type Notifications struct {
	Contacts []string // mail addresses of root
	SMTP     SMTP
	Webhook  string // https URL; empty: none
}

// SMTP is the mail server that notifications go through; without a Host there is none.
type SMTP struct {
	Host     string
	Port     int    // 0: the usual one of Security
	Security string // "starttls" (default), "tls", "none"
	User     string // empty: without signing in
	From     string // address; empty: zonefleet@ and the name of this server
}

// NotificationsEdit replaces Notifications; of the secrets what is nil stays, and an empty one is taken away.
type NotificationsEdit struct {
	Notifications
	Password      *string
	WebhookSecret *string
}

// NotifySecrets are those of the transports, for whoever sends.
type NotifySecrets struct {
	Password string
	Webhook  string
}

// NotifyState is how a transport stands.
type NotifyState struct {
	Name     string // "mail" or "webhook"
	Set      bool   // there is one
	Sent     time.Time
	Failed   time.Time // zero when a later one was sent
	Error    string
	NextTry  time.Time
	Messages int // since the start
}

// Notifier is the port to what sends notifications.
type Notifier interface {
	States() []NotifyState
	// Test sends one message by the transport of that name, now and once.
	Test(ctx context.Context, transport string) error
	// NewSecret makes a secret for a webhook, and ValidSecret says what is wrong with one.
	NewSecret() string
	ValidSecret(secret string) error
}

// NotificationsView is what people see of it; secrets are not in it.
type NotificationsView struct {
	Notifications
	HasPassword, HasSecret bool
	States                 []NotifyState
}

const (
	settingNotify     = "notify"
	kindNotifySecret  = "notify-secret" // "password", "webhook" → sealed
	maxContacts       = 20
	maxNotifySecret   = 1000
	usualSMTPSecurity = "starttls"
)

// Notifications returns how people are told.
func (c *Control) Notifications(ctx context.Context, p acl.Principal) (NotificationsView, error) {
	if err := allow(p, acl.ManageNode, acl.Object{}); err != nil {
		return NotificationsView{}, err
	}
	n, secrets, err := c.NotifySetup()
	if err != nil {
		return NotificationsView{}, err
	}
	v := NotificationsView{Notifications: n, HasPassword: secrets.Password != "", HasSecret: secrets.Webhook != ""}
	if c.Notifier != nil {
		v.States = c.Notifier.States()
	}
	return v, nil
}

// NotifySetup is for whoever sends: the settings with their secrets.
func (c *Control) NotifySetup() (n Notifications, secrets NotifySecrets, err error) {
	if n, _, err = load[Notifications](c.Store, kindSetting, settingNotify); err != nil {
		return n, secrets, err
	}
	password, err1 := c.notifySecret("password")
	webhook, err2 := c.notifySecret("webhook")
	return n, NotifySecrets{password, webhook}, errors.Join(err1, err2)
}

func (c *Control) notifySecret(name string) (string, error) {
	box, err := c.Store.Record(kindNotifySecret, name)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	plain, err := c.Store.Unseal(box, kindNotifySecret+"\x00"+name)
	return string(plain), err
}

// SetNotifications replaces the settings. A webhook without a secret gets one, which is returned this once.
func (c *Control) SetNotifications(ctx context.Context, p acl.Principal, e NotificationsEdit) (newSecret string, err error) {
	if err := allow(p, acl.ManageNode, acl.Object{}); err != nil {
		return "", err
	}
	if err := e.check(c.Notifier); err != nil {
		return "", err
	}
	_, had, err := c.NotifySetup()
	if err != nil {
		return "", err
	}
	switch {
	case e.Webhook == "":
		e.WebhookSecret = new(string)
	case e.WebhookSecret == nil && had.Webhook == "" || e.WebhookSecret != nil && *e.WebhookSecret == "":
		if c.Notifier == nil {
			return "", fail(CodeUnavailable, "webhook", "this server sends no notifications")
		}
		newSecret = c.Notifier.NewSecret()
		e.WebhookSecret = &newSecret
	}
	if e.SMTP.Host == "" {
		e.Password = new(string)
	}
	return newSecret, c.commitRecords(ctx, "notifications", func(tx *store.Tx) error {
		c.sealNotify(tx, "password", e.Password)
		c.sealNotify(tx, "webhook", e.WebhookSecret)
		tx.AppendEvent(c.event(p, "notifications-changed", "settings of notification changed"))
		return save(tx, kindSetting, settingNotify, e.Notifications)
	})
}

func (c *Control) sealNotify(tx *store.Tx, name string, secret *string) {
	switch {
	case secret == nil:
	case *secret == "":
		tx.DeleteRecord(kindNotifySecret, name)
	default:
		tx.PutRecord(kindNotifySecret, name, c.Store.Seal([]byte(*secret), kindNotifySecret+"\x00"+name))
	}
}

// TestNotification sends a test by every transport that is set up, and says what became of each.
func (c *Control) TestNotification(ctx context.Context, p acl.Principal) ([]NotifyState, error) {
	if err := allow(p, acl.ManageNode, acl.Object{}); err != nil {
		return nil, err
	}
	n, _, err := c.NotifySetup()
	switch {
	case err != nil:
		return nil, err
	case c.Notifier == nil:
		return nil, fail(CodeUnavailable, "", "this server sends no notifications")
	case !n.mails() && n.Webhook == "":
		return nil, fail(CodeConflict, "notifications", "there is neither a mail server with a contact nor a webhook").
			hint("zonefleet notify set --smtp HOST --contact ADDRESS")
	}
	var tested []NotifyState
	for _, s := range c.Notifier.States() {
		if !s.Set {
			continue
		}
		s.Error = ""
		if err := c.Notifier.Test(ctx, s.Name); err != nil {
			s.Error = err.Error()
		}
		tested = append(tested, s)
	}
	return tested, nil
}

// NotificationLost notes that a message could not be sent and is not tried again. Nobody is notified of that.
func (c *Control) NotificationLost(ctx context.Context, transport, subject, why string) error {
	return c.commitRecords(ctx, "notification", func(tx *store.Tx) error {
		e := c.event(acl.Node(), "notification-lost", "by "+transport+", nobody was told: "+subject+": "+why)
		e.Severity = severityWarning
		tx.AppendEvent(e)
		return nil
	})
}

// Unheard says why nobody would be told of what happens to an account's links; empty if somebody would be.
func (c *Control) Unheard(p acl.Principal) string {
	n, _, err := c.NotifySetup()
	switch {
	case err != nil:
		return "the settings of notification cannot be read"
	case n.Webhook != "" && p.Root:
		return ""
	case n.SMTP.Host == "":
		return "no mail server and no webhook is set up, so nobody is told"
	case len(c.ContactsOf(p.Account())) > 0:
		return ""
	case p.Account() != acl.Root:
		return p.Account() + " has no mail address, so nobody is told"
	}
	return "there is no contact address, so nobody is told"
}

// ContactsOf are the addresses of who is told of what happens to a user's links, and to what is no link's and so root's: root's
// contacts for root's, a reseller's own address for the reseller's.
func (c *Control) ContactsOf(user string) []string {
	if user == "" || user == acl.Root {
		n, _, err := load[Notifications](c.Store, kindSetting, settingNotify)
		if err != nil {
			return nil
		}
		return n.Contacts
	}
	u, found, err := loadUser(c.Store, user)
	if err != nil || !found || u.Contact == "" {
		return nil
	}
	return []string{u.Contact}
}

func (n Notifications) mails() bool { return n.SMTP.Host != "" && len(n.Contacts) > 0 }

func (e NotificationsEdit) check(port Notifier) error {
	var wrong []error
	if len(e.Contacts) > maxContacts {
		wrong = append(wrong, fail(CodeTooLarge, "contacts", "at most %d addresses", maxContacts))
	}
	for _, a := range e.Contacts {
		wrong = append(wrong, checkMailAddress("contacts", a))
	}
	wrong = append(wrong, e.SMTP.check(), checkWebhook(e.Webhook))
	for _, s := range []*string{e.Password, e.WebhookSecret} {
		if s != nil && (len(*s) > maxNotifySecret || !printable(*s)) {
			wrong = append(wrong, fail(CodeInvalid, "password", "a secret is one line of at most %d characters", maxNotifySecret))
		}
	}
	if e.WebhookSecret != nil && *e.WebhookSecret != "" && port != nil {
		if err := port.ValidSecret(*e.WebhookSecret); err != nil {
			wrong = append(wrong, fail(CodeInvalid, "secret", "%v", err))
		}
	}
	return errors.Join(wrong...)
}

// checkMailAddress wants an address and nothing around it (RFC 5321 section 4.1.2).
func checkMailAddress(field, text string) error {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || !printable(text) {
		return fail(CodeInvalid, field, "%q is no mail address, as hostmaster@example.com", text)
	}
	return nil
}

func (s SMTP) check() error {
	if s == (SMTP{}) || s == (SMTP{Security: usualSMTPSecurity}) {
		return nil
	}
	switch {
	case s.Host == "" || len(s.Host) > 255 || !printable(s.Host) || strings.ContainsAny(s.Host, " /:") && !isAddress(s.Host):
		return fail(CodeInvalid, "host", "%q is no name or address of a mail server", s.Host)
	case s.Port < 0 || s.Port > 65535:
		return fail(CodeInvalid, "port", "%d is no port", s.Port)
	case s.Security != "" && s.Security != usualSMTPSecurity && s.Security != "tls" && s.Security != "none":
		return fail(CodeInvalid, "security", "%q is not known (starttls, tls, none)", s.Security)
	case s.Security == "none" && s.User != "":
		return fail(CodeInvalid, "security", "a password is not sent without TLS")
	case len(s.User) > 255 || !printable(s.User):
		return fail(CodeInvalid, "user", "a user name is one line of at most 255 characters")
	case s.From != "":
		return checkMailAddress("from", s.From)
	}
	return nil
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// checkWebhook wants TLS, but for what listens on this machine.
func checkWebhook(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(text) > 2000 || !printable(text) {
		return fail(CodeInvalid, "webhook", "the webhook is no URL, as https://example.com/hook")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return fail(CodeInvalid, "webhook", "a webhook is reached by https (by http on this machine only)")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
