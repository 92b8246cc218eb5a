package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneHistory() *cobra.Command {
	var page pageFlags
	c := &cobra.Command{
		Use: "history ZONE", Short: "List the changes of a zone, newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			list, err := get[api.ChangeList](c.Context(), a, page.query(), "zones", args[0], "history")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.changes(list) })
		},
	}
	page.add(c)
	return c
}

// pageFlags page backwards through the history.
type pageFlags struct {
	limit  int
	before uint64
}

func (p *pageFlags) add(c *cobra.Command) {
	c.Flags().IntVar(&p.limit, "limit", 50, "at most so many")
	c.Flags().Uint64Var(&p.before, "before", 0, "only changes before this one")
}

func (p *pageFlags) query() url.Values {
	q := url.Values{"limit": {strconv.Itoa(p.limit)}}
	if p.before > 0 {
		q.Set("before", strconv.FormatUint(p.before, 10))
	}
	return q
}

func (t *text) changes(list api.ChangeList) {
	tb := t.table("CHANGE", "TIME", "ZONE", "KIND", "AUTHOR", "RRSETS", "REASON")
	for _, c := range list.Changes {
		tb.row(strconv.FormatUint(c.ID, 10), when(c.Time), c.Zone, c.Kind, c.Author, strconv.Itoa(c.Keys), c.Reason)
	}
	tb.print()
	if list.Next > 0 {
		t.line("%s", t.dim("more: --before "+strconv.FormatUint(list.Next, 10)))
	}
}
