package acl

// Verb is something that can be asked of a node.
type Verb string

// Verbs of people and programs.
const (
	ReadZone      Verb = "read zone"
	WriteZone     Verb = "write zone" // some record in it; AllowRecord says which
	CreateZone    Verb = "create zone"
	DeleteZone    Verb = "delete zone"
	ReadHistory   Verb = "read history"
	ReadEvents    Verb = "read events"
	ReadMembers   Verb = "read members"
	ManageMembers Verb = "manage members" // the object's owner is who acts
	ReadStatus    Verb = "read status"
	ReadServer    Verb = "read server" // its name and version
	ManageCluster Verb = "manage cluster"
	ManageTokens  Verb = "manage tokens" // the object's owner is whom the token acts for
	ReadNode      Verb = "read settings"
	ManageNode    Verb = "manage node" // settings, backup
)

// Verbs on users; the object's owner is the user, its reseller is who owns the account.
const (
	ReadUser       Verb = "read user"
	CreateUser     Verb = "create user"
	EditUser       Verb = "edit user"
	SuspendUser    Verb = "suspend user"
	DeleteUser     Verb = "delete user"
	SetPassword    Verb = "set password of" // another's, without knowing the old one
	OpenSession    Verb = "make sign-in link for"
	OwnSignIn      Verb = "change sign-in of" // own password, code, sessions
	SetNameservers Verb = "set nameservers of"
)

// Verbs of members.
const (
	Push   Verb = "push changes"   // send changes of zones here
	Follow Verb = "follow changes" // read the feed
	Ask    Verb = "ask"            // exists, list, fetch, compare: answers are filtered by the grant
	Trust  Verb = "trust"          // reverse trust: be added here as standalone
	Forget Verb = "forget"         // undo trust, leave
)

// rule is what a verb asks of somebody who is not root.
type rule struct {
	needs   []Privilege // one of them; none: whose the object is decides alone
	list    bool        // may be asked of nothing in particular: the answer holds own things only
	exactly bool        // own, not that of an own account
	self    bool        // the user's own, and not by a token
}

// ruleOf is the table of what people who are not root may; a verb that is not in it is root's.
func ruleOf(v Verb) (r rule, known bool) {
	switch v {
	case ReadZone, ReadHistory:
		r = rule{list: true}
	case ReadEvents:
		r = rule{list: true}
	case WriteZone:
		r = rule{needs: []Privilege{EditDNS, ManageDNSRecords, EditMX}}
	case CreateZone:
		r = rule{needs: []Privilege{CreateDNS}}
	case DeleteZone:
		r = rule{needs: []Privilege{KillDNS}}
	case ReadMembers:
		r = rule{needs: []Privilege{Clustering}, list: true}
	case ManageMembers:
		r = rule{needs: []Privilege{Clustering}, exactly: true}
	case ReadStatus:
		r = rule{needs: []Privilege{Clustering, Status}, list: true}
	case ReadServer:
		r = rule{needs: []Privilege{BasicSystemInfo, Clustering, Status}, list: true}
	case ManageTokens:
		r = rule{needs: []Privilege{ManageAPITokens}, exactly: true}
	case ReadUser:
		r = rule{list: true}
	case CreateUser:
		r = rule{needs: []Privilege{CreateAccount}}
	case EditUser:
		r = rule{needs: []Privilege{EditAccount}}
	case SuspendUser:
		r = rule{needs: []Privilege{SuspendAccount}}
	case DeleteUser:
		r = rule{needs: []Privilege{KillAccount}}
	case SetPassword:
		r = rule{needs: []Privilege{ChangePasswords}}
	case OpenSession:
		r = rule{needs: []Privilege{CreateSession, ChangePasswords}}
	case OwnSignIn:
		r = rule{exactly: true, self: true}
	case SetNameservers:
		r = rule{needs: []Privilege{NSConfig}}
	default:
		return r, false
	}
	return r, true
}

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
