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
	c := &cobra.Command{
		Use: "create ZONE", Short: "Create a zone", Args: cobra.ExactArgs(1),
		Long: "Create a zone with a SOA and the nameservers given, or with the content of a zone file. This server is its home.",
		RunE: func(c *cobra.Command, args []string) error {
			n.Name, n.Reason = args[0], w.reason
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
			return a.write(c.Context(), client.Request{Method: http.MethodPost, Path: client.Path("zones"), Query: w.query(), Body: n})
		},
	}
	w.add(c)
	f := c.Flags()
	f.StringSliceVar(&n.Nameservers, "ns", nil, "nameserver, repeatable (default: those of the server's settings)")
	f.StringVar(&n.Owner, "owner", "", "account that owns the zone")
	f.StringVar(&file, "file", "", "zone file with the content")
	return c
}
