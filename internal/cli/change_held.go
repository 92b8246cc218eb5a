package cli

import (
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) changeHeld() *cobra.Command {
	return &cobra.Command{
		Use: "held", Short: "List changes that wait for a person's decision at this server", Args: cobra.NoArgs,
		Long: "List changes that the brake holds at this server, because somebody or something takes many zones away at once, and zones\n" +
			"that a member brings although their names are not its to give. change release makes them, change drop forgets them.",
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.HeldList](c.Context(), a, nil, "held")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.held(list) })
		},
	}
}

func (t *text) held(list api.HeldList) {
	if len(list.Held) == 0 {
		t.line("nothing is held")
		return
	}
	tb := t.table("ID", "AT", "SOURCE", "NAME", "WHAT", "ZONE", "RECORDS", "BY", "STATE")
	for _, h := range list.Held {
		records := strconv.Itoa(h.Before) + " → " + strconv.Itoa(h.After)
		tb.row(strconv.FormatUint(h.ID, 10), when(h.Time), h.Source, h.Name, h.Kind, h.Zone, records, orDash(h.Author), h.State)
	}
	tb.print()
	seen := map[string]bool{}
	for _, h := range list.Held {
		if why := h.Name + ": " + h.Why; !seen[why] {
			seen[why] = true
			t.line("%s", clean(why))
		}
	}
	t.line("decide: zonefleet change release ID…|--source SOURCE|--all, or change drop")
}

func (a *app) changeRelease() *cobra.Command {
	return a.decideHeld("release", "Make held changes", "released",
		"Make held changes, with their authors. One whose zone was written since stays held, and is listed. A member's change is\n"+
			"asked for again and taken when it comes. What was released at one server is held at no other.")
}

func (a *app) changeDrop() *cobra.Command {
	return a.decideHeld("drop", "Forget held changes", "dropped",
		"Forget held changes. A member's change is refused from then on, until it takes nothing away any more: restore the zone\n"+
			"there, or the two servers go on to differ.")
}

func (a *app) decideHeld(verb, short, done, long string) *cobra.Command {
	var sel api.HeldSelection
	c := &cobra.Command{
		Use: verb + " [ID...]", Short: short, Long: long,
		RunE: func(c *cobra.Command, args []string) error {
			sel.IDs = nil
			for _, arg := range args {
				id, err := strconv.ParseUint(arg, 10, 64)
				if err != nil {
					return usage("%q is not the number of a held change", arg)
				}
				sel.IDs = append(sel.IDs, id)
			}
			ways := 0
			for _, given := range []bool{len(args) > 0, sel.Source != "", sel.All} {
				if given {
					ways++
				}
			}
			if ways != 1 {
				return usage("say which: numbers, --source or --all")
			}
			res, err := send[api.HeldDecisions](c.Context(), a, http.MethodPost, sel, nil, "held", verb)
			if err != nil {
				return err
			}
			if err := a.show(res, func(t *text) { t.decided(res, done) }); err != nil {
				return err
			}
			if res.Done < len(res.Results) {
				return &quietExit{exitConflict}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&sel.Source, "source", "", "all that wait of a source, as change held names it")
	f.BoolVar(&sel.All, "all", false, "all that wait")
	f.StringVar(&sel.Reason, "reason", "", "why, kept in the events")
	return c
}

func (t *text) decided(res api.HeldDecisions, done string) {
	for _, r := range res.Results {
		switch {
		case r.Problem != nil:
			t.line("%s %d: %s", t.red("still held:"), r.ID, clean(r.Problem.Error()))
			for _, d := range r.Problem.Details {
				t.line("  %s", clean(d))
			}
		case r.Change != 0:
			t.line("%s: change %d", r.Zone, r.Change)
		}
	}
	t.line("%s %s", plural(res.Done, "held change", "held changes"), done)
}
