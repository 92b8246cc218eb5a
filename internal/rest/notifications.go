package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) notificationRoutes(a huma.API) {
	handle(s, a, op("show-notifications", http.MethodGet, "/notifications", "server", "Show how people are told of what happens"), s.showNotifications)
	handle(s, a, op("set-notifications", http.MethodPut, "/notifications", "server", "Replace how people are told of what happens; secrets that are absent stay"), s.setNotifications)
	handle(s, a, op("test-notifications", http.MethodPost, "/notifications/test", "server", "Send a test by everything that is set up"), s.testNotifications)
}

func (s *Server) showNotifications(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Notifications], error) {
	v, err := s.Control.Notifications(ctx, p)
	if err != nil {
		return nil, err
	}
	return answer(notificationsOf(v)), nil
}

func notificationsOf(v control.NotificationsView) api.Notifications {
	out := api.Notifications{
		Contacts: append([]string{}, v.Contacts...),
		SMTP: api.SMTP{
			Host: v.SMTP.Host, Port: v.SMTP.Port, Security: v.SMTP.Security, User: v.SMTP.User, From: v.SMTP.From, HasPassword: v.HasPassword,
		},
		Webhook: api.Webhook{URL: v.Webhook, HasSecret: v.HasSecret},
	}
	for _, t := range v.States {
		out.States = append(out.States, transportOf(t))
	}
	return out
}

func transportOf(t control.NotifyState) api.Transport {
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	return api.Transport{Name: t.Name, Set: t.Set, Sent: at(t.Sent), Failed: at(t.Failed), Error: t.Error, NextTry: at(t.NextTry), Messages: t.Messages}
}

func (s *Server) setNotifications(ctx context.Context, p acl.Principal, in *struct{ Body api.Notifications }) (*body[api.Notifications], error) {
	b := in.Body
	secret, err := s.Control.SetNotifications(ctx, p, control.NotificationsEdit{
		Notifications: control.Notifications{
			Contacts: b.Contacts, Webhook: b.Webhook.URL,
			SMTP: control.SMTP{Host: b.SMTP.Host, Port: b.SMTP.Port, Security: b.SMTP.Security, User: b.SMTP.User, From: b.SMTP.From},
		},
		Password: b.SMTP.Password, WebhookSecret: b.Webhook.Secret,
	})
	if err != nil {
		return nil, err
	}
	out, err := s.showNotifications(ctx, p, nil)
	if err == nil && secret != "" {
		out.Body.Webhook.Secret = &secret // the one answer that has it
	}
	return out, err
}

func (s *Server) testNotifications(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.TestedNotifications], error) {
	tested, err := s.Control.TestNotification(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.TestedNotifications{Tested: []api.Transport{}}
	for _, t := range tested {
		out.Tested = append(out.Tested, transportOf(t))
	}
	return answer(out), nil
}
