package zone

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// appendName appends the wire form of the name that is written as s, completed with origin where it is relative. The
// letters' case is kept, as rdata wants it; owner names are lower-cased by the caller.
func appendName(dst []byte, s string, origin Name) ([]byte, error) {
	switch {
	case s == "":
		return nil, errors.New("name is empty")
	case s == ".":
		return append(dst, 0), nil
	case s == "@":
		return appendOrigin(dst, len(dst), origin)
	case !isASCII(s):
		var err error
		if s, err = nameToASCII(s); err != nil {
			return nil, err
		}
	}
	start, label := len(dst), len(dst)
	dst = append(dst, 0)
	for i := 0; i < len(s); {
		if s[i] == '.' {
			var err error
			if dst, err = closeLabel(dst, label); err != nil {
				return nil, err
			}
			if i++; i == len(s) {
				return endName(append(dst, 0), start)
			}
			label = len(dst)
			dst = append(dst, 0)
			continue
		}
		octet, n, err := unescape(s[i:])
		if err != nil {
			return nil, err
		}
		dst = append(dst, octet)
		i += n
	}
	dst, err := closeLabel(dst, label)
	if err != nil {
		return nil, err
	}
	return appendOrigin(dst, start, origin)
}

// closeLabel writes the length octet of the label that began at at.
func closeLabel(dst []byte, at int) ([]byte, error) {
	n := len(dst) - at - 1
	if n == 0 {
		return nil, errors.New("name has an empty label")
	}
	if n > maxLabel {
		return nil, errLabelTooLong
	}
	dst[at] = byte(n)
	return dst, nil
}

func appendOrigin(dst []byte, start int, origin Name) ([]byte, error) {
	if origin == "" {
		return nil, errors.New("name is relative, and no origin is known (hint: write it with a final dot, or $ORIGIN before it)")
	}
	return endName(append(dst, origin...), start)
}

func endName(dst []byte, start int) ([]byte, error) {
	if len(dst)-start > maxName {
		return nil, errNameTooLong
	}
	return dst, nil
}

// unescape reads one octet at the head of s, which is written plainly, as \DDD or as \X (RFC 1035 section 5.1), and
// says how much of s it took.
func unescape(s string) (octet byte, n int, err error) {
	if s[0] != '\\' {
		return s[0], 1, nil
	}
	if len(s) < 2 {
		return 0, 0, errors.New("backslash at the end")
	}
	if !isDigit(s[1]) {
		return s[1], 2, nil
	}
	if len(s) < 4 || !isDigit(s[2]) || !isDigit(s[3]) {
		return 0, 0, errors.New(`backslash and digit without two more digits (hint: \DDD is decimal)`)
	}
	v := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if v > 255 {
		return 0, 0, fmt.Errorf("escape %s is above 255", s[:4])
	}
	return byte(v), 4, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// String is the name in presentation form, escaped, with its final dot.
func (n Name) String() string {
	return string(appendNameText(make([]byte, 0, len(n)), n))
}

// Text is the name as people see it: escaped, without the final dot, "." for the root.
func (n Name) Text() string {
	s := n.String()
	if len(s) > 1 {
		s = s[:len(s)-1]
	}
	return s
}

// Relative is the name as a zone file below $ORIGIN writes it: "@", the part below origin, or the absolute name with
// its final dot when it is outside.
func (n Name) Relative(origin Name) string {
	return string(appendRelative(nil, n, origin))
}

func appendRelative(b []byte, n, origin Name) []byte {
	if n == origin {
		return append(b, '@')
	}
	if !n.IsSubdomainOf(origin) {
		return appendNameText(b, n)
	}
	b = appendLabels(b, n[:len(n)-len(origin)])
	return b[:len(b)-1]
}

// appendNameText appends the presentation form of an uncompressed wire-form name, with the final dot.
func appendNameText[T ~string | ~[]byte](b []byte, wire T) []byte {
	if len(wire) <= 1 {
		return append(b, '.')
	}
	return appendLabels(b, wire[:len(wire)-1])
}

// appendLabels appends each label and a dot. Besides what RFC 1035 section 5.1 wants escaped, "@" and "$" are, so that
// no name reads as the origin or as a directive.
func appendLabels[T ~string | ~[]byte](b []byte, labels T) []byte {
	for i := 0; i < len(labels); {
		end := i + 1 + int(labels[i])
		for i++; i < end; i++ {
			switch c := labels[i]; c {
			case '.', '\\', '"', '(', ')', ';', '@', '$':
				b = append(b, '\\', c)
			case ' ':
				b = append(b, `\032`...)
			default:
				b = appendOctet(b, c)
			}
		}
		b = append(b, '.')
	}
	return b
}

// appendOctet appends a printable ASCII octet as it is and any other as \DDD.
func appendOctet(b []byte, c byte) []byte {
	if ' ' <= c && c <= '~' {
		return append(b, c)
	}
	return append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}

// idnaProfile is UTS 46 non-transitional processing as browsers do it, without its check for letters, digits and
// hyphens, which would refuse "_" next to Unicode; labelToASCII checks the outcome instead.
func idnaProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))
}

// nameToASCII turns each Unicode label of s into its A-label. ASCII labels pass untouched, so "_" and "*" do.
func nameToASCII(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New(`name is neither ASCII nor UTF-8 (hint: write other octets as \DDD)`)
	}
	if strings.Contains(s, `\`) {
		return "", errors.New("name mixes Unicode and escapes (hint: write it as A-labels, xn--...)")
	}
	profile := idnaProfile()
	labels := strings.Split(s, ".")
	for i, label := range labels {
		if isASCII(label) {
			continue
		}
		ascii, err := labelToASCII(profile, label)
		if err != nil {
			return "", err
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), nil
}

func labelToASCII(profile *idna.Profile, label string) (string, error) {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	ascii, err := profile.ToASCII(label)
	if err != nil || strings.Trim(ascii, allowed) != "" || ascii == "" {
		return "", fmt.Errorf("label %q is no valid internationalised label", label)
	}
	return ascii, nil
}

// Unicode is Text with A-labels shown as U-labels, each only where it can be turned back into the same A-label.
func (n Name) Unicode() string {
	text := n.Text()
	if !strings.Contains(text, "xn--") || strings.Contains(text, `\`) {
		return text
	}
	profile := idnaProfile()
	labels := strings.Split(text, ".")
	for i, label := range labels {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		shown, err := profile.ToUnicode(label)
		if err != nil || isASCII(shown) {
			continue
		}
		if back, err := labelToASCII(profile, shown); err == nil && back == label {
			labels[i] = shown
		}
	}
	return strings.Join(labels, ".")
}

// excerpt quotes foreign text for a message, cut where it is long.
func excerpt(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
