package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Clustering says whether this node clusters. It is on until somebody switches it off: without members there is
// nothing that it does.
func (c *Control) Clustering() bool {
	off, _, err := load[bool](c.Store, kindSetting, settingClustering)
	return err == nil && !off
}

// EnableClustering lets links work; they go on from their cursors.
func (c *Control) EnableClustering(ctx context.Context, p acl.Principal) error {
	return c.setClustering(ctx, p, true)
}

// DisableClustering stops all links: nothing is sent or followed, cluster calls are answered "clustering is off here",
// edits and answers go on, cursors stand.
func (c *Control) DisableClustering(ctx context.Context, p acl.Principal) error {
	return c.setClustering(ctx, p, false)
}

func (c *Control) setClustering(ctx context.Context, p acl.Principal, on bool) error {
	if err := allowed(p, acl.ManageCluster); err != nil {
		return err
	}
	err := c.commitRecords(ctx, "clustering", func(tx *store.Tx) error { return c.putClustering(tx, p, on) })
	if err == nil {
		c.MembersChanged()
	}
	return err
}

// putClustering stores the switch as "off", so that a missing row means on.
func (c *Control) putClustering(tx *store.Tx, p acl.Principal, on bool) error {
	off, _, err := load[bool](tx, kindSetting, settingClustering)
	if err != nil || off == !on {
		return err
	}
	text, kind := "clustering disabled", "clustering-disabled"
	if on {
		text, kind = "clustering enabled", "clustering-enabled"
	}
	tx.AppendEvent(c.event(p, kind, text))
	return save(tx, kindSetting, settingClustering, !on)
}

// requireClustering is what cluster calls of others meet while it is off.
func (c *Control) requireClustering() error {
	if c.Clustering() {
		return nil
	}
	return fail(CodeClusteringOff, "", "clustering is off here").hint("zonefleet cluster enable")
}

// Threshold returns the failure threshold.
func (c *Control) Threshold() cluster.Threshold {
	t, _, err := load[cluster.Threshold](c.Store, kindSetting, settingThreshold)
	if err != nil {
		return cluster.Threshold{}
	}
	return t
}

// SetThreshold changes it.
func (c *Control) SetThreshold(ctx context.Context, p acl.Principal, t cluster.Threshold) error {
	if err := allowed(p, acl.ManageCluster); err != nil {
		return err
	}
	if err := t.Validate(); err != nil {
		return fail(CodeInvalid, "threshold", "%v", err)
	}
	err := c.commitRecords(ctx, "threshold", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "threshold-changed", "failure threshold changed"))
		return save(tx, kindSetting, settingThreshold, t)
	})
	if err == nil {
		c.MembersChanged()
	}
	return err
}
