package zone

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// The types without a layout: what the library knows (SVCB, LOC, APL, CERT, ...) goes through it, what nobody knows is
// octets in the \# form.

// parseGeneric parses what follows \#: a length and that many octets in hexadecimal (RFC 3597 section 5). A known type
// must still be well-formed.
func parseGeneric(t Type, fields []string) ([]byte, error) {
	if len(fields) == 0 {
		return nil, errors.New(`\# without a length`)
	}
	want, err := strconv.ParseUint(fields[0], 10, 16)
	if err != nil {
		return nil, fmt.Errorf(`%s after \# is not a length from 0 to 65535`, excerpt(fields[0]))
	}
	data, err := hex.DecodeString(strings.Join(fields[1:], ""))
	if err != nil {
		return nil, fmt.Errorf(`\# with data that is not hexadecimal`)
	}
	if len(data) != int(want) {
		return nil, fmt.Errorf(`\# announces %d octets and has %d`, want, len(data))
	}
	return data, validData(t, data)
}

func appendGeneric(b, data []byte) []byte {
	b = append(b, `\# `...)
	b = strconv.AppendInt(b, int64(len(data)), 10)
	if len(data) > 0 {
		b = append(b, ' ')
	}
	return appendHex(b, data)
}

// headerLen is what stands before the rdata of a record of the root: owner, type, class, TTL, RDLENGTH.
const headerLen = 1 + 2 + 2 + 4 + 2

// parseForeign has the library parse the data of one record.
func parseForeign(t Type, origin Name, fields []string) ([]byte, error) {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return nil, fmt.Errorf(`the type's own format is unknown here (hint: write \# LENGTH HEX, RFC 3597)`)
	}
	for _, field := range fields {
		if err := oneToken(field); err != nil {
			return nil, err
		}
	}
	base := "."
	if origin != "" {
		base = origin.String()
	}
	line := ". 0 IN " + t.String() + " " + joinFields(fields) + "\n"
	parser := dns.NewZoneParser(strings.NewReader(line), base, "")
	rr, ok := parser.Next()
	if !ok {
		return nil, libraryError(parser.Err())
	}
	message, err := packForeign(rr)
	if err != nil {
		return nil, err
	}
	data := message[headerLen:]
	return data, validForeign(t, data)
}

// packForeign is the record in wire form. The library's idea of its length is an estimate, so what
// failed is tried again with all the room there can be.
func packForeign(rr dns.RR) ([]byte, error) {
	message := make([]byte, dns.Len(rr)+2*maxName)
	n, err := dns.PackRR(rr, message, 0, nil, false)
	if err != nil {
		message = make([]byte, headerLen+maxData)
		n, err = dns.PackRR(rr, message, 0, nil, false)
	}
	if err != nil {
		return nil, libraryError(err)
	}
	return message[:n:n], nil
}

// oneToken refuses what the library would not read as one token of the same record.
func oneToken(field string) error {
	quoted := false
	for i := 0; i < len(field); i++ {
		switch c := field[i]; {
		case c == '\n' || c == '\r' || c == 0:
			return fmt.Errorf("%s has a line end or a zero octet in it", excerpt(field))
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte("();", c) >= 0:
			return fmt.Errorf("%s has an unquoted %q in it", excerpt(field), c)
		}
	}
	if quoted {
		return fmt.Errorf("%s lacks its closing quote", excerpt(field))
	}
	return nil
}

// joinFields puts a quoted value back behind its key: SVCB writes key="value" (RFC 9460 section 2.1), which the
// scanner has split at the quote.
func joinFields(fields []string) string {
	var b strings.Builder
	for i, field := range fields {
		glued := i > 0 && strings.HasSuffix(fields[i-1], "=") && strings.HasPrefix(field, `"`)
		if i > 0 && !glued {
			b.WriteByte(' ')
		}
		b.WriteString(field)
	}
	return b.String()
}

// libraryError keeps the library's reason and drops its line numbers, which count in the line that was made for it.
func libraryError(err error) error {
	if err == nil {
		return errors.New("the data ends too early")
	}
	reason := strings.TrimPrefix(err.Error(), "dns: ")
	if at := strings.LastIndex(reason, " at line: "); at >= 0 {
		reason = reason[:at]
	}
	return errors.New(reason)
}

// validForeign accepts what the library reads and writes back to the same octets, so that nothing hides in it, and
// anything for an unknown type.
func validForeign(t Type, data []byte) error {
	_, err := readForeign(t, data)
	return err
}

func readForeign(t Type, data []byte) (dns.RR, error) {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return nil, nil
	}
	message := make([]byte, headerLen, headerLen+len(data))
	binary.BigEndian.PutUint16(message[1:], uint16(t))
	binary.BigEndian.PutUint16(message[3:], dns.ClassINET)
	binary.BigEndian.PutUint16(message[9:], uint16(len(data)))
	message = append(message, data...)
	rr, end, err := dns.UnpackRR(message, 0)
	if err != nil {
		return nil, libraryError(err)
	}
	again, err := packForeign(rr)
	if err != nil {
		return nil, err
	}
	if end != len(message) || !bytes.Equal(again, message) {
		return nil, errors.New("the data is not in the form that its type prescribes")
	}
	return rr, nil
}

// appendForeign prints with the library where its text reads back to the same octets, else in the \# form.
func appendForeign(b []byte, t Type, data []byte) []byte {
	rr, err := readForeign(t, data)
	if err != nil || rr == nil {
		return appendGeneric(b, data)
	}
	text := strings.TrimPrefix(rr.String(), rr.Header().String())
	fields, err := Fields(text)
	if err != nil {
		return appendGeneric(b, data)
	}
	back, err := parseForeign(t, Root, fields)
	if err != nil || !bytes.Equal(back, data) {
		return appendGeneric(b, data)
	}
	return append(b, text...)
}
