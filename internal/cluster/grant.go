package cluster

// GrantKind says what a member's token lets it do to zones here.
type GrantKind string

// The kinds of grants.
const (
	// Leaf is the default for a web server: names that nobody else owns, and zones whose home it is.
	Leaf GrantKind = "leaf"
	// Relay passes on changes of any zone. Root gives it, to servers under one administration.
	Relay GrantKind = "relay"
)

// Grant is what a member's token carries.
type Grant struct {
	Kind GrantKind
	// User is the account that made the token: root, or a reseller whose accounts alone it then reaches.
	User string
	// Holder is the server that uses the token, in the form of a zone's home. Empty until its key is known.
	Holder string
	// MayClaim says that zones whose home is this node and that no account owns pass to the holder when it first
	// synchronizes, and Claims how many of them still may: this node's root has confirmed that number.
	MayClaim bool
	Claims   int
	// Trust says that the token serves a reverse trust: with it the holder reads, as the standalone link that the trust
	// set up needs it, and undoes the trust. It never writes.
	Trust bool
}
