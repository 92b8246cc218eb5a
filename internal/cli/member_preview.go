package cli

import (
	"context"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

// memberSync is member sync, which can be looked at first.
func (a *app) memberSync() *cobra.Command {
	var dryRun bool
	c := a.memberVerb("sync", "Synchronize zones immediately, as the member's role says")
	do := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if dryRun {
			return a.previewMember(c.Context(), args[0], url.Values{"sync": {"true"}})
		}
		return do(c, args)
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what it would do, and change nothing")
	return c
}

func (a *app) previewMember(ctx context.Context, host string, q url.Values) error {
	v, err := get[api.MemberPreview](ctx, a, q, "members", host, "preview")
	if err != nil {
		return err
	}
	return a.show(v, func(t *text) {
		from := v.Member.Role
		if from != v.Role {
			from += " → " + v.Role
		}
		t.line("%s  %s, %s here; nothing is changed", t.bold(clean(memberLabel(v.Member))), from, plural(v.Zones, "zone", "zones"))
		for _, s := range append(v.Starts, v.Does...) {
			t.line("  %s", clean(s))
		}
		for _, s := range v.Stops {
			t.line("  no longer: %s", clean(s))
		}
		t.stays(v.Stays)
		if v.Compared != nil {
			t.line("  compared at %s: %s there, %d only here, %d only there", when(*v.Compared), plural(v.Differ, "zone differs", "zones differ"), v.OnlyHere, v.OnlyThere)
		}
		t.notices(v.Notices)
	})
}

// stays are zones that would be left behind at members.
func (t *text) stays(list []api.Stay) {
	for _, s := range list {
		t.line("  %s", t.yellow(clean(s.Text)))
	}
}
