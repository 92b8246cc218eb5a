package serve

import "github.com/zonefleet/zonefleet/internal/zone"

// The types that change how a question is answered; all others are carried as octets (RFC 3597).
const (
	typeNS     zone.Type = 2
	typeMD     zone.Type = 3
	typeMF     zone.Type = 4
	typeCNAME  zone.Type = 5
	typeSOA    zone.Type = 6
	typeMB     zone.Type = 7
	typeMG     zone.Type = 8
	typeMR     zone.Type = 9
	typePTR    zone.Type = 12
	typeMINFO  zone.Type = 14
	typeMX     zone.Type = 15
	typeTXT    zone.Type = 16
	typeAFSDB  zone.Type = 18
	typeRT     zone.Type = 21
	typeSRV    zone.Type = 33
	typeKX     zone.Type = 36
	typeDNAME  zone.Type = 39
	typeOPT    zone.Type = 41
	typeDS     zone.Type = 43
	typeSVCB   zone.Type = 64
	typeHTTPS  zone.Type = 65
	typeA      zone.Type = 1
	typeAAAA   zone.Type = 28
	typeTSIG   zone.Type = 250
	typeIXFR   zone.Type = 251
	typeAXFR   zone.Type = 252
	typeMAILB  zone.Type = 253
	typeMAILA  zone.Type = 254
	typeANY    zone.Type = 255
	firstMeta  zone.Type = 128 // RFC 6895 section 3.1: 128–255 are questions and metadata, never stored
	lastMeta   zone.Type = 255
	classIN              = 1
	classCHAOS           = 3
)

// layout says where the names of a type's rdata are.
type layout struct {
	before   int  // octets before the first name
	names    int  // names, one after another
	after    int  // octets after the last name; rest: any number
	compress bool // only the types of RFC 1035 may be compressed (RFC 3597 section 4)
	target   bool // the name is of a host whose addresses belong in the additional section
}

const rest = -1

func layoutOf(t zone.Type) layout {
	switch t {
	case typeNS:
		return layout{names: 1, compress: true, target: true}
	case typeCNAME, typePTR, typeMD, typeMF, typeMB, typeMG, typeMR:
		return layout{names: 1, compress: true}
	case typeSOA:
		return layout{names: 2, after: 20, compress: true}
	case typeMINFO:
		return layout{names: 2, compress: true}
	case typeMX:
		return layout{before: 2, names: 1, compress: true, target: true}
	case typeDNAME:
		return layout{names: 1}
	case typeAFSDB, typeRT, typeKX:
		return layout{before: 2, names: 1, target: true}
	case typeSRV:
		return layout{before: 6, names: 1, target: true}
	case typeSVCB, typeHTTPS: // RFC 9460 section 4.1
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
