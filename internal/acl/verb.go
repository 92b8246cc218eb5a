package acl

// Verb is something that can be asked of a node.
type Verb string

// Verbs of people and programs.
const (
	ReadZone      Verb = "read zone"
	WriteZone     Verb = "write zone"
	CreateZone    Verb = "create zone"
	DeleteZone    Verb = "delete zone"
	ReadHistory   Verb = "read history"
	ReadEvents    Verb = "read events"
	ReadMembers   Verb = "read members"
	ManageMembers Verb = "manage members"
	ReadStatus    Verb = "read status"
	ManageCluster Verb = "manage cluster"
	ManageTokens  Verb = "manage tokens"
	ManageNode    Verb = "manage node" // settings, backup
)

// Verbs of members.
const (
	Push   Verb = "push changes"   // send changes of zones here
	Follow Verb = "follow changes" // read the feed
	Ask    Verb = "ask"            // exists, list, fetch, compare: answers are filtered by the grant
	Trust  Verb = "trust"          // reverse trust: be added here as standalone
	Forget Verb = "forget"         // undo trust, leave
)

// forMembers holds the peer verbs and whether a token that only serves a reverse trust has them too. Such a token
// reads, so that a standalone link works with it, and undoes itself; it never writes.
func forMembers(v Verb) (member, trustToken bool) {
	switch v {
	case Push, Trust:
		return true, false
	case Follow, Ask, Forget:
		return true, true
	}
	return false, false
}
