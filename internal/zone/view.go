package zone

// View is the servable form of a zone: one life, one value per key, a SOA with the served serial. It is immutable.
type View struct {
	Zone    Name
	Life    Dot
	Owner   string // account
	Home    string // MetaHome
	Created Millis
	Serial  uint32
	Vector  Vector
	Base    uint64
	// RRsets is in canonical order of owner (RFC 4034 section 6.1), then type. The SOA carries Serial.
	RRsets []RRset
	// Meta holds the metadata of the life apart from MetaCreated, MetaOwner, MetaHome, MetaEnd.
	Meta map[string]string
}

// ConflictKind says why versions cannot be served together.
type ConflictKind string

// Conflict kinds.
const (
	ConflictValue   ConflictKind = "value"   // versions of one key
	ConflictCNAME   ConflictKind = "cname"   // a CNAME and other data at one owner
	ConflictLife    ConflictKind = "life"    // another life of the zone with another owner, or another content
	ConflictDeleted ConflictKind = "deleted" // deleted here, edited there
	ConflictClone   ConflictKind = "clone"   // one dot with two contents
)

// Conflict is a version that no view serves although no write that saw it replaced it.
type Conflict struct {
	Kind   ConflictKind
	Zone   Name
	Key    Key
	Hidden Version  // what is not served
	Served *Version // what is served instead, nil if nothing is
	// ServedKey is the key of Served: another type where the CNAME rule hides Key, another life where that hides it.
	ServedKey Key
}
