package cli

import (
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneTrash() *cobra.Command {
	var limit int
	var after string
	c := &cobra.Command{
		Use: "trash [SEARCH]", Short: "List deleted zones, with how long restore can bring them back", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			if len(args) == 1 {
				q.Set("q", args[0])
			}
			if after != "" {
				q.Set("after", after)
			}
			list, err := get[api.TrashList](c.Context(), a, q, "trash")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.trash(list) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 100, "at most so many")
	c.Flags().StringVar(&after, "after", "", "go on after this page's next")
	return c
}

func (t *text) trash(list api.TrashList) {
	if len(list.Zones) == 0 {
		t.line("no deleted zones")
		return
	}
	tb := t.table("ZONE", "DELETED", "BY", "RECORDS", "RESTORE WORKS FOR", "EDITED ELSEWHERE")
	for _, z := range list.Zones {
		left := "gone"
		if z.Until != nil {
			left = plural(max(0, int(time.Until(*z.Until)/(24*time.Hour))), "day", "days")
		}
		tb.row(z.Name, when(z.Deleted), orDash(z.By), strconv.Itoa(z.Records), left, strconv.Itoa(z.Edited))
	}
	tb.print()
	if list.Next != "" {
		t.line("%s", t.dim("more: --after "+list.Next))
	}
}
