package cli

import (
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) changeCommand() *cobra.Command {
	return group("change", "List, show and undo changes; decide about those that are held", a.changeList(), a.changeShow(), a.changeUndo(),
		a.changeHeld(), a.changeRelease(), a.changeDrop())
}

func (a *app) changeList() *cobra.Command {
	var page pageFlags
	c := &cobra.Command{
		Use: "list", Short: "List the changes of all zones, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.ChangeList](c.Context(), a, page.query(), "changes")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.changes(list) })
		},
	}
	page.add(c)
	return c
}

func (a *app) changeShow() *cobra.Command {
	return &cobra.Command{
		Use: "show CHANGE", Short: "Show a change with what it replaced and wrote", Args: changeNumber,
		RunE: func(c *cobra.Command, args []string) error {
			ch, err := get[api.Change](c.Context(), a, nil, "changes", args[0])
			if err != nil {
				return err
			}
			return a.show(ch, func(t *text) {
				t.line("%s  %s of %s", t.bold("change "+strconv.FormatUint(ch.ID, 10)), ch.Kind, ch.Zone)
				t.line("%s by %s", when(ch.Time), clean(ch.Author))
				if ch.Source != "" {
					t.line("from %s", clean(ch.Source))
				}
				if ch.Reason != "" {
					t.line("reason: %s", clean(ch.Reason))
				}
				t.deltas(ch.RRsets)
			})
		},
	}
}

func changeNumber(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(c, args); err != nil {
		return err
	}
	if _, err := strconv.ParseUint(args[0], 10, 64); err != nil {
		return usage("%q is not the number of a change", args[0])
	}
	return nil
}

func (a *app) changeUndo() *cobra.Command {
	var w writeFlags
	var dry bool
	c := &cobra.Command{
		Use: "undo CHANGE", Short: "Put back what a change replaced", Args: changeNumber,
		Long: "Put back exactly what a change replaced, as a new change. What was edited since is left as it is, and listed.",
		RunE: func(c *cobra.Command, args []string) error {
			q := w.query()
			if dry {
				q.Set("dry_run", "true")
			}
			return a.write(c.Context(), client.Request{
				Method: http.MethodPost, Path: client.Path("changes", args[0], "undo"), Query: q, Body: api.Reason{Reason: w.reason},
			})
		},
	}
	w.add(c)
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would change, change nothing")
	return c
}
