package cli

import (
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) waitCommand() *cobra.Command {
	var zone string
	var change uint64
	var servers int
	var timeout time.Duration
	c := &cobra.Command{
		Use: "wait", Short: "Wait until changes are served", Args: cobra.NoArgs,
		Long: "Wait until everything that was changed at this server up to now, one zone, or up to one change, is served by all\n" +
			"servers, or by --servers of them. Exit code 6 if that takes longer than --timeout.",
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{"timeout": {timeout.String()}}
			if zone != "" {
				q.Set("zone", zone)
			}
			if change > 0 {
				q.Set("change", strconv.FormatUint(change, 10))
			}
			if servers > 0 {
				q.Set("wait", strconv.Itoa(servers))
			}
			r, err := get[api.Reach](c.Context(), a, q, "wait")
			if err != nil {
				return err
			}
			if err := a.show(r, func(t *text) { t.reach(r) }); err != nil {
				return err
			}
			if !r.Complete {
				return &quietExit{exitNotServed}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&zone, "zone", "", "only this zone")
	f.Uint64Var(&change, "seq", 0, "up to the change with this number")
	f.IntVar(&servers, "servers", 0, "by so many servers (default: all)")
	f.DurationVar(&timeout, "timeout", 30*time.Second, "how long")
	return c
}
