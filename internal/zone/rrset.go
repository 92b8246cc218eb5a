package zone

// Type is an RR type (RFC 1035 section 3.2.2). Its text form is the mnemonic, or TYPEn (RFC 3597 section 5).
type Type uint16

// RRset is one RRset of a zone (RFC 2181 section 5).
type RRset struct {
	Owner Name
	Type  Type
	TTL   uint32
	// Data holds the rdata of each record in uncompressed wire form, in canonical order (RFC 4034 section 6.3) and
	// without duplicates. The letters' case inside is kept as it was written.
	Data [][]byte
}
