package serve

// Names on the query path are byte slices in uncompressed wire form, as in zone.Name. A length octet is at most 63 and so
// never an upper-case letter: case can be folded octet by octet without parsing.

const (
	maxName   = 255 // octets, RFC 1035 section 2.3.4
	maxLabels = 127 // without the root: 127 labels of one octet and the root fill a name
)

// path is a lower-case name with its ancestors: suffix i is the name without its first i labels, suffix n is the root.
// Hashes are made on first use.
type path struct {
	name   []byte
	n      int
	at     [maxLabels + 1]uint8
	hash   [maxLabels + 1]uint64
	hashed int // how many of hash are valid
}

// set makes p the path of name, which must be lower-case, well formed, and stay unchanged.
func (p *path) set(name []byte) {
	p.name, p.n, p.hashed = name, 0, 0
	i := 0
	for name[i] != 0 {
		p.at[p.n] = uint8(i)
		p.n++
		i += int(name[i]) + 1
	}
	p.at[p.n] = uint8(i)
}

func (p *path) suffix(i int) []byte { return p.name[p.at[i]:] }

// lower appends name to dst in lower case.
func lower(dst, name []byte) []byte {
	for _, c := range name {
		dst = append(dst, fold(c))
	}
	return dst
}

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i, c := range a {
		if c != b[i] && fold(c) != fold(b[i]) {
			return false
		}
	}
	return true
}

// nameLen returns the length of the uncompressed name at the start of b, or 0 if there is none.
func nameLen(b []byte) int {
	for i := 0; i < len(b) && i < maxName; i += int(b[i]) + 1 {
		if b[i] == 0 {
			return i + 1
		}
		if b[i] > 63 {
			return 0
		}
	}
	return 0
}
