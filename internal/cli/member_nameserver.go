package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberNameserver() *cobra.Command {
	return &cobra.Command{
		Use: "nameserver HOST", Short: "Show a member's nameserver, and what to do where it cannot do DNSSEC", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		RunE: func(c *cobra.Command, args []string) error {
			v, err := get[api.MemberNameserver](c.Context(), a, nil, "members", args[0], "nameserver")
			if err != nil {
				return err
			}
			return a.show(v, func(t *text) { t.memberNameserver(v) })
		},
	}
}

func (t *text) memberNameserver(v api.MemberNameserver) {
	m := v.Member
	can := map[string]string{"yes": "can do DNSSEC", "no": "cannot do DNSSEC"}[m.DNSSEC]
	t.line("%s: %s, zonefleet %s, %s", t.bold(clean(memberLabel(m))), clean(orDash(m.Software)), clean(orDash(m.Version)), first(can, "has not said whether it can do DNSSEC"))
	if v.Signed > 0 {
		t.line("signed here: %s (%s)", plural(v.Signed, "zone", "zones"), clean(strings.Join(v.Zones, ", ")))
	}
	for _, s := range v.Steps {
		t.line("- %s", clean(s))
	}
	t.line("its page: %s", clean(v.Where))
}
