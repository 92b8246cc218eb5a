package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

// matchFlags name zones by what they are like, in the place of names.
type matchFlags struct {
	all bool
	api.ZoneMatch
}

func (m *matchFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&m.all, "all", false, "all zones, or all that --search, --owner, --home and --state leave, instead of zones that are named")
	f.StringVar(&m.Search, "search", "", "with --all: part of the name")
	f.StringVar(&m.Owner, "owner", "", "with --all: only zones of this account")
	f.StringVar(&m.Home, "home", "", "with --all: only zones whose home that server is")
	f.StringVar(&m.State, "state", "", "with --all: only zones with conflicts (conflict), held changes (held), or not on all servers (behind)")
}

// set begins a document with the zones that are named, or with all that match.
func (m *matchFlags) set(zones []string, reason string) (api.NewChangeSet, error) {
	set := api.NewChangeSet{Zones: zones, Reason: reason}
	switch {
	case m.all && len(zones) > 0:
		return set, usage("zones are named, and --all is given")
	case m.all:
		set.Match = &m.ZoneMatch
	case m.ZoneMatch != api.ZoneMatch{}:
		return set, usage("--search, --owner, --home and --state go with --all")
	case len(zones) == 0:
		return set, usage("name zones, or give --all")
	}
	return set, nil
}
