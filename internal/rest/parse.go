package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func zoneName(s string) (zone.Name, error) {
	n, err := zone.ParseName(s)
	if err != nil {
		return "", invalid("zone "+s, "%v", err)
	}
	return n, nil
}

// optionalZone is zoneName where nothing means every zone.
func optionalZone(s string) (zone.Name, error) {
	if s == "" {
		return "", nil
	}
	return zoneName(s)
}

func zoneNames(what string, list []string) ([]zone.Name, error) {
	out := make([]zone.Name, 0, len(list))
	for _, s := range list {
		n, err := zone.ParseName(s)
		if err != nil {
			return nil, invalid(what+" "+s, "%v", err)
		}
		out = append(out, n)
	}
	return out, nil
}

// records groups records into RRsets, in the order in which each RRset first appears. The TTL of an RRset is that of
// its first record (RFC 2181 section 5.2 wants them equal; the check of the zone says so).
func records(origin zone.Name, list []api.Record) ([]zone.RRset, error) {
	type key struct {
		owner zone.Name
		t     zone.Type
	}
	at := map[key]int{}
	var sets []zone.RRset
	for _, r := range list {
		owner, t, data, err := record(origin, r.Name, r.Type, r.Data)
		if err != nil {
			return nil, err
		}
		i, known := at[key{owner, t}]
		if !known {
			i = len(sets)
			at[key{owner, t}] = i
			sets = append(sets, zone.RRset{Owner: owner, Type: t, TTL: r.TTL})
		}
		sets[i].Data = append(sets[i].Data, data)
	}
	for i, s := range sets {
		sets[i] = zone.NewRRset(s.Owner, s.Type, s.TTL, s.Data)
	}
	return sets, nil
}

func record(origin zone.Name, name, typeName, text string) (zone.Name, zone.Type, []byte, error) {
	owner, t, err := place(origin, name, typeName)
	if err != nil {
		return "", 0, nil, err
	}
	data, err := zone.ParseData(t, origin, []string{text})
	if err != nil {
		return "", 0, nil, invalid(name+" "+typeName, "%v", err)
	}
	return owner, t, data, nil
}

func place(origin zone.Name, name, typeName string) (zone.Name, zone.Type, error) {
	owner, err := zone.ParseNameAt(name, origin)
	if err != nil {
		return "", 0, invalid(name, "%v", err)
	}
	t, err := zone.ParseType(typeName)
	if err != nil {
		return "", 0, invalid(name, "%v", err)
	}
	return owner, t, nil
}

func operations(origin zone.Name, list []api.Operation) ([]control.Op, error) {
	out := make([]control.Op, 0, len(list))
	for _, o := range list {
		owner, t, err := place(origin, o.Name, o.Type)
		if err != nil {
			return nil, err
		}
		c := control.Op{Kind: control.OpKind(o.Op), Owner: owner, Type: t, KeepTTL: o.TTL == nil}
		if o.TTL != nil {
			c.TTL = *o.TTL
		}
		if len(o.Data) == 0 && c.Kind != control.OpDelete {
			return nil, invalid(o.Name+" "+o.Type, "%s needs data", o.Op)
		}
		for _, text := range o.Data {
			data, err := zone.ParseData(t, origin, []string{text})
			if err != nil {
				return nil, invalid(o.Name+" "+o.Type, "%v", err)
			}
			c.Data = append(c.Data, data)
		}
		out = append(out, c)
	}
	return out, nil
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, invalid(s, "not an address or prefix")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// fingerprint takes a key's fingerprint as it is shown everywhere: SHA256: and 64 hexadecimal digits.
func fingerprint(s string) (string, error) {
	digits, ok := strings.CutPrefix(s, "SHA256:")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != sha256.Size || digits != strings.ToLower(digits) {
		return "", invalid("fingerprint", "%q is not SHA256: and 64 hexadecimal digits", s)
	}
	return s, nil
}
