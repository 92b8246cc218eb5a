package notify

import (
	"fmt"
	"strings"
	"time"
)

// Event is something that happened, which somebody wants to be told of.
type Event struct {
	ID       uint64
	At       time.Time
	Kind     string // as member-disabled
	Severity string // info, warning, alarm
	Zone     string // empty if none
	Member   string // empty if none
	Owner    string // account whose link it is about
	Text     string
	Fields   map[string]string
}

// About is who speaks, and where people can do something about it.
type About struct {
	Server string // its name
	Link   string // of its pages, https://…/
}

// Message is what is sent.
type Message struct {
	ID      string // the same whenever it is sent again
	Key     string // what it is about: a later message of that key makes an earlier one that was not sent useless
	State   string // what it says of it: the same State of a Key is not said twice in a row
	Subject string
	Lines   []string // its text
	About   About
	Event   Event
}

// wanted marks an event that somebody wants to be told of.
const wanted = "notify"

// details are the fields of events that people are told, in that order.
func details() [][2]string {
	return [][2]string{
		{"since", "Out since"},
		{"answered", "Last answer"},
		{"failures", "Failed attempts in a row"},
		{"error", "Error"},
		{"waiting", "Changes that wait"},
		{"zones", "Zones"},
		{"skew", "Difference"},
		{"old", "Pinned key"},
		{"new", "Shown key"},
	}
}

// Compose makes the message of an event; false for one that nobody wants to be told of.
func Compose(e Event, a About) (Message, bool) {
	if e.Fields[wanted] != "yes" {
		return Message{}, false
	}
	m := Message{
		ID: fmt.Sprintf("%s-%d", a.Server, e.ID), Key: subjectOf(e.Kind) + "|" + e.Member + "|" + e.Zone, State: e.Kind,
		Subject: fmt.Sprintf("[%s] %s", a.Server, headline(e)), About: a, Event: e,
	}
	m.Lines = append(m.Lines, sentence(e.Text), "", "Server: "+a.Server, "When: "+e.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	for _, n := range [][2]string{{"Member", e.Member}, {"Zone", e.Zone}} {
		if n[1] != "" {
			m.Lines = append(m.Lines, n[0]+": "+n[1])
		}
	}
	for _, d := range details() {
		if v := e.Fields[d[0]]; v != "" {
			m.Lines = append(m.Lines, d[1]+": "+v)
		}
	}
	m.Lines = append(m.Lines, "", act(e.Kind)+": "+a.Link+page(e.Kind))
	return m, true
}

// subjectOf makes the two sides of one thing one: out and back.
func subjectOf(kind string) string {
	switch kind {
	case "member-enabled", "member-disabled":
		return "member"
	case "drift-over", "drift":
		return "drift"
	}
	return kind
}

func headline(e Event) string {
	switch e.Kind {
	case "member-disabled":
		return e.Member + " is disabled"
	case "member-enabled":
		return e.Member + " is back"
	case "drift":
		return e.Member + " differs from this server"
	case "drift-over":
		return e.Member + " does not differ any more"
	case "conflict":
		return "a conflict in the zone " + e.Zone
	case "held":
		return "changes are held until a person decides"
	case "clock-skew":
		return "the clock of " + e.Member + " is off"
	case "member-key-changed":
		return "the key of " + e.Member + " has changed"
	case "test":
		return "a test"
	}
	return strings.ReplaceAll(e.Kind, "-", " ")
}

// act is what a person can do, and page where.
func act(kind string) string {
	switch kind {
	case "member-disabled":
		return "Re-enable and catch up"
	case "conflict", "held", "drift", "member-key-changed":
		return "Look and decide"
	}
	return "Look"
}

func page(kind string) string {
	if kind == "member-disabled" {
		return "#banner"
	}
	return ""
}

func sentence(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}
