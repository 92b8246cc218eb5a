package cli

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneDelete() *cobra.Command {
	var w writeFlags
	var m matchFlags
	var match string
	var yes, asOne, dry bool
	var confirm int
	c := &cobra.Command{
		Use: "delete [ZONE...]", Short: "Delete zones; restore brings them back", Args: cobra.ArbitraryArgs, ValidArgsFunction: a.completeZone,
		Long: "Delete zones; zone restore brings them back. Several are asked about on a terminal, with their number.\n" +
			"The brake holds what one token deletes beyond a third of the zones within ten minutes (exit code 8), unless a person was\n" +
			"shown the number: on a terminal, or given with --confirm. All that match (--all) are one change set.",
		RunE: func(c *cobra.Command, args []string) error {
			set, err := m.set(args, w.reason)
			if err != nil {
				return err
			}
			if confirm != 0 && confirm != len(args) && !m.all {
				return usage("%d zones are confirmed, %d are to be deleted", confirm, len(args))
			}
			if dry && !asOne && !m.all {
				return usage("--dry-run goes with --as-one or --all")
			}
			if asOne || m.all {
				if match != "" || w.wait != "" {
					return usage("--if-match and --wait do not go with --as-one and --all")
				}
				return a.beginSet(c.Context(), setFlags{confirm: confirm, yes: yes, dry: dry}, api.DeleteOrRestore{Kind: "delete", NewChangeSet: set}, "changesets")
			}
			if len(args) > 1 {
				if match != "" {
					return usage("--if-match goes with one zone")
				}
				return a.deleteZones(c.Context(), w, api.DeleteZones{Zones: args, Confirm: confirm, Reason: w.reason}, yes)
			}
			q := w.query()
			if w.reason != "" {
				q.Set("reason", w.reason)
			}
			return a.write(c.Context(), client.Request{Method: http.MethodDelete, Path: client.Path("zones", args[0]), Query: q, IfMatch: match})
		},
	}
	w.add(c)
	m.add(c)
	f := c.Flags()
	f.StringVar(&match, "if-match", "", "only if the zone still has this version (etag)")
	f.BoolVar(&asOne, "as-one", false, "as one change set, which can be undone as one: changeset undo")
	f.BoolVar(&dry, "dry-run", false, "with --as-one or --all: say what would be deleted, delete nothing")
	f.BoolVar(&yes, "yes", false, "do not ask; the brake counts the zones")
	f.IntVar(&confirm, "confirm", 0, "number of the zones, which a person was shown: not asked about, and not counted by the brake")
	return c
}

// deleteZones deletes several, after a person on a terminal has given their number.
func (a *app) deleteZones(ctx context.Context, w writeFlags, del api.DeleteZones, yes bool) error {
	if del.Confirm == 0 && !yes && isTerminal(a.Stdin) && isTerminal(a.Stderr) {
		if err := a.askNumber(del.Zones); err != nil {
			return err
		}
		del.Confirm = len(del.Zones)
	}
	res, err := send[api.DeletedZones](ctx, a, http.MethodPost, del, w.query(), "zones", "delete")
	if err != nil {
		return err
	}
	if err := a.show(res, func(t *text) { t.deleted(res) }); err != nil {
		return err
	}
	switch {
	case res.Failed > 0:
		return &quietExit{exitError}
	case res.Held > 0:
		return &quietExit{exitHeld}
	case res.Reach != nil && !res.Reach.Complete:
		return &quietExit{exitNotServed}
	}
	return nil
}

// askNumber has the number of zones typed: a yes is typed without reading.
func (a *app) askNumber(zones []string) error {
	const shown = 10
	names := strings.Join(zones[:min(shown, len(zones))], ", ")
	if len(zones) > shown {
		names += ", …"
	}
	t := a.errText()
	t.line("delete %d zones: %s", len(zones), clean(names))
	t.line("type their number to delete them:")
	line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
	if strings.TrimSpace(line) != strconv.Itoa(len(zones)) {
		return usage("that is not %d: nothing was deleted", len(zones))
	}
	return nil
}

func (t *text) deleted(res api.DeletedZones) {
	held := ""
	for _, d := range res.Results {
		switch {
		case d.Problem == nil:
			t.line("%s: change %d", d.Zone, d.Change)
		case d.Problem.Code == "held":
			held = d.Problem.Error()
		default:
			t.line("%s %s", t.red("not deleted:"), clean(d.Problem.Error()))
		}
	}
	t.line("%s deleted, %d held, %d not deleted", plural(res.Deleted, "zone", "zones"), res.Held, res.Failed)
	if held != "" {
		t.line("%s %s", t.yellow("brake:"), clean(held))
		t.line("%s a person decides: zonefleet change held", t.dim("hint:"))
	}
	if res.Reach != nil {
		t.reach(*res.Reach)
	}
}
