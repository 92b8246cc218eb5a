package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
)

// setNotifications saves who is told of what happens. A secret field that is left empty leaves the secret as it is.
func setNotifications(v *Visit) error {
	value := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	f := notifyForm{
		Contacts: value("contacts"), Host: value("host"), Port: value("port"), Security: value("security"), User: value("user"),
		From: value("from"), Webhook: value("webhook"), Wrong: map[string]string{},
	}
	e := control.NotificationsEdit{Notifications: control.Notifications{
		Contacts: strings.Fields(strings.ReplaceAll(f.Contacts, ",", " ")), Webhook: f.Webhook,
	}}
	if f.Host != "" {
		e.SMTP = control.SMTP{Host: f.Host, Security: f.Security, User: f.User, From: f.From}
		if f.Port != "" {
			port, err := strconv.Atoi(f.Port)
			if err != nil || port < 1 || port > 65535 {
				f.Wrong["port"] = "Give a port from 1 to 65535, or none."
			}
			e.SMTP.Port = port
		}
	}
	if p := v.PostFormValue("password"); p != "" {
		e.Password = &p
	}
	if s := value("secret"); s != "" {
		e.WebhookSecret = &s
	}
	var secret string
	var err error
	if len(f.Wrong) == 0 {
		secret, err = v.server.Control.SetNotifications(v.Context(), v.Principal(), e)
	}
	var wrong *control.Error
	if errors.As(err, &wrong) && invalidOf(err) != "" {
		f.Wrong[wrong.Subject] = invalidOf(err)
	} else if err != nil {
		return err
	}
	if len(f.Wrong) == 0 && secret == "" {
		return v.done("/settings#notification", notice{Level: good, Text: "Notification is saved."})
	}
	view, err := v.lookSettings()
	if err != nil {
		return err
	}
	if len(f.Wrong) > 0 {
		f.HasPassword, f.HasSecret, f.States = view.Notify.HasPassword, view.Notify.HasSecret, view.Notify.States
		view.Notify = f
		return v.showSettings(http.StatusUnprocessableEntity, view)
	}
	view.Secret = secret // the one answer that has it
	return v.showSettings(http.StatusOK, view)
}

func testNotifications(v *Visit) error {
	tested, err := v.server.Control.TestNotification(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	n := notice{Level: good, Text: "The test was sent."}
	for _, s := range tested {
		line := s.Name + ": sent"
		if s.Error != "" {
			n.Level, n.Text, line = act, "The test was not sent by all that is set up.", s.Name+": "+s.Error
		}
		n.Lines = append(n.Lines, line)
	}
	return v.done("/settings", n)
}
