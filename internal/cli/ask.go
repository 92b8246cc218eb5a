package cli

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) askCommand() *cobra.Command {
	var all, tcp bool
	c := &cobra.Command{
		Use: "ask NAME [TYPE]", Short: "Ask this or every server a DNS question, and compare the answers", Args: cobra.RangeArgs(1, 2),
		Long: "The server asks itself, or with --all every server of the cluster that it knows, over DNS. Exit code 1 if the\nanswers differ or one does not come.",
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{"name": {args[0]}}
			if len(args) == 2 {
				q.Set("type", args[1])
			}
			if all {
				q.Set("all", "true")
			}
			if tcp {
				q.Set("tcp", "true")
			}
			res, err := get[api.AskResult](c.Context(), a, q, "ask")
			if err != nil {
				return err
			}
			if err := a.show(res, func(t *text) { t.answers(res) }); err != nil {
				return err
			}
			if !res.Same {
				return &quietExit{exitError}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every server")
	c.Flags().BoolVar(&tcp, "tcp", false, "by TCP at once; otherwise by UDP, and by TCP what does not fit")
	return c
}

func (t *text) answers(res api.AskResult) {
	tb := t.table("SERVER", "ADDRESS", "ANSWER", "DATA", "TIME")
	for _, a := range res.Answers {
		if a.Error != "" {
			tb.row(a.Server, orDash(a.Address), "no answer", a.Error, "-")
			continue
		}
		rcode := a.Rcode
		if !a.Authoritative {
			rcode += " (not authoritative)"
		}
		var data []string
		for _, r := range a.Records {
			data = append(data, r.Type+" "+r.Data)
		}
		tb.row(a.Server, a.Address, rcode, orDash(strings.Join(data, ", ")), ms(a.MS))
	}
	tb.print()
	switch {
	case len(res.Answers) < 2:
	case res.Same:
		t.line("%s", t.green("all "+plural(len(res.Answers), "server answers", "servers answer")+" the same"))
	default:
		t.line("%s", t.red("the answers differ"))
	}
}
