package web

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// memberRow is a line of the table.
type memberRow struct {
	ID, Path                      string // of its elements; of its pages: "/members/HOST:PORT"
	Name, Host, Address, Username string
	Type, Software, Version       string
	Role                          string
	Roles                         []string
	State                         chip
	Failures                      string // "2 of 10 failures", empty if none
	Since                         instant
	Error                         string
	Waiting                       int
	Lag                           string // how old the oldest change is that waits, empty if none
	Notes                         []string
	Disabled                      bool
	ReadOnly                      bool // of root: a reseller sees it only
	NewKey                        bool // it shows a key that a person may accept
	Contact                       instant
	Unsigned                      string // in the place of the version: its nameserver software cannot do DNSSEC
	Signed                        bool   // and there are zones that are signed
	Writers                       string // others write there too, as write-only: synchronize is offered
}

func memberRef(m control.Member) string { return net.JoinHostPort(m.Host, strconv.Itoa(m.Port)) }

func memberPath(m control.Member) string { return "/members/" + url.PathEscape(memberRef(m)) }

func memberRowOf(m control.MemberStatus, clustering bool, now time.Time) memberRow {
	r := memberRow{
		ID: "m-" + strings.NewReplacer(":", "-", ".", "-", "[", "", "]", "", "%", "-").Replace(memberRef(m.Member)), Path: memberPath(m.Member),
		Name: m.Label(), Host: memberRef(m.Member), Address: strings.TrimSuffix(m.Address, ":53"), Username: m.Username,
		Type: typeName(m.Backend), Software: m.Software, Version: m.Version, Role: string(m.Role),
		Waiting: m.Link.Waiting, Disabled: m.Health.Current() != cluster.Active, Contact: instantOf(m.Health.Answered),
		State: memberState(m, clustering),
	}
	for _, role := range cluster.Roles() {
		r.Roles = append(r.Roles, string(role))
	}
	if r.Disabled {
		r.Since = instantOf(m.Health.Since)
	}
	if n := m.Health.Failures; n > 0 {
		r.Failures = count(n, "failure", "failures") + ", never disabled"
		if m.Threshold > 0 {
			r.Failures = fmt.Sprintf("%d of %s", min(n, m.Threshold), count(m.Threshold, "failure", "failures"))
		}
		r.Error = strings.TrimPrefix(m.Health.LastError, "member "+m.Label()+": ")
	}
	if m.Link.Waiting > 0 && m.Link.Oldest != 0 {
		r.Lag = ago(now.Sub(instantOf(m.Link.Oldest).at))
	}
	if m.DNSSEC == control.SignsNo {
		r.Unsigned = orDash(m.Software) + " cannot do DNSSEC."
	}
	r.NewKey = m.Shown != "" && !m.Old && !m.Link.Connected
	r.Notes, r.Writers = memberNotes(m), m.Writers
	return r
}

// typeName is what people call a backend type.
func typeName(backend string) string {
	if backend == control.BackendZonefleet {
		return "ZoneFleet"
	}
	return backend
}

// memberState is the state of a link in words.
func memberState(m control.MemberStatus, clustering bool) chip {
	switch state := m.Health.Current(); {
	case state == cluster.DisabledByHand:
		return chip{act, "disabled by hand"}
	case state == cluster.DisabledFailures:
		return chip{act, "disabled after failures"}
	case !clustering:
		return chip{idle, "clustering is off"}
	case m.Shown != "" && !m.Link.Connected:
		return chip{act, "key changed"}
	case m.Link.Connected && m.Link.Waiting > 0:
		return chip{busy, "catching up"}
	case m.Link.Connected && m.Drifted > 0:
		return chip{act, "drift"}
	case m.Link.Connected:
		return chip{good, "in step"}
	case m.Health.Failures > 0:
		return chip{busy, "no answer"}
	}
	return chip{busy, "connecting"}
}

func memberNotes(m control.MemberStatus) (notes []string) {
	add := func(n int, one, many string) {
		if n > 0 {
			notes = append(notes, count(n, one, many))
		}
	}
	add(m.Drifted, "zone differs", "zones differ")
	add(m.Link.Refused, "zone refused", "zones refused")
	add(m.Link.Held, "zone held there", "zones held there")
	if m.Writers != "" {
		notes = append(notes, sentence(m.Writers))
	}
	if m.Ignored != "" {
		notes = append(notes, "Ignored: "+m.Ignored+".")
	}
	if m.Untrusted != "" {
		notes = append(notes, sentence(m.Untrusted))
	}
	if m.Skew != 0 {
		notes = append(notes, "its clock is off by "+m.Skew.Abs().Round(time.Second).String())
	}
	if m.Shown != "" && !m.Link.Connected {
		notes = append(notes, "shows the key "+m.Shown)
	}
	return notes
}
