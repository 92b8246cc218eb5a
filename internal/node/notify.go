package node

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/notify"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The transports of notifications.
const (
	byMail    = "mail"
	byWebhook = "webhook"
)

func newNotifier(n *Node) *notify.Notifier {
	return notify.New(notify.Options{
		Source: eventSource{n.store}, Names: []string{byMail, byWebhook}, Transport: n.transport,
		About: n.about, Now: n.clock, Logger: n.log.With("package", "notify"),
		Lost: func(ctx context.Context, transport string, m notify.Message, err error) {
			if err := n.control.NotificationLost(ctx, transport, m.Subject, err.Error()); err != nil && ctx.Err() == nil {
				n.log.Error("a lost notification was not noted", "err", err)
			}
		},
	})
}

func (n *Node) about() notify.About {
	return notify.About{Server: n.Config.Name, Link: "https://" + n.Config.Advertise + "/"}
}

// transport is the one of that name as it is set now; nil if it is not, and when the settings cannot be read: then what
// happens meanwhile is not told.
func (n *Node) transport(name string) notify.Transport {
	set, secrets, err := n.control.NotifySetup()
	if err != nil {
		n.log.Warn("the settings of notification cannot be read", "err", err)
		return nil
	}
	switch {
	case name == byMail && set.SMTP.Host != "":
		from := set.SMTP.From
		if from == "" {
			from = "zonefleet@" + n.Config.Name
		}
		return notify.Mail{
			Host: set.SMTP.Host, Port: set.SMTP.Port, Security: notify.Security(set.SMTP.Security), User: set.SMTP.User, Password: secrets.Password,
			From: from, Hello: n.Config.Name, To: n.control.ContactsOf,
		}
	case name == byWebhook && set.Webhook != "":
		return notify.Webhook{URL: set.Webhook, Secret: secrets.Webhook, Now: n.clock}
	}
	return nil
}

// notifier is control's port to it.
type notifier struct{ node *Node }

func (p notifier) States() []control.NotifyState {
	var out []control.NotifyState
	for _, s := range p.node.notifier.States() {
		out = append(out, control.NotifyState{
			Name: s.Name, Set: p.node.transport(s.Name) != nil, Sent: s.Sent, Failed: s.Failed, Error: s.Error, NextTry: s.NextTry, Messages: s.Messages,
		})
	}
	return out
}

func (p notifier) Test(ctx context.Context, transport string) error {
	now := p.node.clock()
	m, _ := notify.Compose(notify.Event{
		ID: uint64(now.UnixMilli()), At: now, Kind: "test", Severity: "info", Owner: "root",
		Text: "This is a test: notifications of this server arrive", Fields: map[string]string{"notify": "yes"},
	}, p.node.about())
	return p.node.notifier.Try(ctx, transport, m)
}

func (notifier) NewSecret() string               { return notify.NewSecret() }
func (notifier) ValidSecret(secret string) error { return notify.ValidSecret(secret) }

// eventSource is the events of the store. Cursors are registers: a lost one is older, and something is told twice.
type eventSource struct{ store *store.Store }

func (s eventSource) Events(after uint64, limit int) ([]notify.Event, error) {
	list, err := s.store.Events(after, limit)
	out := make([]notify.Event, 0, len(list))
	for _, e := range list {
		out = append(out, notify.Event{
			ID: e.ID, At: time.UnixMilli(int64(e.Time)), Kind: e.Kind, Severity: e.Severity, Zone: nameText(e.Zone), Member: e.Member,
			Owner: e.Fields["user"], Text: e.Text, Fields: e.Fields,
		})
	}
	return out, err
}

func nameText(z zone.Name) string {
	if z == "" {
		return ""
	}
	return z.Text()
}

func (s eventSource) Newest() (uint64, error) {
	last, err := s.store.LastEvents(1)
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0].ID, nil
}

func (s eventSource) Cursor(transport string) (uint64, bool) {
	b, ok := s.store.Register("notify/" + transport)
	if !ok || len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

func (s eventSource) SetCursor(transport string, after uint64) {
	s.store.SetRegister("notify/"+transport, binary.BigEndian.AppendUint64(nil, after))
}
