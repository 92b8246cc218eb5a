package cli

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberRemove() *cobra.Command {
	var dryRun bool
	var confirm int
	var drain time.Duration
	c := &cobra.Command{
		Use: "remove HOST", Short: "Remove a member; all zones stay here", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		Long: "Remove a member. All zones stay here, and the member keeps those that it has. With --trash N, the N zones whose home is that\n" +
			"server go to the trash on all servers first; --dry-run says how many they are.",
		RunE: func(c *cobra.Command, args []string) error {
			if dryRun {
				return a.previewRemoval(c.Context(), args[0])
			}
			q := url.Values{"drain": {drain.String()}}
			if c.Flags().Changed("trash") {
				q.Set("trash", "true")
				q.Set("confirm", strconv.Itoa(confirm))
			}
			res, err := send[api.RemoveResult](c.Context(), a, http.MethodDelete, nil, q, "members", args[0])
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) {
				t.line("%s is removed; %s here, %d of them with %s as their home", clean(res.Host), plural(res.ZonesKept, "zone stays", "zones stay"), res.ZonesAtHome, clean(res.Host))
				if res.Trashed > 0 {
					t.line("%s in the trash, on all servers", plural(res.Trashed, "zone is", "zones are"))
				}
				t.notices(res.Notices)
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&dryRun, "dry-run", false, "say what would happen on each side, and change nothing")
	f.IntVar(&confirm, "trash", 0, "move the zones whose home is that server to the trash on all servers, if they are as many")
	f.DurationVar(&drain, "drain", 10*time.Second, "wait so long at most until it has what waits for it")
	return c
}

func (a *app) previewRemoval(ctx context.Context, host string) error {
	v, err := get[api.RemovalPreview](ctx, a, nil, "members", host, "removal")
	if err != nil {
		return err
	}
	return a.show(v, func(t *text) {
		t.line("%s  %s here, %d of them with it as their home; nothing is changed", t.bold(clean(memberLabel(v.Member))), plural(v.Zones, "zone", "zones"), v.ZonesAtHome)
		for _, l := range v.Here {
			t.line("  here: %s", clean(l))
		}
		for _, l := range v.There {
			t.line("  there: %s", clean(l))
		}
		t.line("  %s", clean(v.Replacement))
	})
}
