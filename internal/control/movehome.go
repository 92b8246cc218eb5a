package control

import (
	"context"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// HomeChoice is a server that can be the home of zones.
type HomeChoice struct {
	Name string
	Home string // "name key", as a zone's home says it
	Here bool
	// Warning says why a zone would not be well there, empty if nothing does.
	Warning string
}

// HomeChoices are this server and those members whose key is known. The home may change a zone wherever it is taken for a
// leaf, so a server that gets nothing from here would change what it does not have.
func (c *Control) HomeChoices(ctx context.Context) ([]HomeChoice, error) {
	list := []HomeChoice{{Name: c.Self.Name, Home: c.home(), Here: true}}
	links, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{c.Self.Fingerprint: true}
	for _, m := range links {
		if m.Fingerprint == "" || m.Name == "" || seen[m.Fingerprint] {
			continue
		}
		seen[m.Fingerprint] = true
		h := HomeChoice{Name: m.Name, Home: m.Name + " " + m.Fingerprint}
		if m.Policy().Send == cluster.SendNone {
			h.Warning = "changes here are not sent to " + m.Label() + ": it may not have the zones"
		}
		list = append(list, h)
	}
	return list, nil
}

// checkHome takes the name of a server for its home.
func (c *Control) checkHome(ctx context.Context, r *SetRequest) error {
	choices, err := c.HomeChoices(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, h := range choices {
		if strings.EqualFold(h.Name, r.Home) || h.Home == r.Home {
			r.Home = h.Home
			return nil
		}
		names = append(names, h.Name)
	}
	return fail(CodeInvalid, "home", "%q is neither this server nor a member of it", r.Home).hint("one of %s", strings.Join(names, ", "))
}

// rehome makes the server of a set the home of a zone: a change like any other, that goes to all servers. From then on
// that server may change it where it is taken for a leaf, and the one before no longer.
func (c *Control) rehome(ctx context.Context, p acl.Principal, s ChangeSet, z zone.Name) (Result, error) {
	if err := c.allowZone(p, SetHome.verb(), z); err != nil {
		return Result{}, err
	}
	if _, err := c.live(z); err != nil {
		return Result{}, err
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: z, kind: "home", reason: s.Reason, set: s.ID, owners: []zone.Name{},
		build: func(st *zone.State) (zone.Change, error) {
			writes := st.SetMeta(zone.MetaHome, s.Home)
			if len(writes) == 0 {
				return zone.Change{}, nil
			}
			return st.Change(c.Now(), c.author(p), writes...), nil
		},
	})
	return w.Result, err
}
