package rest

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func newZonesOf(n control.NewZones) *api.NewZones {
	out := &api.NewZones{
		Refresh: n.Refresh, Retry: n.Retry, Expire: n.Expire, Minimum: n.Minimum, TTL: n.TTL,
		Serial: string(n.Serial), Addresses: []string{}, OwnAddresses: n.OwnAddresses,
	}
	for _, s := range n.Addresses {
		var list []string
		for _, a := range s.Addresses {
			list = append(list, a.String())
		}
		out.Addresses = append(out.Addresses, s.Name.Text()+"="+strings.Join(list, ","))
	}
	return out
}

func toNewZones(n *api.NewZones) (*control.NewZones, error) {
	if n == nil {
		return nil, nil
	}
	out := &control.NewZones{
		Refresh: n.Refresh, Retry: n.Retry, Expire: n.Expire, Minimum: n.Minimum, TTL: n.TTL,
		Serial: control.SerialPolicy(n.Serial), OwnAddresses: n.OwnAddresses,
	}
	for _, text := range n.Addresses {
		host, list, _ := strings.Cut(text, "=")
		name, err := zone.ParseName(host)
		if err != nil {
			return nil, invalid("addresses", "%v", err)
		}
		s := control.Nameserver{Name: name}
		for _, a := range strings.Split(list, ",") {
			addr, err := netip.ParseAddr(strings.TrimSpace(a))
			if err != nil {
				return nil, invalid("addresses", "%q is not NAME=ADDRESS,ADDRESS, as ns1.example.net=192.0.2.1,2001:db8::1", text)
			}
			s.Addresses = append(s.Addresses, addr)
		}
		out.Addresses = append(out.Addresses, s)
	}
	return out, nil
}

func doorsOf(d control.Doors) *api.Doors { return &api.Doors{HTTPS: texts(d.HTTPS), API: texts(d.API)} }

func texts(list []netip.Prefix) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, p.String())
	}
	return out
}

// sameDoors refuses address lists that are not those of the configuration, where alone they can be changed: whoever shut
// himself out could not take it back here.
func (s *Server) sameDoors(ctx context.Context, p acl.Principal, d *api.Doors) error {
	if d == nil {
		return nil
	}
	set, err := s.Control.Settings(ctx, p)
	if err != nil {
		return err
	}
	now := doorsOf(set.Doors)
	if !slices.Equal(now.HTTPS, d.HTTPS) || !slices.Equal(now.API, d.API) {
		return &control.Error{
			Code: control.CodeInvalid, Subject: "doors", Message: "who may connect is in the configuration",
			Hint: "change allow_https and allow_api there, then: zonefleet reload",
		}
	}
	return nil
}
