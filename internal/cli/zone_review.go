package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneReview() *cobra.Command {
	var file, match string
	c := &cobra.Command{
		Use: "review ZONE --file FILE", Short: "Show what taking over a zone file would do", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		Long: "Compare a file (- is standard input) with the zone, and change nothing: what would come and go, what others changed\n" +
			"since the version that the file was made from, what both changed, and what a check finds. Exit code 1 if zone edit\n" +
			"--file would refuse it.",
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return usage("which file? --file")
			}
			content, err := a.readInput(file)
			if err != nil {
				return err
			}
			conn, err := a.connect(c.Context())
			if err != nil {
				return err
			}
			defer conn.Close()
			var r api.Review
			err = conn.Do(c.Context(), client.Request{
				Method: http.MethodPost, Path: client.Path("zones", args[0], "review"), IfMatch: match, Body: api.ReviewRequest{Text: string(content) + "\n"},
			}, &r)
			if err != nil {
				return err
			}
			if err := a.show(r, func(t *text) { t.review(r) }); err != nil || r.Saveable {
				return err
			}
			return &quietExit{exitError}
		},
	}
	c.Flags().StringVar(&file, "file", "", "the zone as a zone file; - is standard input")
	c.Flags().StringVar(&match, "if-match", "", "version (etag) that the file was made from (default: the one there is now)")
	return c
}

func (t *text) review(r api.Review) {
	t.line("%s: would change %s, serial %d → %d", r.Zone, plural(len(r.RRsets), "RRset", "RRsets"), r.Serial, r.Next)
	t.deltas(r.RRsets)
	if len(r.Meanwhile) > 0 {
		t.line("changed by others meanwhile:")
		t.deltas(r.Meanwhile)
	}
	for _, c := range r.Clashes {
		t.line("%s %s %s was changed by both, there by %s", t.red("clash:"), c.Name, c.Type, clean(orDash(c.Author)))
		t.deltas([]api.RRsetDelta{{Name: c.Name, Type: c.Type, Before: c.Theirs, After: c.Yours}})
	}
	t.findings(r.Findings)
}
