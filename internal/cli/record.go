package cli

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) recordCommand() *cobra.Command {
	return group("record", "List, set, add and delete records", a.recordList(), a.recordSet(), a.recordAdd(), a.recordDelete())
}

const aboutNames = "NAME is relative to the zone unless it ends in a dot; @ is the zone itself. TTL is in seconds, or 5m, 1h, 1d;\n" +
	"- keeps the TTL there is. Several records are separated by a lone comma, which types with one field (A, AAAA, NS,\n" +
	"CNAME, PTR) do without. The text of a TXT record needs no quotes but those of the shell. After -- nothing is a flag.\n"

// recordFlags are the flags of the commands that write records.
type recordFlags struct {
	writeFlags
	match string
	dry   bool
}

func (r *recordFlags) add(c *cobra.Command) {
	r.writeFlags.add(c)
	c.Flags().StringVar(&r.match, "if-match", "", "version (etag) that the edit is made against")
	c.Flags().BoolVar(&r.dry, "dry-run", false, "say what would change, change nothing")
}

// edit sends one operation.
func (a *app) edit(c *cobra.Command, r *recordFlags, zone string, o api.Operation) error {
	q := r.query()
	if r.dry {
		q.Set("dry_run", "true")
	}
	return a.write(c.Context(), client.Request{
		Method: http.MethodPatch, Path: client.Path("zones", zone), Query: q, IfMatch: r.match,
		Body: api.Edit{Operations: []api.Operation{o}, Reason: r.reason},
	})
}

func (a *app) recordList() *cobra.Command {
	return &cobra.Command{
		Use: "list ZONE [NAME [TYPE]]", Short: "List the records of a zone", Args: cobra.RangeArgs(1, 3), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{}
			if len(args) > 1 {
				q.Set("name", args[1])
			}
			if len(args) > 2 {
				q.Set("type", args[2])
			}
			list, err := get[api.RecordList](c.Context(), a, q, "zones", args[0], "records")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.records(list.Records) })
		},
	}
}
