package zone

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Name is an absolute domain name in uncompressed wire form (RFC 1035 section 3.1: length octet and label, ended by
// the zero octet of the root), with ASCII letters lower-cased. So it is comparable, a map key, and takes any legal
// octet. The empty string is no name; the root is "\x00".
type Name string

// Root is the name of the root zone.
const Root Name = "\x00"

// The limits of RFC 1035 section 3.1, with all length octets.
const (
	maxLabel = 63
	maxName  = 255
)

var (
	errLabelTooLong = errors.New("label is longer than 63 octets")
	errNameTooLong  = errors.New("name is longer than 255 octets")
	errNameCut      = errors.New("name ends too early")
)

// ParseName parses an absolute name, with or without its final dot: RFC 1035 section 5.1 escapes are understood,
// Unicode labels become A-labels, ASCII letters are lower-cased.
func ParseName(s string) (Name, error) {
	if s == "@" {
		return "", errors.New(`name "@" stands for an origin, and there is none`)
	}
	return ParseNameAt(s, Root)
}

// ParseNameAt parses a name as a zone file writes it: "@" is the origin, a name without a final dot is below the
// origin.
func ParseNameAt(s string, origin Name) (Name, error) {
	wire, err := appendName(make([]byte, 0, len(s)+len(origin)+1), s, origin)
	if err != nil {
		return "", fmt.Errorf("name %s: %w", excerpt(s), err)
	}
	lower(wire)
	return Name(wire), nil
}

// NameFromWire takes a name from the head of b and says how many octets it has there. Compression pointers are
// refused: stored rdata has none.
func NameFromWire(b []byte) (Name, int, error) {
	n, err := nameLen(b)
	if err != nil {
		return "", 0, err
	}
	wire := bytes.Clone(b[:n])
	lower(wire)
	return Name(wire), n, nil
}

// nameLen is the number of octets of the uncompressed name at the head of b.
func nameLen(b []byte) (int, error) {
	for n := 0; n < len(b); {
		label := int(b[n])
		if label > maxLabel {
			return 0, fmt.Errorf("name has the label type %#02x, which is not a plain label", label&0xc0)
		}
		n += 1 + label
		if n > maxName {
			return 0, errNameTooLong
		}
		if label == 0 {
			return n, nil
		}
	}
	return 0, errNameCut
}

// lower lower-cases the ASCII letters of a wire-form name. Length octets are at most 63 and so never letters.
func lower(wire []byte) {
	for i, c := range wire {
		if 'A' <= c && c <= 'Z' {
			wire[i] = c + 'a' - 'A'
		}
	}
}

// IsSubdomainOf reports whether n is z or below z.
func (n Name) IsSubdomainOf(z Name) bool {
	if z == "" {
		return false
	}
	for len(n) >= len(z) {
		if n == z {
			return true
		}
		if n == Root {
			return false
		}
		n = n.Parent()
	}
	return false
}

// Parent is the name without its first label. The root's parent is the root.
func (n Name) Parent() Name {
	if n == "" || n == Root {
		return n
	}
	return n[1+int(n[0]):]
}

// Labels counts the labels, without the root's.
func (n Name) Labels() int {
	count := 0
	for ; n != "" && n != Root; n = n.Parent() {
		count++
	}
	return count
}

// IsWildcard reports whether the first label is "*" (RFC 4592 section 2.1.1).
func (n Name) IsWildcard() bool {
	return strings.HasPrefix(string(n), "\x01*")
}

// Compare orders names canonically (RFC 4034 section 6.1): label by label from the right, as unsigned octets.
func (n Name) Compare(m Name) int {
	if n == m {
		return 0
	}
	var nAt, mAt [maxName/2 + 1]uint8
	i, j := n.offsets(&nAt), m.offsets(&mAt)
	for i > 0 && j > 0 {
		i, j = i-1, j-1
		if c := strings.Compare(n.labelAt(nAt[i]), m.labelAt(mAt[j])); c != 0 {
			return c
		}
	}
	return i - j
}

// offsets notes where each label begins and returns their number.
func (n Name) offsets(at *[maxName/2 + 1]uint8) int {
	count := 0
	for off := 0; off < len(n) && n[off] != 0; off += 1 + int(n[off]) {
		at[count] = uint8(off)
		count++
	}
	return count
}

func (n Name) labelAt(off uint8) string {
	start := int(off) + 1
	return string(n[start : start+int(n[off])])
}
