package cluster_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/cluster"
)

// What is suggested for a pair of profiles is never what is warned of for it, but for hints that no role avoids.
func TestWhatIsSuggestedForAPair(t *testing.T) {
	const std, ns = cluster.ProfileStandard, cluster.ProfileNameserver
	for _, c := range []struct {
		own, remote cluster.Profile
		role        cluster.Role
		reverse     bool
	}{
		{std, ns, cluster.Synchronize, false},
		{ns, std, cluster.Standalone, false},
		{ns, ns, cluster.Synchronize, false},
		{std, std, cluster.Synchronize, true},
		{"", ns, cluster.Synchronize, false}, // what says no profile is a standard server
		{std, "", cluster.Synchronize, true},
	} {
		s := cluster.Suggest(c.own, c.remote)
		if s.Role != c.role || s.ReverseTrust != c.reverse || s.Why == "" {
			t.Errorf("%q to %q: %+v", c.own, c.remote, s)
		}
		if needs := cluster.Resolve(cluster.Link{Role: s.Role, PureNameserver: c.remote == ns}).NeedsReverseTrust; needs && !s.ReverseTrust {
			t.Errorf("%q to %q: the suggested role needs reverse trust, which is not suggested", c.own, c.remote)
		}
	}
}

func TestCombinationsThatAreAdvisedAgainst(t *testing.T) {
	const std, ns = cluster.ProfileStandard, cluster.ProfileNameserver
	for _, c := range []struct {
		own, remote cluster.Profile
		role        cluster.Role
		says        []string
	}{
		{std, ns, cluster.Synchronize, nil},
		{std, ns, cluster.Standalone, nil},
		{std, ns, cluster.WriteOnly, []string{"replaces"}},
		{ns, std, cluster.Standalone, nil},
		{ns, std, cluster.Synchronize, []string{"fills it"}},
		{ns, std, cluster.WriteOnly, []string{"fills it", "replaces"}},
		{ns, ns, cluster.Synchronize, []string{"need no link"}},
		{std, std, cluster.Synchronize, []string{"both are standard"}},
		{std, std, cluster.Standalone, nil},
	} {
		got := cluster.Advise(c.own, c.remote, c.role)
		if len(got) != len(c.says) {
			t.Errorf("%s to %s as %s: %q", c.own, c.remote, c.role, got)
			continue
		}
		for i, part := range c.says {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s to %s as %s: %q does not say %q", c.own, c.remote, c.role, got[i], part)
			}
		}
	}
}
