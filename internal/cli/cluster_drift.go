package cli

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) clusterDrift() *cobra.Command {
	var member, zone string
	var now, served bool
	c := &cobra.Command{
		Use: "drift", Short: "Show what differs between this server and its members", Args: cobra.NoArgs,
		Long: "Show what differs between this server and its members, as the last comparison found: per member each zone, in what it\n" +
			"differs, what cluster repair would do, and the records that are served differently: - here, + there. Zones that the member\n" +
			"has of this server, and that no link carries to it any more, are named too: they are deleted there, or carried again.\n" +
			"Exit code 1 if a zone differs.",
		RunE: func(c *cobra.Command, _ []string) error {
			if now || served {
				request := api.DriftRequest{Member: member, Served: served}
				if served {
					request.Zone = zone
				}
				if _, err := send[api.DriftReport](c.Context(), a, http.MethodPost, request, nil, "cluster", "drift"); err != nil {
					return err
				}
			}
			r, err := get[api.DriftReport](c.Context(), a, chosen(member, zone), "cluster", "drift")
			if err != nil {
				return err
			}
			if err := a.show(r, func(t *text) { t.drift(r) }); err != nil {
				return err
			}
			for _, m := range r.Members {
				if m.Differ > 0 {
					return &quietExit{exitError}
				}
			}
			return nil
		},
	}
	a.driftFlags(c, &member, &zone)
	c.Flags().BoolVar(&now, "now", false, "compare now, instead of showing the last comparison")
	c.Flags().BoolVar(&served, "served", false, "compare now, and ask the members' nameservers what they serve: of --zone, else of the next thousand zones")
	return c
}

// driftFlags are those that choose what drift and repair are about.
func (a *app) driftFlags(c *cobra.Command, member, zone *string) {
	c.Flags().StringVar(member, "member", "", "only this member")
	c.Flags().StringVar(zone, "zone", "", "only this zone")
	_ = c.RegisterFlagCompletionFunc("member", a.completeMember) // fails for an unknown flag only
}

func chosen(member, zone string) url.Values {
	q := url.Values{}
	if member != "" {
		q.Set("member", member)
	}
	if zone != "" {
		q.Set("zone", zone)
	}
	return q
}

func (t *text) drift(r api.DriftReport) {
	if len(r.Members) == 0 {
		t.line("no members")
	}
	for _, m := range r.Members {
		t.line("%s %s", t.bold(clean(m.Member)), t.driftSum(m))
		if m.Failed != "" {
			t.line("  %s %s", t.yellow("not compared the last time:"), clean(m.Failed))
		}
		for _, z := range m.Zones {
			t.zoneDrift(z)
		}
		if more := m.Differ - len(m.Zones); more > 0 && len(m.Zones) > 0 {
			t.line("  and %s more", plural(more, "zone", "zones"))
		}
		t.oneSided("only here", m.OnlyHere)
		t.oneSided("only there", m.OnlyThere)
		t.leftBehind(m)
	}
}

func (t *text) driftSum(m api.MemberDrift) string {
	if m.Compared == nil {
		return t.yellow("has not been compared since this server started")
	}
	parts := []string{t.green("does not differ")}
	if m.Differ > 0 {
		parts[0] = t.red("differs in " + plural(m.Differ, "zone", "zones"))
	}
	if m.Healed > 0 {
		parts = append(parts, "brought again: "+plural(m.Healed, "zone", "zones"))
	}
	if m.Served > 0 {
		parts = append(parts, "asked over DNS for "+plural(m.Served, "zone", "zones"))
	}
	if m.Moving > 0 {
		parts = append(parts, "just changing: "+plural(m.Moving, "zone", "zones"))
	}
	return strings.Join(parts, ", ") + " (" + when(*m.Compared) + ", " + plural(m.Rounds, "question", "questions") + ")"
}

func (t *text) zoneDrift(z api.ZoneDrift) {
	line := z.Zone + ": " + z.Kind + ", repair: " + z.Repair
	if z.Note != "" {
		line += " (" + z.Note + ")"
	}
	t.line("  %s", clean(line))
	t.ways(z)
	for _, r := range z.RRsets {
		t.deltas([]api.RRsetDelta{{Name: r.Name, Type: r.Type, Before: r.Ours, After: r.Theirs}})
	}
	if z.Further > 0 {
		t.line("    and %s more", plural(z.Further, "RRset", "RRsets"))
	}
}

// ways are what a person can choose from, where nobody else can.
func (t *text) ways(z api.ZoneDrift) {
	for _, w := range z.Ways {
		t.line("    if %s is right: %s", clean(w.Right), clean(w.Command))
	}
}

func (t *text) oneSided(what string, o api.OneSided) {
	if o.Count == 0 {
		return
	}
	t.line("  %s", t.dim(clean(what+": "+plural(o.Count, "zone", "zones")+" ("+firstNames(o.Zones, o.Count)+")")))
}

// leftBehind are zones that were sent to the member once, with what to do about them.
func (t *text) leftBehind(m api.MemberDrift) {
	l := m.Left
	if l.Count > 0 {
		t.line("  %s", t.yellow(clean(plural(l.Count, "zone", "zones")+" that no link carries there any more: "+firstNames(l.Zones, l.Count))))
		t.line("    %s", clean(m.Member+" answers them as they were: delete them there, unless another server brings them still, or let a link carry them again"))
	}
	if l.More {
		t.line("  %s", t.dim("it was asked for 10,000 zones that no link carries there any more; there are others"))
	}
}

// firstNames names the first of count zones.
func firstNames(names []string, count int) string {
	const most = 5
	if len(names) > most || count > len(names) {
		return strings.Join(names[:min(len(names), most)], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
