package cli

import (
	"errors"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneCreate() *cobra.Command {
	var w writeFlags
	var n api.NewZone
	var file string
	var addrs addressFlags
	var dry bool
	c := &cobra.Command{
		Use: "create ZONE", Short: "Create a zone", Args: cobra.ExactArgs(1),
		Long: "Create a zone with a SOA and the nameservers given, with --template or an address of a template, or with the content of a\nzone file. This server is its home.",
		RunE: func(c *cobra.Command, args []string) error {
			n.Name, n.Reason = args[0], w.reason
			n.IPv4, n.IPv6, n.FTP = addrs.ipv4, addrs.ipv6, addrs.ftp
			if file != "" {
				text, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				if len(n.Nameservers) > 0 {
					return &usageError{errors.New("--file and --ns exclude each other: the file has its own NS records")}
				}
				n.Text = string(text)
			}
			q := w.query()
			if dry {
				q.Set("dry_run", "true")
			}
			return a.write(c.Context(), client.Request{Method: http.MethodPost, Path: client.Path("zones"), Query: q, Body: n})
		},
	}
	w.add(c)
	f := c.Flags()
	f.StringSliceVar(&n.Nameservers, "ns", nil, "nameserver, repeatable (default: those of the server's settings)")
	f.StringVar(&n.Owner, "owner", "", "account that owns the zone")
	f.StringVar(&n.Template, "template", "", "make it of this template (default standard, if an address is given)")
	addrs.add(c)
	f.BoolVar(&dry, "dry-run", false, "check everything, say what the zone would have, make nothing")
	f.StringVar(&file, "file", "", "zone file with the content")
	return c
}
