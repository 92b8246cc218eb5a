package control

import (
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// A home, and the holder of a token, is "name key": the name for people, the pinned key for decisions.

func nameOf(home string) string {
	name, _, _ := strings.Cut(home, " ")
	return name
}

func keyOf(home string) string {
	_, key, _ := strings.Cut(home, " ")
	return key
}

func hostPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// printable keeps control characters, and with them forged lines, out of names and reasons.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func (c *Control) time() time.Time { return time.UnixMilli(int64(c.Now())).UTC() }

// event starts an event of this moment.
func (c *Control) event(p acl.Principal, kind, text string) store.Event {
	return store.Event{Time: c.Now(), Kind: kind, Severity: severityInfo, Author: c.author(p), Text: text}
}

// Severities of events.
const (
	severityInfo    = "info"
	severityWarning = "warning"
	severityAlarm   = "alarm"
)
