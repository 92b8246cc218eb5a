package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SyncPreview is what SyncMember would do.
type SyncPreview struct {
	Member     Member
	Zones      int      // that this node holds
	Starts     []string // what happens once
	Does       []string // what the link does from then on
	Overwrites bool     // what differs there is replaced
	// What the last comparison found, as in RolePreview.
	Compared                    zone.Millis
	Differ, OnlyHere, OnlyThere int
}

// PreviewSync says what SyncMember would do. Nothing is changed, and nobody is asked.
func (c *Control) PreviewSync(ctx context.Context, p acl.Principal, host string) (SyncPreview, error) {
	v, err := c.PreviewRole(ctx, p, host, "")
	if err != nil {
		return SyncPreview{}, err
	}
	then := v.Member
	start(&then, true, 0)
	return SyncPreview{
		Member: v.Member, Zones: v.Zones, Starts: starts(then), Does: v.Does, Overwrites: then.Overwrite,
		Compared: v.Compared, Differ: v.Differ, OnlyHere: v.OnlyHere, OnlyThere: v.OnlyThere,
	}, nil
}
