package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/notify"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func about() notify.About {
	return notify.About{Server: "web1.example.net", Link: "https://web1.example.net:2087/"}
}

func disabled(id uint64) notify.Event {
	return notify.Event{
		ID: id, At: at, Kind: "member-disabled", Severity: "warning", Member: "ns1.example.net", Owner: "root",
		Text: "ns1.example.net disabled: connection refused",
		Fields: map[string]string{
			"notify": "yes", "user": "root", "failures": "10", "error": "connection refused", "waiting": "3",
			"since": "2026-11-23 12:00:00 UTC", "answered": "2026-11-23 11:50:00 UTC",
		},
	}
}

func TestAMessageSaysWhatAPersonNeeds(t *testing.T) {
	m, ok := notify.Compose(disabled(7), about())
	want := `ns1.example.net disabled: connection refused.

Server: web1.example.net
When: 2026-11-23 12:00:00 UTC
Member: ns1.example.net
Out since: 2026-11-23 12:00:00 UTC
Last answer: 2026-11-23 11:50:00 UTC
Failed attempts in a row: 10
Error: connection refused
Changes that wait: 3

Re-enable and catch up: https://web1.example.net:2087/#banner`
	if got := strings.Join(m.Lines, "\n"); !ok || got != want || m.Subject != "[web1.example.net] ns1.example.net is disabled" {
		t.Errorf("%s\n%s", m.Subject, got)
	}
}

func TestOnlyWhatSomebodyWantsIsToldAndBothSidesAreOneThing(t *testing.T) {
	e := disabled(7)
	m, _ := notify.Compose(e, about())
	e.Kind = "member-enabled"
	if back, ok := notify.Compose(e, about()); !ok || back.Key != m.Key || back.State == m.State || !strings.Contains(back.Subject, "is back") {
		t.Errorf("back is %+v", back)
	}
	e.Fields = nil
	if _, ok := notify.Compose(e, about()); ok {
		t.Error("an event that nobody asked for is told")
	}
	for _, kind := range []string{"drift", "conflict", "held", "clock-skew", "member-key-changed", "twins", "clone"} {
		e := notify.Event{ID: 1, At: at, Kind: kind, Member: "ns1", Zone: "example.com", Text: "it happened", Fields: map[string]string{"notify": "yes"}}
		if m, ok := notify.Compose(e, about()); !ok || !strings.Contains(strings.Join(m.Lines, " "), "https://web1.example.net:2087/") {
			t.Errorf("%s: %+v", kind, m)
		}
	}
}
