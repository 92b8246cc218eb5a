package cli

import (
	"context"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) backendCommand() *cobra.Command {
	return group("backend", "The kinds of servers that a member can be", a.backendList())
}

func (a *app) backendList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the kinds of servers that a member can be", Args: cobra.NoArgs,
		Long: "List the kinds of servers that a member can be. With --output json, each has its form: names, types and defaults of fields.",
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.BackendList](c.Context(), a, nil, "backends")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				tb := t.table("NAME", "TITLE", "STATE", "NEEDS")
				for _, b := range list.Backends {
					state := "not yet"
					if b.Available {
						state = "available"
					}
					tb.row(b.Name, b.Title, state, b.Needs)
				}
				tb.print()
			})
		},
	}
}

// previewAdd shows what member add would do.
func (a *app) previewAdd(ctx context.Context, m api.NewMember) error {
	v, err := send[api.NewMemberPreview](ctx, a, http.MethodPost, m, nil, "members", "preview")
	if err != nil {
		return err
	}
	return a.show(v, func(t *text) {
		m := v.Member
		t.line("%s  %s, version %s; nothing is changed", t.bold(clean(first(m.Name, m.Host))), m.Role, clean(m.Version))
		t.line("  key %s", m.Fingerprint)
		t.line("  profile %s, this server %s: %s suggested, %s", v.Profile, v.OwnProfile, v.Suggested.Role, clean(v.Suggested.Why))
		if o := v.Overlap; o != nil {
			t.line("  %d zones here, %d there; %d alike, %d only here, %d only there, %d newer here, %d newer there, %d changed on both",
				o.Here, o.There, o.Same, o.OnlyHere, o.OnlyThere, o.NewerHere, o.NewerThere, o.Apart)
			t.someZones("newer there", o.Newer)
			t.someZones("changed on both", o.Both)
		} else {
			t.line("  %d zones here; what is there is not known: %s", v.Zones, clean(v.Unknown))
		}
		for _, s := range append(v.Moves, v.Does...) {
			t.line("  %s", clean(s))
		}
		t.notices(append(v.Advice, v.Notices...))
	})
}

// someZones names some of the zones of a kind.
func (t *text) someZones(kind string, zones []string) {
	for _, z := range zones {
		t.line("    %s: %s", kind, clean(z))
	}
}
