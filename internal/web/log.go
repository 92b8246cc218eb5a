package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// logs is what the page Log asks for.
type logs interface {
	FindEvents(ctx context.Context, p acl.Principal, f control.EventFilter) ([]store.Event, error)
	ClusterLog(ctx context.Context, p acl.Principal, member, zone string, limit int) ([]control.Transaction, error)
}

const linesPerPage = 50

// logView is the page Log: events, or with Debug the transactions of members in debug mode.
type logView struct {
	Debug               bool
	Member, Zone, Level string
	Wrong               string // what is wrong with the zone
	Before, Next        string
	Events              []eventRow
	Transactions        []transactionRow
}

type eventRow struct {
	At                               instant
	Level                            chip
	Kind, Member, Zone, Text, Author string
}

type transactionRow struct{ Time, Member, Direction, What, Zone, Size, Result string }

func (l logView) query(before string) string {
	q := url.Values{}
	for _, f := range [][2]string{{"member", l.Member}, {"zone", l.Zone}, {"level", l.Level}, {"before", before}} {
		if f[1] != "" {
			q.Set(f[0], f[1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (l logView) path() string {
	if l.Debug {
		return "/log/cluster"
	}
	return "/log"
}

func showLog(v *Visit) error        { return v.showLogPage(false) }
func showClusterLog(v *Visit) error { return v.showLogPage(true) }

func (v *Visit) showLogPage(debug bool) error {
	l, err := v.lookLog(debug)
	if err != nil {
		return err
	}
	p := page{Title: "Log", Path: "/log"}
	if l.Before == "" {
		p.Live = "/live" + l.path() + l.query("")
	}
	status := http.StatusOK
	if l.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, p, logPage(l))
}

// liveLog keeps the first page of a log fresh.
func liveLog(v *Visit) error        { return v.liveLogPage(false) }
func liveClusterLog(v *Visit) error { return v.liveLogPage(true) }

func (v *Visit) liveLogPage(debug bool) error {
	return v.live(func() (templ.Component, error) {
		l, err := v.lookLog(debug)
		if err != nil {
			return nil, err
		}
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		return liveLogPart(l, statusChip(st)), err
	})
}

func (v *Visit) lookLog(debug bool) (logView, error) {
	value := func(name string) string { return strings.TrimSpace(v.FormValue(name)) }
	l := logView{Debug: debug, Member: value("member"), Zone: value("zone"), Level: value("level"), Before: value("before")}
	var z zone.Name
	if l.Zone != "" {
		var err error
		if z, err = zone.ParseName(l.Zone); err != nil {
			l.Wrong = sentence(err.Error())
			return l, nil
		}
	}
	if debug {
		zoneText := ""
		if z != "" {
			zoneText = z.Text()
		}
		list, err := v.server.Control.ClusterLog(v.Context(), v.Principal(), l.Member, zoneText, 4*linesPerPage)
		for _, t := range list {
			l.Transactions = append(l.Transactions, transactionRow{
				t.Time, t.Member, t.Direction, t.What, t.Zone, fmt.Sprintf("%s octets, %.1f ms", number(t.Bytes), t.Millis), t.Result,
			})
		}
		return l, err
	}
	before, _ := strconv.ParseUint(l.Before, 10, 64)
	list, err := v.server.Control.FindEvents(v.Context(), v.Principal(), control.EventFilter{Member: l.Member, Zone: z, Level: l.Level, Before: before, Limit: linesPerPage})
	for _, e := range list {
		row := eventRow{At: instantOf(e.Time), Level: chip{eventLevel(e.Severity), e.Severity}, Kind: e.Kind, Member: e.Member, Text: e.Text, Author: e.Author}
		if e.Zone != "" {
			row.Zone = e.Zone.Text()
		}
		l.Events = append(l.Events, row)
	}
	if len(list) == linesPerPage {
		l.Next = strconv.FormatUint(list[len(list)-1].ID, 10)
	}
	return l, err
}

func eventLevel(severity string) level {
	switch severity {
	case "alarm":
		return act
	case "warning":
		return busy
	}
	return idle
}
