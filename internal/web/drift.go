package web

import (
	"context"
	"net/http"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// drifts is what the page of differences between servers asks for.
type drifts interface {
	Drift(ctx context.Context, p acl.Principal, q control.DriftQuery) ([]control.Comparison, error)
	CompareAll(ctx context.Context, p acl.Principal, r control.CompareRequest) ([]control.Comparison, error)
	RepairDrift(ctx context.Context, p acl.Principal, r control.RepairRequest) ([]control.Repair, error)
}

// driftView is what differs from one member.
type driftView struct {
	Member, Role, Failed        string
	At                          instant
	Zones                       []zoneDriftView
	More                        int
	OnlyHere, OnlyThere, Differ int
	Left                        []string // zones that no link carries there any more
	CountLeft                   int
	LeftMore                    bool // there are others that it was not asked for
}

// zoneDriftView is a zone that differs.
type zoneDriftView struct {
	Zone, Kind, Repair, Note string
	Lines                    []diffLine
	Further                  int
	Ways                     []string
}

const driftsShown = 100

func showDrift(v *Visit) error {
	list, err := v.server.Control.Drift(v.Context(), v.Principal(), control.DriftQuery{Member: v.FormValue("member")})
	if err != nil {
		return err
	}
	var views []driftView
	for _, k := range list {
		views = append(views, driftOf(k))
	}
	return v.show(http.StatusOK, page{Title: "What differs between servers", Path: "/changes"}, driftPage(views))
}

func driftOf(k control.Comparison) driftView {
	w := driftView{
		Member: k.Member, Role: string(k.Role), Failed: k.Failed, At: instantOf(k.At), Differ: k.Drifted(), OnlyHere: k.CountHere, OnlyThere: k.CountThere,
		More: k.More + max(0, len(k.Zones)-driftsShown),
	}
	w.CountLeft, w.LeftMore = k.CountLeft, k.LeftUnasked
	for _, z := range k.Left {
		w.Left = append(w.Left, z.Text())
	}
	for _, d := range k.Zones[:min(len(k.Zones), driftsShown)] {
		z := zoneDriftView{Zone: d.Zone.Text(), Kind: string(d.Kind), Note: d.Note, Lines: diffLines(d.Zone, d.Records), Further: d.Further}
		if z.Note == "" {
			z.Note = d.Why
		}
		switch {
		case d.Send && d.Take:
			z.Repair = "a repair brings both together"
		case d.Send && d.Overwrite:
			z.Repair = "a repair overwrites what differs there"
		case d.Send:
			z.Repair = "a repair sends ours there"
		case d.Take:
			z.Repair = "a repair takes theirs"
		default:
			z.Repair = "a repair does nothing"
		}
		w.Zones = append(w.Zones, z)
	}
	return w
}

// compareNow looks at the members again; it waits until they have answered.
func compareNow(v *Visit) error {
	if _, err := v.server.Control.CompareAll(v.Context(), v.Principal(), control.CompareRequest{Member: v.PostFormValue("member")}); err != nil {
		return err
	}
	return v.done("/drift", notice{Level: good, Text: "Compared with the members."})
}

// askRepair is the first click: what would be sent, overwritten and taken, and what nothing can be done about.
func askRepair(v *Visit) error { return v.repairPage(http.StatusOK) }

func (v *Visit) repairPage(status int, warn ...string) error {
	member := v.FormValue("member")
	list, err := v.server.Control.RepairDrift(v.Context(), v.Principal(), control.RepairRequest{Member: member, DryRun: true})
	if err != nil {
		return err
	}
	c := confirmation{Title: "Repair what differs?", Post: "/drift/repair", Button: "Repair", Back: "/drift", Lines: warn, Hidden: []hidden{{"member", member}, {"shown", control.Statement(list)}}}
	send, overwrite, take, leave := 0, 0, 0, 0
	for _, r := range list {
		send, overwrite, take, leave = send+len(r.Send), overwrite+len(r.Overwrite), take+len(r.Take), leave+len(r.Leave)
		for _, d := range r.Leave[:min(len(r.Leave), 10)] {
			c.Lines = append(c.Lines, r.Member+", "+d.Zone.Text()+": nothing is done, "+orDash(d.Why))
		}
	}
	c.Numbers = []figure{{number(send), "zones offered to members"}, {number(overwrite), "zones overwritten there"}, {number(take), "zones taken from members"}, {number(leave), "zones left as they are"}}
	c.Danger = overwrite > 0
	c.Lines = append(c.Lines, "Zones that only one side has are neither fetched nor deleted.")
	return v.show(status, page{Title: c.Title, Path: "/changes"}, confirmPage(c))
}

// repairDrift is the second click. It does what was shown, or shows what it would do now.
func repairDrift(v *Visit) error {
	shown := v.PostFormValue("shown")
	if shown == "" {
		return v.repairPage(http.StatusPreconditionFailed)
	}
	list, err := v.server.Control.RepairDrift(v.Context(), v.Principal(), control.RepairRequest{Member: v.PostFormValue("member"), Shown: shown})
	if control.CodeOf(err) == control.CodeStale {
		return v.repairPage(http.StatusPreconditionFailed, sentence(err.Error()))
	}
	if err != nil {
		return err
	}
	left := 0
	for _, r := range list {
		left += r.Comparison.Drifted()
	}
	n := notice{Level: good, Text: "Repaired: nothing differs any more."}
	if left > 0 {
		n = notice{Level: busy, Text: count(left, "zone still differs", "zones still differ") + "."}
	}
	return v.done("/drift", n)
}
