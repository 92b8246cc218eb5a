package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

// overview is what the page DNS Cluster reads.
type overview interface {
	Status(ctx context.Context, p acl.Principal) (control.Status, error)
	Changes(ctx context.Context, p acl.Principal, before store.Position, limit int) ([]control.Change, error)
	Topology(ctx context.Context, p acl.Principal) ([]cluster.Edge, error)
	Settings(ctx context.Context, p acl.Principal) (control.Settings, error)
	Threshold() cluster.Threshold
}

// homeView is the page DNS Cluster.
type homeView struct {
	Acting     actingView
	Own        bool // it is root's cluster, with its options
	Clustering bool
	Status     chip
	Banner     banner
	Members    []memberRow
	Picture    picture
	Threshold  thresholdForm
	Steps      []step // the way in; empty once the cluster works
	DNSSEC     string // what is wrong with it, empty if nothing is
	Zones      int
	Latest     []changeRow
}

// banner says how the cluster is, and has what can be done about it at once.
type banner struct {
	Level    level
	Sentence string
	Disabled []memberRow // members that a person can bring back
}

type changeRow struct {
	Zone, Kind, Author, Path string
	At                       instant
}

// latest is how many changes the page shows.
const latest = 8

func home(v *Visit) error {
	view, err := v.lookHome()
	if control.CodeOf(err) == control.CodeDenied {
		return v.redirect("/zones") // the page of who may not see the cluster
	}
	if err != nil {
		return err
	}
	return v.showHome(http.StatusOK, view)
}

func (v *Visit) showHome(status int, view homeView) error {
	return v.show(status, page{Title: "DNS Cluster", Path: "/", Live: "/live/cluster"}, homePage(view))
}

func (v *Visit) lookHome() (homeView, error) {
	c, ctx, p := v.server.Control, v.Context(), v.Principal()
	status, err := c.Status(ctx, p)
	if err != nil {
		return homeView{}, err
	}
	edges, err := c.Topology(ctx, p)
	if err != nil {
		return homeView{}, err
	}
	changes, err := c.Changes(ctx, p, 0, latest)
	if err != nil {
		return homeView{}, err
	}
	steps, err := v.lookSteps(status)
	if err != nil {
		return homeView{}, err
	}
	acting, err := v.lookActing()
	if err != nil {
		return homeView{}, err
	}
	slices.SortStableFunc(status.Members, func(a, b control.MemberStatus) int { return strings.Compare(a.Label(), b.Label()) })
	now := v.server.Now()
	view := homeView{
		Acting: acting, Own: p.Account() == acl.Root, Clustering: status.Clustering, Status: statusChip(status), Zones: status.Zones,
		Banner:    banner{Level: levelOf(status.Exit), Sentence: sentence(status.Sentence)},
		Picture:   draw(status, edges, now),
		Threshold: thresholdFormOf(c.Threshold()),
		Steps:     steps,
	}
	if w := status.DNSSEC.Warning(); w != "" {
		view.DNSSEC = sentence(w)
	}
	view.Threshold.Unheard = c.Unheard(p)
	if !status.Clustering && status.Exit == 0 {
		view.Banner.Level = idle
	}
	for _, m := range status.Members {
		row := memberRowOf(m, status.Clustering, now)
		row.Signed = status.DNSSEC.Signed > 0
		if row.ReadOnly = m.User != p.Account(); row.ReadOnly {
			row.ID += "-of-" + m.User
		}
		view.Members = append(view.Members, row)
		if row.Disabled && status.Clustering && !row.ReadOnly {
			view.Banner.Disabled = append(view.Banner.Disabled, row)
		}
	}
	for _, ch := range changes {
		view.Latest = append(view.Latest, changeRow{ch.Zone.Text(), ch.Kind, ch.Author, changeLineOf(ch).Path, instantOf(ch.Time)})
	}
	return view, nil
}

// liveHome keeps the page fresh: banner, picture, table, latest changes.
func liveHome(v *Visit) error {
	return v.live(func() (templ.Component, error) {
		view, err := v.lookHome()
		if err != nil {
			return nil, err
		}
		return liveHomeParts(view), nil
	})
}

// liveStatus keeps the header's chip fresh, on pages that have nothing else to follow.
func liveStatus(v *Visit) error {
	return v.live(func() (templ.Component, error) {
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		return liveStatusPart(statusChip(st)), err
	})
}
