package control

import (
	"context"
	"maps"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Comparisons is how often members are compared, and what happens by itself with what differs.
type Comparisons struct {
	Every    time.Duration                  // 0: hourly
	Off      bool                           // only on demand, and when a link opens
	Policy   cluster.DriftPolicy            // of accounts that have none of their own; empty: report
	Policies map[string]cluster.DriftPolicy // by account
}

// The bounds of Comparisons. A policy for each of ten thousand accounts is a row of half a megabyte.
const (
	maxDriftPolicies = 10_000

	hourly          = time.Hour
	minCompareEvery = time.Minute
	maxCompareEvery = 7 * 24 * time.Hour
)

// of is the policy for an account's zones.
func (s Comparisons) of(owner string) cluster.DriftPolicy {
	if p, ok := s.Policies[owner]; ok {
		return p
	}
	if s.Policy != "" {
		return s.Policy
	}
	return cluster.DriftReport
}

func (c *Control) driftPolicies() Comparisons {
	s, _, err := load[Comparisons](c.Store, kindSetting, settingComparing)
	if err != nil {
		c.Logger.Error("policies of drift were not read, differences are only reported", "err", err)
	}
	return s
}

// Comparisons returns the settings.
func (c *Control) Comparisons(ctx context.Context, p acl.Principal) (Comparisons, error) {
	if err := allowed(p, acl.ReadNode); err != nil {
		return Comparisons{}, err
	}
	s, _, err := load[Comparisons](c.Store, kindSetting, settingComparing)
	if s.Every == 0 {
		s.Every = hourly
	}
	if s.Policy == "" {
		s.Policy = cluster.DriftReport
	}
	return s, err
}

// SetComparisons replaces them.
func (c *Control) SetComparisons(ctx context.Context, p acl.Principal, s Comparisons) error {
	if err := allowed(p, acl.ManageCluster); err != nil {
		return err
	}
	if s.Every != 0 && (s.Every < minCompareEvery || s.Every > maxCompareEvery) {
		return fail(CodeInvalid, "every", "%s is out of bounds (a minute to a week)", s.Every)
	}
	if len(s.Policies) > maxDriftPolicies {
		return fail(CodeTooLarge, "policies", "more than %d accounts", maxDriftPolicies)
	}
	s.Policies = maps.Clone(s.Policies)
	var err error
	if s.Policy, err = cluster.ParseDriftPolicy(string(s.Policy)); err != nil {
		return fail(CodeInvalid, "policy", "%v", err)
	}
	for owner, policy := range s.Policies {
		if owner == "" || len(owner) > 255 || !printable(owner) {
			return fail(CodeInvalid, "policies", "%q is no account", owner)
		}
		if s.Policies[owner], err = cluster.ParseDriftPolicy(string(policy)); err != nil {
			return fail(CodeInvalid, owner, "%v", err)
		}
	}
	return c.commitRecords(ctx, "comparing", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "comparing-changed", "settings of comparing members changed"))
		return save(tx, kindSetting, settingComparing, s)
	})
}
