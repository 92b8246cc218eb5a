package control

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Settings are what root may change while the node runs. The threshold and the clustering switch have verbs of their own.
type Settings struct {
	Nameservers   []zone.Name    // NS of new zones that name none
	Contact       zone.Name      // RNAME of new zones; hostmaster at the zone if empty
	AllowTransfer []netip.Prefix // who may AXFR
	// Brake and Retention stay as they are where they are nil; Settings fills them.
	Brake     *cluster.Brake
	Retention *Retention
	NewZones  *NewZones
	// Doors are the address lists of the configuration, for people to see; SetSettings does not look at them.
	Doors Doors
}

// Doors are who may connect, as the configuration says; nobody listed means everybody.
type Doors struct {
	HTTPS []netip.Prefix // at all, members too
	API   []netip.Prefix // of those, who may use REST and pages
}

// The rows of kindSetting.
const (
	settingNode       = "node"
	settingClustering = "clustering"
	settingThreshold  = "threshold"
	settingBrake      = "brake"
	settingComparing  = "comparing"
	settingRetention  = "retention"
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
	if err := allowed(p, acl.ReadNode); err != nil {
		return Settings{}, err
	}
	s, err := c.settings()
	if err != nil {
		return Settings{}, err
	}
	brake := c.BrakeRule().WithDefaults()
	retention, err1 := c.retention()
	fresh, err2 := c.newZones(c.Store)
	s.Brake, s.Retention, s.NewZones = &brake, &retention, &fresh
	if c.DoorLists != nil {
		s.Doors = c.DoorLists()
	}
	return s, errors.Join(err1, err2)
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
	if err := allowed(p, acl.ManageNode); err != nil {
		return err
	}
	if len(s.Nameservers) > maxNameservers || len(s.AllowTransfer) > maxPrefixes {
		return fail(CodeTooLarge, "settings", "at most %d nameservers and %d address ranges", maxNameservers, maxPrefixes)
	}
	if err := s.validate(); err != nil {
		return fail(CodeInvalid, "settings", "%v", err)
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
		return errors.Join(save(tx, kindSetting, settingNode, row), saveGiven(tx, settingBrake, s.Brake), saveGiven(tx, settingRetention, s.Retention), saveNewZones(tx, s.NewZones))
	})
	if err == nil {
		c.MembersChanged()
	}
	return err
}

func (s Settings) validate() error {
	if s.Brake != nil {
		if err := s.Brake.Validate(); err != nil {
			return fmt.Errorf("brake: %w", err)
		}
	}
	if s.Retention != nil {
		if err := s.Retention.Validate(); err != nil {
			return fmt.Errorf("retention: %w", err)
		}
	}
	if s.NewZones != nil {
		if err := s.NewZones.Validate(); err != nil {
			return fmt.Errorf("new zones: %w", err)
		}
	}
	return nil
}

// saveGiven writes a setting that is given.
func saveGiven[T any](tx *store.Tx, id string, v *T) error {
	if v == nil {
		return nil
	}
	return save(tx, kindSetting, id, *v)
}
