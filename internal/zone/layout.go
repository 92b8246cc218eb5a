package zone

// layout describes rdata as a row of fields, one letter each, from which this package derives parsing, printing,
// checking and the canonical form of a type. Types whose fields depend on each other have none; the library does those.
//
//	n  domain name             s  character-string               x  the rest, hexadecimal
//	1  8-bit number            S  one or more character-strings  b  the rest, base64
//	2  16-bit number           q  the rest, as one quoted text   d  digest of at least one octet, hexadecimal
//	4  32-bit number           k  CAA tag                        g  DNSSEC algorithm, number or mnemonic
//	t  32-bit time, units may be written                         a  IPv4 address     A  IPv6 address
//
// Every type here that has a name in its rdata is one whose names RFC 4034 section 6.2 (less those that RFC 6840
// section 5.1 takes out) lower-cases in the canonical form, and no type without a layout is. Obsolete ones that nobody
// can still sign (SIG, NXT, A6) are left out.
func layout(t Type) (fields string, ok bool) {
	switch t {
	case TypeA:
		return "a", true
	case TypeAAAA:
		return "A", true
	case TypeNS, TypeCNAME, TypePTR, TypeDNAME, TypeMB, TypeMD, TypeMF, TypeMG, TypeMR:
		return "n", true
	case TypeSOA:
		return "nn4tttt", true
	case TypeMX, TypeKX, TypeAFSDB, TypeRT:
		return "2n", true
	case TypeTXT, TypeSPF:
		return "S", true
	case TypeSRV:
		return "222n", true
	case TypeCAA:
		return "1kq", true
	case TypePX:
		return "2nn", true
	case TypeRP, TypeMINFO:
		return "nn", true
	case TypeX25:
		return "s", true
	case TypeHINFO:
		return "ss", true
	case TypeGPOS:
		return "sss", true
	case TypeNAPTR:
		return "22sssn", true
	case TypeURI:
		return "22q", true
	case TypeDS, TypeCDS, TypeDLV:
		return "2g1d", true
	case TypeDNSKEY, TypeCDNSKEY, TypeKEY:
		return "21gb", true
	case TypeTLSA, TypeSMIMEA:
		return "111d", true
	case TypeSSHFP:
		return "11d", true
	case TypeZONEMD:
		return "411d", true
	case TypeOPENPGPKEY, TypeDHCID:
		return "b", true
	}
	return "", false
}
