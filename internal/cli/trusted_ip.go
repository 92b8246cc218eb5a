package cli

import (
	"context"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) trustedCommand() *cobra.Command {
	return group("trusted-ip", "Addresses to which zones should be delegated: remote service IPs", a.trustedList(), a.trustedAdd(), a.trustedRemove(), a.trustedRule())
}

func (a *app) trustedList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the trusted addresses, learned from members and kept by hand", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.TrustedIPs](c.Context(), a, nil, "trusted-ips")
			if err != nil {
				return err
			}
			return a.showTrusted(list)
		},
	}
}

func (a *app) showTrusted(list api.TrustedIPs) error {
	return a.show(list, func(t *text) {
		tb := t.table("ADDRESS", "SOURCE", "NOTE")
		for _, i := range list.Addresses {
			from := i.Sources
			if i.ByHand {
				from = append(from, "by hand")
			}
			tb.row(i.Address, strings.Join(from, ", "), orDash(i.Note))
		}
		tb.print()
		t.line("a new zone that is delegated to other servers is %s, to nobody is %s", allowed(list.Rule.AllowRemote), allowed(list.Rule.AllowUnregistered))
	})
}

func allowed(is bool) string {
	if is {
		return "allowed, with a warning"
	}
	return "refused"
}

func (a *app) trustedAdd() *cobra.Command {
	var n api.NewTrustedIP
	c := &cobra.Command{
		Use: "add ADDRESS", Short: "Keep an address by hand", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n.Address = args[0]
			return a.changeTrusted(c.Context(), http.MethodPost, n, "trusted-ips")
		},
	}
	c.Flags().StringVar(&n.Note, "note", "", "what it is, shown in the list")
	return c
}

func (a *app) trustedRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ADDRESS", Short: "Forget an address that is kept by hand", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeTrusted(c.Context(), http.MethodDelete, nil, "trusted-ips", args[0])
		},
	}
}

func (a *app) trustedRule() *cobra.Command {
	var remote, unregistered bool
	c := &cobra.Command{
		Use: "rule", Short: "Say what becomes of new zones that are delegated elsewhere", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.TrustedIPs](c.Context(), a, nil, "trusted-ips")
			if err != nil {
				return err
			}
			rule := list.Rule
			if c.Flags().Changed("allow-remote") {
				rule.AllowRemote = remote
			}
			if c.Flags().Changed("allow-unregistered") {
				rule.AllowUnregistered = unregistered
			}
			return a.changeTrusted(c.Context(), http.MethodPut, rule, "trusted-ips", "rule")
		},
	}
	c.Flags().BoolVar(&remote, "allow-remote", true, "zones that are delegated to other servers; =false refuses them")
	c.Flags().BoolVar(&unregistered, "allow-unregistered", true, "zones that are delegated to nobody; =false refuses them")
	return c
}

func (a *app) changeTrusted(ctx context.Context, method string, doc any, path ...string) error {
	list, err := send[api.TrustedIPs](ctx, a, method, doc, nil, path...)
	if err != nil {
		return err
	}
	return a.showTrusted(list)
}
