package zone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ParseData parses the rdata of one record as a zone file writes it after the type, one token per field: quoted,
// escaped, with names relative to origin, or in the \# form of RFC 3597 section 5 for any type. A single field may
// hold the whole text. The result is in uncompressed wire form.
func ParseData(t Type, origin Name, fields []string) ([]byte, error) {
	data, err := parseData(t, origin, fields)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t, err)
	}
	return data, nil
}

func parseData(t Type, origin Name, fields []string) ([]byte, error) {
	if t.IsMeta() {
		return nil, errors.New("the type stands only in messages, not in a zone")
	}
	fields, err := splitSingle(t, fields)
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 && fields[0] == `\#` {
		return parseGeneric(t, fields[1:])
	}
	kinds, ok := layout(t)
	if !ok {
		return parseForeign(t, origin, fields)
	}
	data := make([]byte, 0, 64)
	for i := range len(kinds) {
		if data, fields, err = appendField(data, kinds[i], fields, origin); err != nil {
			return nil, err
		}
	}
	if len(fields) > 0 {
		return nil, fmt.Errorf("unexpected %s after the data", excerpt(fields[0]))
	}
	if len(data) > maxData {
		return nil, errDataTooLong
	}
	return data, checkDigest(t, data)
}

var errDataTooLong = errors.New("data is longer than 65535 octets")

// splitSingle breaks up the text of a whole record that came as one field, as forms and command lines send it. Plain
// text for a TXT record stays one string, with its spaces and semicolons.
func splitSingle(t Type, fields []string) ([]string, error) {
	if len(fields) != 1 || !strings.ContainsAny(fields[0], " \t\"") {
		return fields, nil
	}
	if t.isText() && fields[0][0] != '"' {
		return fields, nil
	}
	return Fields(fields[0])
}

func (t Type) isText() bool { return t == TypeTXT || t == TypeSPF }

// ValidData reports what is wrong with rdata in wire form, as it comes from a network. Any octets will do for a type
// that is unknown here.
func ValidData(t Type, data []byte) error {
	if err := validData(t, data); err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	return nil
}

func validData(t Type, data []byte) error {
	if t.IsMeta() {
		return errors.New("the type stands only in messages, not in a zone")
	}
	if len(data) > maxData {
		return errDataTooLong
	}
	kinds, ok := layout(t)
	if !ok {
		return validForeign(t, data)
	}
	rest := data
	for i := range len(kinds) {
		n, err := fieldLen(kinds[i], rest)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d octets too many", len(rest))
	}
	return checkDigest(t, data)
}

// checkDigest holds DS digests to the length of their type (RFC 4034, 4509, 6605): nothing could validate with
// another, and other nameservers refuse the zone.
func checkDigest(t Type, data []byte) error {
	if t != TypeDS && t != TypeCDS && t != TypeDLV {
		return nil
	}
	want := 0
	switch data[3] {
	case 1:
		want = 20
	case 2, 3:
		want = 32
	case 4:
		want = 48
	}
	if have := len(data) - 4; want != 0 && have != want {
		return fmt.Errorf("digest of type %d has %d octets instead of %d", data[3], have, want)
	}
	return nil
}

// DataString is the presentation form of rdata; ParseData reads it back to the same octets. Data that the type cannot
// hold is shown in the \# form.
func DataString(t Type, data []byte) string {
	return string(appendData(make([]byte, 0, 2*len(data)+16), t, data))
}

func appendData(b []byte, t Type, data []byte) []byte {
	kinds, ok := layout(t)
	if !ok {
		return appendForeign(b, t, data)
	}
	if validData(t, data) != nil {
		return appendGeneric(b, data)
	}
	for i := range len(kinds) {
		if i > 0 {
			b = append(b, ' ')
		}
		n, _ := fieldLen(kinds[i], data)
		b = appendFieldText(b, kinds[i], data[:n])
		data = data[n:]
	}
	return b
}

// CanonicalData is rdata in the canonical form of RFC 4034 section 6.2: the names of the types listed there are
// lower-cased. The result is data itself where there is nothing to change.
func CanonicalData(t Type, data []byte) []byte {
	kinds, ok := layout(t)
	if !ok || !strings.Contains(kinds, "n") {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := range len(kinds) {
		n, err := fieldLen(kinds[i], data)
		if err != nil {
			break
		}
		out = append(out, data[:n]...)
		if kinds[i] == 'n' {
			lower(out[len(out)-n:])
		}
		data = data[n:]
	}
	return append(out, data...)
}

// soaTail is the length of a SOA's fixed end: serial, refresh, retry, expire, minimum (RFC 1035 section 3.3.13).
const soaTail = 20

// SOASerial is the serial of SOA rdata, 0 if it is too short for one.
func SOASerial(data []byte) uint32 {
	if len(data) < soaTail {
		return 0
	}
	return binary.BigEndian.Uint32(data[len(data)-soaTail:])
}

// WithSOASerial is a copy of SOA rdata with another serial. Rdata that is too short for one stays as it is.
func WithSOASerial(data []byte, s uint32) []byte {
	out := append([]byte(nil), data...)
	if len(out) >= soaTail {
		binary.BigEndian.PutUint32(out[len(out)-soaTail:], s)
	}
	return out
}

// soaMinimum is the last field: how long a negative answer is kept (RFC 2308 section 4).
func soaMinimum(data []byte) uint32 {
	if len(data) < soaTail {
		return 0
	}
	return binary.BigEndian.Uint32(data[len(data)-4:])
}
