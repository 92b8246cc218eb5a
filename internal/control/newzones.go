package control

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SerialPolicy says what serials look like after a change that was made here.
type SerialPolicy string

// The policies; the empty one is SerialCounter. A serial never goes back, whatever the policy.
const (
	SerialCounter SerialPolicy = "counter" // one more
	SerialDate    SerialPolicy = "date"    // YYYYMMDDnn: the first of a day begins at 00
	SerialUnix    SerialPolicy = "unix"    // seconds since 1970
)

// NewZones says what new zones get, and how serials of zones that change here go on.
type NewZones struct {
	Refresh, Retry, Expire, Minimum uint32 // of the SOA, in seconds
	TTL                             uint32 // of SOA and NS
	Serial                          SerialPolicy
	// Addresses of nameservers, which templates and new zones use.
	Addresses []Nameserver
	// OwnAddresses adds them as A and AAAA to a new zone that a nameserver's name is in (WHM's autocreateaentries).
	OwnAddresses bool
}

// settingNewZones is the row of NewZones.
const settingNewZones = "new-zones"

// maxTimer is the largest value of a timer or a TTL (RFC 2181 section 8).
const maxTimer = 1<<31 - 1

type newZonesRow struct {
	Refresh, Retry, Expire, Minimum, TTL uint32
	Serial                               SerialPolicy
	Addresses                            []nameserverRow
	OwnAddresses                         bool
}

// newZones are the settings, or the values of WHM's zone template where nobody has set any.
func (c *Control) newZones(r records) (NewZones, error) {
	row, found, err := load[newZonesRow](r, kindSetting, settingNewZones)
	if err != nil {
		return NewZones{}, err
	}
	if !found {
		row = newZonesRow{defaultRefresh, defaultRetry, defaultExpire, defaultMinimum, defaultTTL, SerialCounter, nil, true}
	}
	n := NewZones{row.Refresh, row.Retry, row.Expire, row.Minimum, row.TTL, row.Serial, nil, row.OwnAddresses}
	for _, s := range row.Addresses {
		name, err := zone.ParseName(s.Name)
		if err != nil {
			return n, err
		}
		n.Addresses = append(n.Addresses, Nameserver{name, s.Addresses})
	}
	return n, nil
}

func saveNewZones(tx *store.Tx, n *NewZones) error {
	if n == nil {
		return nil
	}
	row := newZonesRow{n.Refresh, n.Retry, n.Expire, n.Minimum, n.TTL, n.Serial, nil, n.OwnAddresses}
	for _, s := range n.Addresses {
		row.Addresses = append(row.Addresses, nameserverRow{s.Name.String(), s.Addresses})
	}
	return save(tx, kindSetting, settingNewZones, row)
}

// Validate reports the first value that cannot be.
func (n NewZones) Validate() error {
	for _, t := range []struct {
		name  string
		value uint32
	}{{"refresh", n.Refresh}, {"retry", n.Retry}, {"expire", n.Expire}, {"minimum", n.Minimum}, {"ttl", n.TTL}} {
		if t.value < 1 || t.value > maxTimer {
			return fmt.Errorf("%s %d is out of bounds (1 to %d seconds)", t.name, t.value, maxTimer)
		}
	}
	if uint64(n.Expire) < uint64(n.Refresh)+uint64(n.Retry) {
		return fmt.Errorf("expire %d is less than refresh and retry together: a secondary would drop zones between two looks (RFC 1912 section 2.2)", n.Expire)
	}
	if !slices.Contains([]SerialPolicy{"", SerialCounter, SerialDate, SerialUnix}, n.Serial) {
		return fmt.Errorf("serial policy %q is not known (counter, date, unix)", n.Serial)
	}
	if len(n.Addresses) > maxNameservers {
		return fmt.Errorf("at most %d nameservers have addresses", maxNameservers)
	}
	for _, s := range n.Addresses {
		if len(s.Addresses) == 0 || len(s.Addresses) > maxNameservers {
			return fmt.Errorf("nameserver %s has %d addresses (1 to %d)", s.Name.Text(), len(s.Addresses), maxNameservers)
		}
		for _, a := range s.Addresses {
			if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.Zone() != "" {
				return fmt.Errorf("%s is no address of a nameserver", a)
			}
		}
	}
	return nil
}

// addressesOf are the addresses of a nameserver, as they are set.
func (n NewZones) addressesOf(name zone.Name) []netip.Addr {
	for _, s := range n.Addresses {
		if s.Name == name {
			return s.Addresses
		}
	}
	return nil
}

// ownAddresses are A and AAAA for the nameservers of a new zone whose names are in it; what the zone has already stays.
func (n NewZones) ownAddresses(z zone.Name, servers []Nameserver, have []zone.RRset) []zone.RRset {
	if !n.OwnAddresses {
		return nil
	}
	var sets []zone.RRset
	for _, s := range servers {
		if !s.Name.IsSubdomainOf(z) || slices.ContainsFunc(have, func(set zone.RRset) bool {
			return set.Owner == s.Name && (set.Type == zone.TypeA || set.Type == zone.TypeAAAA)
		}) {
			continue
		}
		byType := map[zone.Type][][]byte{}
		for _, a := range s.Addresses {
			t := zone.TypeAAAA
			if a.Unmap().Is4() {
				t = zone.TypeA
			}
			byType[t] = append(byType[t], a.Unmap().AsSlice())
		}
		for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA} {
			if len(byType[t]) > 0 {
				sets = append(sets, zone.NewRRset(s.Name, t, defaultRecordTTL, byType[t]))
			}
		}
	}
	return sets
}

// wish raises the base of a change that writes something, so that its serial follows the policy. A serial of the policy
// that is not ahead of the zone's is not taken: then it is one more.
func (n NewZones) wish(change *zone.Change, s *zone.State, now zone.Millis) {
	want, wished := n.serialAt(now)
	if !wished || len(change.Writes) == 0 || change.Base > s.Base || !s.WishAllowed(want, now) {
		return // a file that brings a serial has its own
	}
	if base, ok := zone.BaseFor(want, s, 1); ok {
		change.Base = max(change.Base, base)
	}
}

// serialAt is the serial that the policy wishes at that time.
func (n NewZones) serialAt(now zone.Millis) (serial uint32, wished bool) {
	switch n.Serial {
	case SerialDate:
		return zone.DateSerial(now), true
	case SerialUnix:
		return uint32(now / 1000), true
	}
	return 0, false
}
