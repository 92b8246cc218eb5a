package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// nameservers is what the page of a member's nameserver asks for.
type nameservers interface {
	MemberNameserver(ctx context.Context, p acl.Principal, host string) (control.NameserverOf, error)
}

// nameserverView is the page that Upgrade leads to.
type nameserverView struct {
	Name, Where string
	Facts       []fact
	DNSSEC      chip
	Signed      string
	Steps       []string
}

func memberNameserver(v *Visit) error {
	n, err := v.server.Control.MemberNameserver(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	m := n.Member
	view := nameserverView{
		Name: m.Label(), Where: n.Where, Steps: sentences(n.Steps), DNSSEC: chip{idle, "it has not said yet"},
		Facts: []fact{
			{"Nameserver software", orDash(m.Software)},
			{"Version of ZoneFleet", orDash(m.Version)},
			{"It answers DNS at", orDash(strings.Join(m.Addresses, ", "))},
		},
		Signed: "none here",
	}
	switch m.DNSSEC {
	case control.SignsYes:
		view.DNSSEC = chip{good, "yes"}
	case control.SignsNo:
		view.DNSSEC = chip{act, "no"}
	}
	if n.Zones.Signed > 0 {
		view.Signed = count(n.Zones.Signed, "zone", "zones") + ": " + strings.Join(n.Zones.Some, ", ")
	}
	return v.show(http.StatusOK, page{Title: "Nameserver of " + view.Name, Path: "/"}, nameserverPage(view))
}
