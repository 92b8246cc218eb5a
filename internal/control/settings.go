package control

import (
	"context"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Settings are what root may change while the node runs. The threshold and the clustering switch have verbs of their own.
type Settings struct {
	Nameservers   []zone.Name    // NS of new zones that name none
	Contact       zone.Name      // RNAME of new zones; hostmaster at the zone if empty
	AllowTransfer []netip.Prefix // who may AXFR
}

// The rows of kindSetting.
const (
	settingNode       = "node"
	settingClustering = "clustering"
	settingThreshold  = "threshold"
	settingBrake      = "brake"
	settingComparing  = "comparing"
)

// The bounds of Settings.
const (
	maxNameservers = 13
	maxPrefixes    = 1000
)

// settingsRow is how Settings are stored: names as text, since wire form is no valid JSON string.
type settingsRow struct {
	Nameservers   []string
	Contact       string
	AllowTransfer []netip.Prefix
}

// Settings returns the settings.
func (c *Control) Settings(ctx context.Context, p acl.Principal) (Settings, error) {
	if err := allow(p, acl.ReadStatus, "", ""); err != nil {
		return Settings{}, err
	}
	return c.settings()
}

func (c *Control) settings() (Settings, error) {
	row, _, err := load[settingsRow](c.Store, kindSetting, settingNode)
	if err != nil {
		return Settings{}, err
	}
	s := Settings{AllowTransfer: row.AllowTransfer}
	for _, text := range row.Nameservers {
		n, err := zone.ParseName(text)
		if err != nil {
			return Settings{}, err
		}
		s.Nameservers = append(s.Nameservers, n)
	}
	if row.Contact != "" {
		s.Contact, err = zone.ParseName(row.Contact)
	}
	return s, err
}

// SetSettings replaces them.
func (c *Control) SetSettings(ctx context.Context, p acl.Principal, s Settings) error {
	if err := allow(p, acl.ManageNode, "", ""); err != nil {
		return err
	}
	if len(s.Nameservers) > maxNameservers || len(s.AllowTransfer) > maxPrefixes {
		return fail(CodeTooLarge, "settings", "at most %d nameservers and %d address ranges", maxNameservers, maxPrefixes)
	}
	row := settingsRow{AllowTransfer: s.AllowTransfer}
	for _, n := range s.Nameservers {
		row.Nameservers = append(row.Nameservers, n.String())
	}
	if s.Contact != "" {
		row.Contact = s.Contact.String()
	}
	err := c.commitRecords(ctx, "settings", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "settings-changed", "settings changed"))
		return save(tx, kindSetting, settingNode, row)
	})
	if err == nil {
		c.MembersChanged()
	}
	return err
}
