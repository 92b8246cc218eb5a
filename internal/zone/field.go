package zone

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// appendField parses the next field of the kind (see layout) from the head of fields and returns those left over.
func appendField(dst []byte, kind byte, fields []string, origin Name) ([]byte, []string, error) {
	if len(fields) == 0 {
		return nil, nil, errors.New("the data ends too early")
	}
	var err error
	switch kind {
	case 'S':
		for _, field := range fields {
			if dst, err = appendText(dst, field); err != nil {
				return nil, nil, err
			}
		}
		return dst, nil, nil
	case 'x', 'd', 'b':
		dst, err = appendEncoded(dst, kind, fields)
		return dst, nil, err
	}
	if kind != 's' && kind != 'q' && fields[0] != "" && fields[0][0] == '"' {
		return nil, nil, fmt.Errorf("unexpected quotes around %s", fields[0])
	}
	dst, err = appendOne(dst, kind, fields[0], origin)
	return dst, fields[1:], err
}

// appendOne parses a field that is one token.
func appendOne(dst []byte, kind byte, field string, origin Name) ([]byte, error) {
	switch kind {
	case 'n':
		wire, err := appendName(dst, field, origin)
		if err != nil {
			return nil, fmt.Errorf("name %s: %w", excerpt(field), err)
		}
		return wire, nil
	case '1', '2', '4':
		return appendNumber(dst, kind, field)
	case 'g':
		if n, ok := dns.StringToAlgorithm[strings.ToUpper(field)]; ok {
			return append(dst, n), nil
		}
		return appendNumber(dst, '1', field)
	case 't':
		seconds, err := parseTimer(field)
		return binary.BigEndian.AppendUint32(dst, seconds), err
	case 'a', 'A':
		return appendAddress(dst, kind, field)
	case 's':
		return appendCharString(dst, field)
	case 'q':
		return appendUnquoted(dst, field)
	case 'k':
		if len(field) > 255 || !isAlphanumeric(field) {
			return nil, fmt.Errorf("tag %s is not made of 1 to 255 letters and digits", excerpt(field))
		}
		return append(append(dst, byte(len(field))), field...), nil
	}
	panic("zone: unknown field kind " + string(kind))
}

func appendNumber(dst []byte, kind byte, field string) ([]byte, error) {
	bits := 8 * int(kind-'0')
	n, err := strconv.ParseUint(field, 10, bits)
	if err != nil {
		return nil, fmt.Errorf("%s is not a number from 0 to %d", excerpt(field), uint64(1)<<bits-1)
	}
	switch kind {
	case '1':
		return append(dst, byte(n)), nil
	case '2':
		return binary.BigEndian.AppendUint16(dst, uint16(n)), nil
	}
	return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
}

func appendAddress(dst []byte, kind byte, field string) ([]byte, error) {
	addr, err := netip.ParseAddr(field)
	switch {
	case kind == 'a' && (err != nil || !addr.Is4()):
		return nil, fmt.Errorf("%s is not an IPv4 address", excerpt(field))
	case kind == 'A' && (err != nil || !addr.Is6() || addr.Zone() != ""):
		return nil, fmt.Errorf("%s is not an IPv6 address", excerpt(field))
	}
	return append(dst, addr.AsSlice()...), nil
}

// appendCharString parses one character-string (RFC 1035 section 3.3).
func appendCharString(dst []byte, field string) ([]byte, error) {
	at := len(dst)
	dst, err := appendUnquoted(append(dst, 0), field)
	if err != nil {
		return nil, err
	}
	n := len(dst) - at - 1
	if n > 255 {
		return nil, fmt.Errorf("string of %d octets is longer than 255", n)
	}
	dst[at] = byte(n)
	return dst, nil
}

// appendText parses a field of TXT data. What does not fit one character-string continues in the next: readers join
// them (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2), so the meaning stays.
func appendText(dst []byte, field string) ([]byte, error) {
	text, err := appendUnquoted(nil, field)
	if err != nil {
		return nil, err
	}
	for len(text) > 255 {
		dst = append(append(dst, 255), text[:255]...)
		text = text[255:]
	}
	return append(append(dst, byte(len(text))), text...), nil
}

