package cli

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) conflictCommand() *cobra.Command {
	return group("conflict", "List, show and settle what cannot be served together", a.conflictList(), a.conflictShow(), a.conflictChoose())
}

func (a *app) conflictList() *cobra.Command {
	var after string
	var limit int
	c := &cobra.Command{
		Use: "list [ZONE]", Short: "List versions that are not served although nobody replaced them", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			if len(args) == 1 {
				q.Set("zone", args[0])
			}
			if after != "" {
				q.Set("after", after)
			}
			list, err := get[api.ConflictList](c.Context(), a, q, "conflicts")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.conflicts(list) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 100, "at most so many")
	c.Flags().StringVar(&after, "after", "", "go on after this page's next")
	return c
}

func (t *text) conflicts(list api.ConflictList) {
	if len(list.Conflicts) == 0 {
		t.line("no conflicts")
		return
	}
	tb := t.table("ID", "KIND", "WHERE", "NOT SERVED", "BY", "AT", "SERVED INSTEAD")
	for _, c := range list.Conflicts {
		served := "nothing"
		if c.Served != nil {
			served = sideText(*c.Served)
		}
		tb.row(c.ID, c.Kind, conflictPlace(c), sideText(c.Hidden), c.Hidden.Author, when(c.Hidden.Time), served)
	}
	tb.print()
	if list.Next != "" {
		t.line("%s", t.dim("more: --after "+list.Next))
	}
}

func conflictPlace(c api.Conflict) string {
	switch {
	case c.Name != "":
		return c.Name + " " + c.Type
	case c.Meta != "":
		return c.Zone + " " + c.Meta
	}
	return c.Zone
}

// sideText is one side in a few words.
func sideText(s api.Side) string {
	switch {
	case s.Deleted:
		return "deleted"
	case s.Life != nil:
		return "zone of " + s.Life.Owner + " at " + s.Life.Home + ", " + plural(s.Life.Count, "record", "records")
	case s.Meta != "":
		return s.Meta
	}
	var data []string
	for _, r := range s.Records {
		data = append(data, r.Data)
	}
	return strings.Join(data, ", ")
}

func (a *app) conflictShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show both sides of a conflict", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			con, err := get[api.Conflict](c.Context(), a, nil, "conflicts", args[0])
			if err != nil {
				return err
			}
			return a.show(con, func(t *text) {
				t.line("%s  %s conflict at %s", t.bold(con.ID), con.Kind, clean(conflictPlace(con)))
				t.side("not served", con.Hidden)
				if con.Served != nil {
					t.side("served", *con.Served)
				}
				t.line("\nsettle it: zonefleet conflict choose %s hidden|served|merge", con.ID)
			})
		},
	}
}

func (t *text) side(title string, s api.Side) {
	t.line("\n%s: written by %s, %s", t.bold(title), clean(orDash(s.Author)), when(s.Time))
	if s.Deleted || s.Life != nil || s.Meta != "" {
		t.line("  %s", clean(sideText(s)))
	}
	for _, r := range s.Records {
		t.line("  %s", clean(recordLine(r)))
	}
}

func (a *app) conflictChoose() *cobra.Command {
	var w writeFlags
	c := &cobra.Command{
		Use: "choose ID [hidden|served|merge]", Short: "Settle a conflict, everywhere", Args: cobra.RangeArgs(1, 2),
		Long: "hidden (the default) serves the version that is listed as not served; served keeps what is served and drops the\n" +
			"other from the list; merge serves the records of both. It is a change like any other and can be undone.",
		RunE: func(c *cobra.Command, args []string) error {
			choice := "hidden"
			if len(args) == 2 {
				choice = args[1]
			}
			if choice != "hidden" && choice != "served" && choice != "merge" {
				return usage("choose hidden, served or merge, not %q", choice)
			}
			return a.write(c.Context(), client.Request{
				Method: http.MethodPost, Path: client.Path("conflicts", args[0], "choose"), Query: w.query(),
				Body: api.Choose{Choice: choice, Reason: w.reason},
			})
		},
	}
	w.add(c)
	return c
}
