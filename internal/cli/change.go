package cli

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

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
	var zone, author, since, until string
	c := &cobra.Command{
		Use: "list", Short: "List the changes of all zones, newest first", Args: cobra.NoArgs,
		Long: "List the changes of all zones, or of one, by whom, or of a time, which is a day like 2026-11-23 (UTC) or a time like\n2026-11-23T15:04:05Z.",
		RunE: func(c *cobra.Command, _ []string) error {
			q := page.query()
			for name, value := range map[string]string{"zone": zone, "author": author} {
				if value != "" {
					q.Set(name, value)
				}
			}
			for name, value := range map[string]string{"since": since, "until": until} {
				if err := setTime(q, name, value); err != nil {
					return err
				}
			}
			list, err := get[api.ChangeList](c.Context(), a, q, "changes")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.changes(list) })
		},
	}
	page.add(c)
	f := c.Flags()
	f.StringVar(&zone, "zone", "", "only of this zone")
	f.StringVar(&author, "author", "", "only by whoever has this in the name")
	f.StringVar(&since, "since", "", "not older than this day or time")
	f.StringVar(&until, "until", "", "not newer than this day or time")
	return c
}

// setTime takes a time, or a day: until a day is until its end.
func setTime(q url.Values, name, value string) error {
	if value == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		if t, err = time.Parse("2006-01-02", value); err != nil {
			return usage("--%s: %q is neither a day like 2026-11-23 nor a time like 2026-11-23T15:04:05Z", name, value)
		}
		if name == "until" {
			t = t.Add(24*time.Hour - time.Millisecond)
		}
	}
	q.Set(name, t.Format(time.RFC3339Nano))
	return nil
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
