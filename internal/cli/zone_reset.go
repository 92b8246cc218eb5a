package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneReset() *cobra.Command {
	var w writeFlags
	var f addressFlags
	var r api.ResetZone
	var match string
	var dry bool
	c := &cobra.Command{
		Use: "reset ZONE", Short: "Make a zone anew from a template; its TXT records stay", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		Long: "Make a zone what a template says. Its TXT records stay, all others that the template does not make go. Addresses that are\n" +
			"not given are those at the apex. change undo brings back what was before.",
		RunE: func(c *cobra.Command, args []string) error {
			r.IPv4, r.IPv6, r.FTP, r.Reason = f.ipv4, f.ipv6, f.ftp, w.reason
			q := w.query()
			if dry {
				q.Set("dry_run", "true")
			}
			return a.write(c.Context(), client.Request{Method: http.MethodPost, Path: client.Path("zones", args[0], "reset"), Query: q, IfMatch: match, Body: r})
		},
	}
	w.add(c)
	f.add(c)
	c.Flags().StringVar(&r.Template, "template", "standard", "template")
	c.Flags().StringVar(&match, "if-match", "", "only if the zone still has this version (etag)")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would change, change nothing")
	return c
}