// appendUnquoted appends the octets that a field stands for, without its quotes and escapes.
func appendUnquoted(dst []byte, field string) ([]byte, error) {
	if strings.HasPrefix(field, `"`) {
		if len(field) < 2 || field[len(field)-1] != '"' {
			return nil, fmt.Errorf("%s lacks its closing quote", excerpt(field))
		}
		field = field[1 : len(field)-1]
	}
	for len(field) > 0 {
		octet, n, err := unescape(field)
		if err != nil {
			return nil, err
		}
		dst = append(dst, octet)
		field = field[n:]
	}
	return dst, nil
}

// appendEncoded parses hexadecimal or base64 text up to the end of the record, over as many fields as it was broken
// into.
func appendEncoded(dst []byte, kind byte, fields []string) ([]byte, error) {
	text := strings.Join(fields, "")
	var octets []byte
	var err error
	if kind == 'b' {
		octets, err = base64.StdEncoding.DecodeString(text)
	} else {
		octets, err = hex.DecodeString(text)
	}
	if err != nil {
		what := "hexadecimal"
		if kind == 'b' {
			what = "base64"
		}
		return nil, fmt.Errorf("%s is not valid %s", excerpt(text), what)
	}
	if kind != 'x' && len(octets) == 0 {
		return nil, errors.New("the data ends too early")
	}
	return append(dst, octets...), nil
}

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; !isDigit(s[i]) && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}

// fieldLen is the number of octets of a field at the head of data, if it is whole.
func fieldLen(kind byte, data []byte) (int, error) {
	n := 0
	switch kind {
	case 'n':
		return nameLen(data)
	case '1', 'g':
		n = 1
	case '2':
		n = 2
	case '4', 't', 'a':
		n = 4
	case 'A':
		n = 16
	case 's', 'k':
		if len(data) > 0 {
			n = int(data[0])
		}
		if n++; kind == 'k' && n <= len(data) && !isAlphanumeric(string(data[1:n])) {
			return 0, errors.New("tag is not made of letters and digits")
		}
	case 'S':
		return stringsLen(data)
	case 'x', 'q':
		return len(data), nil
	case 'd', 'b':
		n = max(1, len(data))
	}
	if n > len(data) {
		return 0, errFieldCut
	}
	return n, nil
}

var errFieldCut = errors.New("the data ends too early")

// stringsLen checks that data is one or more character-strings up to its end (RFC 1035 section 3.3.14).
func stringsLen(data []byte) (int, error) {
	n := 0
	for first := true; first || n < len(data); first = false {
		if n >= len(data) || n+1+int(data[n]) > len(data) {
			return 0, errFieldCut
		}
		n += 1 + int(data[n])
	}
	return n, nil
}

// appendFieldText appends the presentation form of a field, whose length fieldLen has told.
func appendFieldText(b []byte, kind byte, field []byte) []byte {
	switch kind {
	case 'n':
		return appendNameText(b, field)
	case '1', 'g':
		return strconv.AppendUint(b, uint64(field[0]), 10)
	case '2':
		return strconv.AppendUint(b, uint64(binary.BigEndian.Uint16(field)), 10)
	case '4', 't':
		return strconv.AppendUint(b, uint64(binary.BigEndian.Uint32(field)), 10)
	case 'a':
		return netip.AddrFrom4([4]byte(field)).AppendTo(b)
	case 'A':
		return netip.AddrFrom16([16]byte(field)).AppendTo(b)
	case 's':
		return appendQuoted(b, field[1:])
	case 'k':
		return append(b, field[1:]...)
	case 'S':
		for i := 0; i < len(field); i += 1 + int(field[i]) {
			if i > 0 {
				b = append(b, ' ')
			}
			b = appendQuoted(b, field[i+1:i+1+int(field[i])])
		}
		return b
	case 'q':
		return appendQuoted(b, field)
	case 'b':
		return base64.StdEncoding.AppendEncode(b, field)
	}
	return appendHex(b, field)
}

func appendQuoted(b, text []byte) []byte {
	b = append(b, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
			continue
		}
		b = appendOctet(b, c)
	}
	return append(b, '"')
}

// appendHex appends upper-case hexadecimal, as the RFCs' examples write digests.
func appendHex(b, octets []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range octets {
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}
