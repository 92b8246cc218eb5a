package serve

import "github.com/zonefleet/zonefleet/internal/zone"

const (
	classIN    = 1
	classCHAOS = 3

	typeMAILB zone.Type = 253
	typeMAILA zone.Type = 254
)

// layout says where the names of a type's rdata are.
type layout struct {
	before   int  // octets before the first name
	names    int  // names, one after another
	after    int  // octets after the last name; rest: any number
	compress bool // only the types of RFC 1035 may be compressed (RFC 3597 section 4)
	target   bool // the first name is of a host whose addresses belong in the additional section
}

const rest = -1

func layoutOf(t zone.Type) layout {
	switch t {
	case zone.TypeNS:
		return layout{names: 1, compress: true, target: true}
	case zone.TypeCNAME, zone.TypePTR, zone.TypeMD, zone.TypeMF, zone.TypeMB, zone.TypeMG, zone.TypeMR:
		return layout{names: 1, compress: true}
	case zone.TypeSOA:
		return layout{names: 2, after: 20, compress: true}
	case zone.TypeMINFO:
		return layout{names: 2, compress: true}
	case zone.TypeMX:
		return layout{before: 2, names: 1, compress: true, target: true}
	case zone.TypeDNAME:
		return layout{names: 1}
	case zone.TypeAFSDB, zone.TypeRT, zone.TypeKX:
		return layout{before: 2, names: 1, target: true}
	case zone.TypeSRV:
		return layout{before: 6, names: 1, target: true}
	case zone.TypeSVCB, zone.TypeHTTPS: // RFC 9460 section 4.1
		return layout{before: 2, names: 1, after: rest, target: true}
	}
	return layout{after: rest}
}

// fits reports whether data has the layout l.
func (l layout) fits(data []byte) bool {
	if len(data) < l.before {
		return false
	}
	data = data[l.before:]
	for range l.names {
		n := nameLen(data)
		if n == 0 {
			return false
		}
		data = data[n:]
	}
	return l.after == rest || len(data) == l.after
}
