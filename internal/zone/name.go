package zone

// Name is an absolute domain name in uncompressed wire form (RFC 1035 section 3.1: length octet and label, ended by
// the zero octet of the root), with ASCII letters lower-cased. So it is comparable, a map key, and takes any legal
// octet. The empty string is no name; the root is "\x00".
type Name string

// Root is the name of the root zone.
const Root Name = "\x00"
