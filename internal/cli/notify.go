package cli

import (
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) notifyCommand() *cobra.Command {
	return group("notify", "How people are told of what happens", a.notifyShow(), a.notifySet(), a.notifyTest())
}

func (a *app) notifyShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show who is told, by what, and how sending goes", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := get[api.Notifications](c.Context(), a, nil, "notifications")
			if err != nil {
				return err
			}
			return a.show(n, func(t *text) { t.notifications(n) })
		},
	}
}

func (a *app) notifySet() *cobra.Command {
	var contacts []string
	var host, security, user, from, url, password, secret string
	var port int
	c := &cobra.Command{
		Use: "set", Short: "Change who is told and by what; what is not given stays", Args: cobra.NoArgs,
		Long: "Change who is told and by what; what is not given stays. An empty --smtp or --webhook takes it away. Secrets are read from\n" +
			"files, so that they are in no list of processes; without --webhook-secret-file a new webhook gets a secret, which is shown\n" +
			"this once.",
		Example: "  zonefleet notify set --contact hostmaster@example.com --smtp mail.example.com --smtp-user zonefleet --smtp-password-file pw\n" +
			"  zonefleet notify set --webhook https://hooks.example.com/dns",
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := get[api.Notifications](c.Context(), a, nil, "notifications")
			if err != nil {
				return err
			}
			given := c.Flags().Changed
			for flag, f := range map[string]struct{ said, to *string }{
				"smtp": {&host, &n.SMTP.Host}, "smtp-security": {&security, &n.SMTP.Security}, "smtp-user": {&user, &n.SMTP.User},
				"from": {&from, &n.SMTP.From}, "webhook": {&url, &n.Webhook.URL},
			} {
				if given(flag) {
					*f.to = *f.said
				}
			}
			if given("contact") {
				n.Contacts = withoutEmpty(contacts)
			}
			if given("smtp-port") {
				n.SMTP.Port = port
			}
			if n.SMTP.Host == "" {
				n.SMTP = api.SMTP{}
			}
			for path, to := range map[string]**string{password: &n.SMTP.Password, secret: &n.Webhook.Secret} {
				if path == "" {
					continue
				}
				line, err := secretIn(path)
				if err != nil {
					return err
				}
				*to = &line
			}
			n.States, n.SMTP.HasPassword, n.Webhook.HasSecret = nil, false, false
			n, err = send[api.Notifications](c.Context(), a, http.MethodPut, n, nil, "notifications")
			if err != nil {
				return err
			}
			return a.show(n, func(t *text) { t.notifications(n) })
		},
	}
	f := c.Flags()
	f.StringSliceVar(&contacts, "contact", nil, "mail address of root, repeatable")
	f.StringVar(&host, "smtp", "", "mail server")
	f.IntVar(&port, "smtp-port", 0, "its port (default: 587, with tls 465, with none 25)")
	f.StringVar(&security, "smtp-security", "", "starttls, tls, or none for a server on the same machine (default: starttls)")
	f.StringVar(&user, "smtp-user", "", "user name there (default: without signing in)")
	f.StringVar(&password, "smtp-password-file", "", "file with the password there")
	f.StringVar(&from, "from", "", "address of the sender (default: zonefleet@ and the server's name)")
	f.StringVar(&url, "webhook", "", "https URL to send messages to, signed (Standard Webhooks)")
	f.StringVar(&secret, "webhook-secret-file", "", "file with the webhook's secret, whsec_…")
	return c
}

func (a *app) notifyTest() *cobra.Command {
	return &cobra.Command{
		Use: "test", Short: "Send a test by everything that is set up", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			res, err := send[api.TestedNotifications](c.Context(), a, http.MethodPost, nil, nil, "notifications", "test")
			if err != nil {
				return err
			}
			failed := 0
			for _, s := range res.Tested {
				if s.Error != "" {
					failed++
				}
			}
			err = a.show(res, func(t *text) {
				for _, s := range res.Tested {
					t.line("%s: %s", s.Name, clean(orElse(s.Error, "sent")))
				}
			})
			if err == nil && failed > 0 {
				err = withHint(errors.New("the test was not sent by all that is set up"), "zonefleet notify show")
			}
			return err
		},
	}
}

func (t *text) notifications(n api.Notifications) {
	tb := t.table("SETTING", "VALUE")
	smtp := n.SMTP.Host
	if smtp != "" {
		if n.SMTP.Port != 0 {
			smtp += ":" + strconv.Itoa(n.SMTP.Port)
		}
		smtp += ", " + orElse(n.SMTP.Security, "starttls")
	}
	tb.row("contacts", orDash(strings.Join(n.Contacts, " ")))
	tb.row("smtp", orDash(smtp))
	tb.row("smtp user", orDash(n.SMTP.User))
	tb.row("from", orDash(n.SMTP.From))
	tb.row("webhook", orDash(n.Webhook.URL))
	if n.Webhook.Secret != nil {
		tb.row("webhook secret", *n.Webhook.Secret+" (shown this once)")
	}
	tb.print()
	for _, s := range n.States {
		if s.Set {
			t.line("%s: %s", s.Name, clean(transportState(s)))
		}
	}
}

func transportState(s api.Transport) string {
	switch {
	case s.Error != "":
		again := ""
		if s.NextTry != nil {
			again = ", again at " + when(*s.NextTry)
		}
		return s.Error + again
	case s.Sent != nil:
		return plural(s.Messages, "message", "messages") + ", the last at " + when(*s.Sent)
	}
	return "nothing was sent since the start"
}

// secretIn is the first line of a file.
func secretIn(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line), nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
