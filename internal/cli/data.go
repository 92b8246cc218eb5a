package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// groups turns the DATA arguments of a record command into one text for each record, in presentation form.
//
// A lone comma separates records. Types whose data is one field need none: each argument is a record. Arguments of the
// others are the fields of one record, so that "MX 10 mail" is written as in a zone file.
func groups(typeName string, args []string) ([]string, error) {
	var out []string
	var fields []string
	end := func() error {
		if len(fields) == 0 {
			return usage("a comma separates records: there must be data before and after it")
		}
		out = append(out, presentation(typeName, fields))
		fields = nil
		return nil
	}
	for _, arg := range args {
		if arg == "," {
			if err := end(); err != nil {
				return nil, err
			}
			continue
		}
		if len(fields) == 1 && oneField(typeName) {
			if err := end(); err != nil {
				return nil, err
			}
		}
		fields = append(fields, arg)
	}
	if len(args) == 0 {
		return nil, nil
	}
	return out, end()
}

// oneField says whether the data of the type is one word.
func oneField(typeName string) bool {
	switch strings.ToUpper(typeName) {
	case "A", "AAAA", "NS", "CNAME", "DNAME", "PTR", "MB", "MD", "MF", "MG", "MR":
		return true
	}
	return false
}

// presentation joins the fields of one record. The shell took the quotes away that the text of a TXT record needs, so
// they are put back, unless the argument has its own.
func presentation(typeName string, fields []string) string {
	switch strings.ToUpper(typeName) {
	case "TXT", "SPF":
		quoted := make([]string, len(fields))
		for i, f := range fields {
			quoted[i] = quote(f)
		}
		return strings.Join(quoted, " ")
	case "CAA", "URI", "HINFO", "NAPTR":
		// The fields may hold text with spaces or nothing at all; what is plain stays as it is.
		quoted := make([]string, len(fields))
		for i, f := range fields {
			quoted[i] = f
			if f == "" || strings.ContainsAny(f, " ;()\t") {
				quoted[i] = quote(f)
			}
		}
		return strings.Join(quoted, " ")
	}
	return strings.Join(fields, " ")
}

// maxString is the longest string of a TXT record (RFC 1035 section 3.3.14); longer text is several strings, as the
// readers of DKIM and SPF join them.
const maxString = 255

func quote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s
	}
	var parts []string
	for len(s) > maxString {
		parts = append(parts, quoteString(s[:maxString]))
		s = s[maxString:]
	}
	return strings.Join(append(parts, quoteString(s)), " ")
}

// quoteString writes one string of RFC 1035 section 5.1: quotes and backslashes escaped, octets that are no printable
// ASCII as \DDD.
func quoteString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// parseTTL takes seconds, or a number with s, m, h, d or w; "-" keeps the TTL that the RRset has.
func parseTTL(s string) (*uint32, error) {
	if s == "-" {
		return nil, nil
	}
	unit := uint64(1)
	number := s
	if s != "" {
		if u, ok := map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[s[len(s)-1]|0x20]; ok {
			unit, number = u, s[:len(s)-1]
		}
	}
	n, err := strconv.ParseUint(number, 10, 32)
	// RFC 2181 section 8: a TTL is at most 2^31-1.
	if err != nil || n*unit > 1<<31-1 {
		return nil, &usageError{withHint(fmt.Errorf("%q is not a TTL", s), "give seconds, or 5m, 1h, 1d; - keeps the TTL")}
	}
	ttl := uint32(n * unit)
	return &ttl, nil
}

// isTTL says whether an argument where a TTL may be left out is one. No type is a number, and none is a dash.
func isTTL(s string) bool {
	_, err := parseTTL(s)
	return err == nil
}
