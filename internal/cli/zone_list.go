package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneList() *cobra.Command {
	var search, after, owner, home, state string
	var limit int
	var deleted bool
	c := &cobra.Command{
		Use: "list [SEARCH]", Short: "List zones", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				search = args[0]
			}
			q := url.Values{"q": {search}, "after": {after}, "owner": {owner}}
			for name, value := range map[string]string{"home": home, "state": state} {
				if value != "" {
					q.Set(name, value)
				}
			}
			if deleted {
				q.Set("deleted", "true")
			}
			list, err := a.zonePages(c, q, limit)
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.zones(list) })
		},
	}
	f := c.Flags()
	f.StringVar(&search, "search", "", "part of the name")
	f.StringVar(&after, "after", "", "go on after this page's next")
	f.IntVar(&limit, "limit", 0, "at most so many (default: all)")
	f.StringVar(&owner, "owner", "", "only zones of this account")
	f.StringVar(&home, "home", "", "only zones whose home that server is")
	f.StringVar(&state, "state", "", "only zones with conflicts (conflict), held changes (held), or not on all servers (behind)")
	f.BoolVar(&deleted, "deleted", false, "also deleted zones")
	return c
}

// pageSize is how many zones are asked for at once.
const pageSize = 1000

// zonePages reads pages until there are as many zones as asked for.
func (a *app) zonePages(c *cobra.Command, q url.Values, limit int) (api.ZoneList, error) {
	all := api.ZoneList{Zones: []api.Zone{}}
	server, err := a.connect(c.Context())
	if err != nil {
		return all, err
	}
	defer server.Close()
	bar := a.progress("zones", 0)
	defer bar.end()
	for {
		ask := pageSize
		if limit > 0 {
			ask = min(pageSize, limit-len(all.Zones))
		}
		q.Set("limit", strconv.Itoa(ask))
		var page api.ZoneList
		if err := server.Do(c.Context(), client.Request{Method: "GET", Path: client.Path("zones"), Query: q}, &page); err != nil {
			return all, err
		}
		all.Zones = append(all.Zones, page.Zones...)
		all.Next, all.Total = page.Next, page.Total
		bar.add(len(page.Zones))
		if page.Next == "" || len(all.Zones) == limit {
			return all, nil
		}
		q.Set("after", page.Next)
	}
}

func (t *text) zones(list api.ZoneList) {
	tb := t.table("ZONE", "SERIAL", "RECORDS", "HOME", "CHANGED", "CONFLICTS")
	for _, z := range list.Zones {
		state := "-"
		switch {
		case z.Deleted:
			state = "deleted"
		case z.Conflicts > 0:
			state = strconv.Itoa(z.Conflicts)
		}
		tb.row(z.Name, strconv.FormatUint(uint64(z.Serial), 10), strconv.Itoa(z.Count), homeOf(z), when(z.Changed), state)
	}
	tb.paint(func(column int, cell string) func(string) string {
		if column == 5 && cell != "-" {
			return t.yellow
		}
		return nil
	})
	tb.print()
	if list.Next != "" {
		t.line("%s", t.dim("more: --after "+list.Next))
	}
}
