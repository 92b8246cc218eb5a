package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// EventFilter chooses events; what is empty chooses nothing.
type EventFilter struct {
	Member string    // part of its name
	Zone   zone.Name // the zone itself
	Level  string    // "warning": warnings and alarms; "alarm"
	Before uint64    // number of an event: only older ones
	Limit  int
}

// Levels are the severities of events, the least first.
func Levels() []string { return []string{severityInfo, severityWarning, severityAlarm} }

// FindEvents returns the newest events that the filter chooses, newest first.
func (c *Control) FindEvents(ctx context.Context, p acl.Principal, f EventFilter) ([]store.Event, error) {
	if err := allowed(p, acl.ReadEvents); err != nil {
		return nil, err
	}
	least, err := f.least()
	if err != nil {
		return nil, err
	}
	seen, err := c.eventsSeen(p)
	if err != nil {
		return nil, err
	}
	events, err := c.Store.LastEventsThat(page(f.Limit), func(e store.Event) bool {
		return (f.Before == 0 || e.ID < f.Before) && (f.Zone == "" || e.Zone == f.Zone) &&
			strings.Contains(strings.ToLower(e.Member), strings.ToLower(f.Member)) &&
			slices.Index(Levels(), e.Severity) >= least && (seen == nil || seen(e))
	})
	if err != nil {
		return nil, fmt.Errorf("find events: %w", err)
	}
	slices.Reverse(events)
	return events, nil
}

// least is the place of the filter's level among the severities. (A severity that is none has the place before all.)
func (f EventFilter) least() (int, error) {
	if f.Level == "" {
		return -1, nil
	}
	i := slices.Index(Levels(), f.Level)
	if i < 0 {
		return 0, fail(CodeInvalid, "level", "%q is not known (%s)", f.Level, strings.Join(Levels(), ", "))
	}
	return i, nil
}

// Transaction is one line of the cluster log: what was said to a member in debug mode, or by it.
type Transaction struct {
	Time      string // RFC 3339
	Member    string
	Direction string // "sent", "received"
	What      string
	Zone      string
	Serial    uint32
	Bytes     int
	Millis    float64
	Result    string
}

// ClusterLog returns the newest transactions of members in debug mode, newest first; member and zone choose, if they are
// not empty. Only what the end of the log file holds is looked at.
func (c *Control) ClusterLog(ctx context.Context, p acl.Principal, member, zoneName string, limit int) ([]Transaction, error) {
	if err := allowed(p, acl.ManageNode); err != nil {
		return nil, err
	}
	if c.Transactions == nil {
		return nil, nil
	}
	all, err := c.Transactions()
	if err != nil {
		return nil, fmt.Errorf("read the cluster log: %w", err)
	}
	var found []Transaction
	for _, t := range slices.Backward(all) {
		if len(found) == page(limit) {
			break
		}
		if strings.Contains(strings.ToLower(t.Member), strings.ToLower(member)) && (zoneName == "" || strings.EqualFold(t.Zone, zoneName)) {
			found = append(found, t)
		}
	}
	return found, nil
}
