package zone

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// Swap is a value that is to become another one wherever it stands: an address in A or AAAA records, or a host name that
// CNAME, MX, NS or SRV records lead to. Texts that mention it, as SPF, are no values of that kind and stay.
type Swap struct {
	from, to []byte // an address of 4 or 16 octets, or a name in wire form
	address  bool
}

// ParseSwap reads two addresses of one family, or two host names.
func ParseSwap(from, to string) (Swap, error) {
	a, aErr := netip.ParseAddr(from)
	b, bErr := netip.ParseAddr(to)
	switch {
	case aErr == nil && bErr == nil && a == b, from == to:
		return Swap{}, errors.New("both are the same")
	case aErr == nil && bErr == nil && (a.Zone() != "" || b.Zone() != ""):
		return Swap{}, errors.New("an address in a zone has no interface")
	case aErr == nil && bErr == nil && a.Is4() != b.Is4():
		return Swap{}, errors.New("an IPv4 address can only become an IPv4 address, an IPv6 address an IPv6 address")
	case aErr == nil && bErr == nil:
		return Swap{from: a.AsSlice(), to: b.AsSlice(), address: true}, nil
	case aErr == nil, bErr == nil:
		return Swap{}, errors.New("an address can only become an address, a host name a host name")
	}
	return swapNames(from, to)
}

func swapNames(from, to string) (Swap, error) {
	a, err := ParseName(from)
	if err != nil {
		return Swap{}, fmt.Errorf("%s: %w", excerpt(from), err)
	}
	b, err := ParseName(to)
	switch {
	case err != nil:
		return Swap{}, fmt.Errorf("%s: %w", excerpt(to), err)
	case a == b:
		return Swap{}, errors.New("both are the same")
	case a == Root || b == Root || b.IsWildcard():
		return Swap{}, errors.New("that is no host name")
	}
	return Swap{from: []byte(a), to: []byte(b)}, nil
}

// Octets are what every stored RRset with the value contains, in whatever case its letters are there.
func (s Swap) Octets() []byte { return s.from }

// In returns the RRsets that have the value, as they become, and how many records of them change.
func (s Swap) In(sets []RRset) (changed []RRset, records int) {
	for _, set := range sets {
		at, ok := s.place(set.Type)
		if !ok {
			continue
		}
		data, n := slices.Clone(set.Data), 0
		for i, d := range data {
			if s.is(d, at) {
				data[i] = append(slices.Clone(d[:at]), s.to...)
				n++
			}
		}
		if n > 0 {
			changed = append(changed, NewRRset(set.Owner, set.Type, set.TTL, data))
			records += n
		}
	}
	return changed, records
}

// place is where the rdata of a type has a value of this kind, which ends it.
func (s Swap) place(t Type) (at int, ok bool) {
	switch t {
	case TypeA:
		return 0, s.address && len(s.from) == 4
	case TypeAAAA:
		return 0, s.address && len(s.from) == 16
	case TypeCNAME, TypeNS:
		return 0, !s.address
	case TypeMX:
		return 2, !s.address
	case TypeSRV:
		return 6, !s.address
	}
	return 0, false
}

// is compares names as names are: the case of letters does not count.
func (s Swap) is(data []byte, at int) bool {
	if len(data) < at {
		return false
	}
	if s.address {
		return bytes.Equal(data, s.from)
	}
	n, _, err := NameFromWire(data[at:])
	return err == nil && string(n) == string(s.from)
}

// WithTTL returns the RRsets whose TTL is another, with that one.
func WithTTL(sets []RRset, ttl uint32) (changed []RRset) {
	for _, set := range sets {
		if set.TTL != ttl {
			set.TTL = ttl
			changed = append(changed, set)
		}
	}
	return changed
}
