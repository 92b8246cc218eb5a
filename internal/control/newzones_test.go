package control_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *server) settle(t *testing.T, change func(*control.Settings)) error {
	t.Helper()
	set, err := s.Settings(ctx(), root)
	if err != nil {
		t.Fatal(err)
	}
	change(&set)
	return s.SetSettings(ctx(), root, set)
}

// What the settings say is in the next zone that is made.
func TestANewZoneHasWhatTheSettingsSay(t *testing.T) {
	s := newNetwork().server(t, "web1.test")
	if err := s.settle(t, func(set *control.Settings) {
		set.Nameservers = []zone.Name{name("ns1.example.com"), name("ns2.example.net")}
		set.NewZones.Refresh, set.NewZones.Minimum, set.NewZones.TTL = 7200, 300, 1800
		set.NewZones.Addresses = []control.Nameserver{{Name: name("ns1.example.com"), Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name("example.com")}); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := s.ExportZone(ctx(), root, name("example.com"), &text); err != nil {
		t.Fatal(err)
	}
	fields := strings.Join(strings.Fields(text.String()), " ")
	for _, part := range []string{"7200 1800 1209600 300", "192.0.2.1", "2001:db8::1", "ns2.example.net.", "1800"} {
		if !strings.Contains(fields, part) {
			t.Errorf("the zone lacks %q:\n%s", part, text.String())
		}
	}
	for what, wrong := range map[string]func(*control.NewZones){
		"expire":  func(n *control.NewZones) { n.Expire = 100 },
		"zero":    func(n *control.NewZones) { n.TTL = 0 },
		"policy":  func(n *control.NewZones) { n.Serial = "random" },
		"address": func(n *control.NewZones) { n.Addresses[0].Addresses[0] = netip.IPv4Unspecified() },
	} {
		err := s.settle(t, func(set *control.Settings) { wrong(set.NewZones) })
		if control.CodeOf(err) != control.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Serials follow the policy where that is ahead, and are one more where it is not.
func TestSerialsFollowThePolicy(t *testing.T) {
	s := newNetwork().server(t, "web1.test")
	policy := func(p control.SerialPolicy) {
		t.Helper()
		if err := s.settle(t, func(set *control.Settings) { set.NewZones.Serial = p }); err != nil {
			t.Fatal(err)
		}
	}
	serial := func(z, address string) uint32 {
		return s.edit(t, z, set("www."+z, zone.TypeA, address)).Serial
	}
	now := zone.Millis(s.time().UnixMilli())
	policy(control.SerialUnix)
	if _, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name("unix.example"), Nameservers: []zone.Name{name("ns1.example.net")}}); err != nil {
		t.Fatal(err)
	}
	if got, at := serial("unix.example", "192.0.2.1"), uint32(now/1000); got < at || got > at+5 {
		t.Errorf("seconds since 1970: %d at %d", got, at)
	}
	policy(control.SerialDate)
	first := serial("unix.example", "192.0.2.2")
	if date := zone.DateSerial(now); first != date {
		t.Errorf("the first of the day is %d, want %d", first, date)
	}
	if second := serial("unix.example", "192.0.2.3"); second != first+1 {
		t.Errorf("the second of the day is %d after %d", second, first)
	}
	policy(control.SerialUnix) // which is behind the date form now
	if third := serial("unix.example", "192.0.2.4"); third != first+2 {
		t.Errorf("a serial that is not ahead: %d after %d", third, first+1)
	}
}
