package zone

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Type is an RR type (RFC 1035 section 3.2.2). Its text form is the mnemonic, or TYPEn (RFC 3597 section 5).
type Type uint16

// The types that the code mentions by name; every other one works all the same.
const (
	TypeA          Type = 1
	TypeNS         Type = 2
	TypeMD         Type = 3
	TypeMF         Type = 4
	TypeCNAME      Type = 5
	TypeSOA        Type = 6
	TypeMB         Type = 7
	TypeMG         Type = 8
	TypeMR         Type = 9
	TypePTR        Type = 12
	TypeHINFO      Type = 13
	TypeMINFO      Type = 14
	TypeMX         Type = 15
	TypeTXT        Type = 16
	TypeRP         Type = 17
	TypeAFSDB      Type = 18
	TypeX25        Type = 19
	TypeRT         Type = 21
	TypeKEY        Type = 25
	TypePX         Type = 26
	TypeGPOS       Type = 27
	TypeAAAA       Type = 28
	TypeSRV        Type = 33
	TypeNAPTR      Type = 35
	TypeKX         Type = 36
	TypeDNAME      Type = 39
	TypeOPT        Type = 41
	TypeDS         Type = 43
	TypeSSHFP      Type = 44
	TypeRRSIG      Type = 46
	TypeNSEC       Type = 47
	TypeDNSKEY     Type = 48
	TypeDHCID      Type = 49
	TypeNSEC3      Type = 50
	TypeNSEC3PARAM Type = 51
	TypeTLSA       Type = 52
	TypeSMIMEA     Type = 53
	TypeCDS        Type = 59
	TypeCDNSKEY    Type = 60
	TypeOPENPGPKEY Type = 61
	TypeZONEMD     Type = 63
	TypeSVCB       Type = 64
	TypeHTTPS      Type = 65
	TypeSPF        Type = 99
	TypeTKEY       Type = 249
	TypeTSIG       Type = 250
	TypeIXFR       Type = 251
	TypeAXFR       Type = 252
	TypeANY        Type = 255
	TypeURI        Type = 256
	TypeCAA        Type = 257
	TypeDLV        Type = 32769
)

// ParseType parses a mnemonic in any case, or TYPEn.
func ParseType(s string) (Type, error) {
	upper := strings.ToUpper(s)
	if t, ok := dns.StringToType[upper]; ok && Type(t).hasMnemonic() {
		return Type(t), nil
	}
	if number, ok := strings.CutPrefix(upper, "TYPE"); ok {
		if n, err := strconv.ParseUint(number, 10, 16); err == nil && isDigit(number[0]) {
			return Type(n), nil
		}
	}
	return 0, fmt.Errorf("type %s is unknown (hint: an unknown one is written TYPE and its number)", excerpt(s))
}

// hasMnemonic leaves out the library's words for the reserved ends of the range, which are no types.
func (t Type) hasMnemonic() bool { return t != 0 && t != 65535 }

func (t Type) String() string {
	if name, ok := dns.TypeToString[uint16(t)]; ok && t.hasMnemonic() {
		return name
	}
	return "TYPE" + strconv.Itoa(int(t))
}

// IsMeta reports whether the type stands only in messages and never in a zone: OPT, and the range that RFC 6895
// section 3.1 keeps for QTYPEs and meta-types.
func (t Type) IsMeta() bool {
	return t == 0 || t == TypeOPT || 128 <= t && t <= 255
}
