package acl

import "github.com/zonefleet/zonefleet/internal/cluster"

// Kind says on whose behalf a principal acts.
type Kind string

// Kinds of principals. The zero Kind is nobody and may nothing.
const (
	KindAPI    Kind = "api"    // a person or program with an account of this node
	KindMember Kind = "member" // another server of the cluster, limited by its grant
	KindNode   Kind = "node"   // this node itself: schedules, and what follows from another act
)

// Root is the account that owns what nobody else owns.
const Root = "root"

// Principal is whoever asks for something, after authentication.
type Principal struct {
	User string // account
	// Root says that everything is allowed: root itself, and users with the privilege all. A token of theirs that is
	// narrower is not.
	Root       bool
	Privileges Privileges // as they are now; a token's are those that its owner still has
	Scope      Scope      // records to which a token is narrowed; zero: to none
	TokenID    string
	TokenName  string
	Kind       Kind
	Grant      cluster.Grant // what a member may change; zero for others
	From       string        // address it came from, for history and messages
}

// Node is the principal of this node's own acts.
func Node() Principal {
	return Principal{User: Root, Root: true, Privileges: Privileges{All}, Kind: KindNode, TokenName: "node"}
}

// Local is root without a token, for what is started on the machine itself and for tests.
func Local() Principal {
	return Principal{User: Root, Root: true, Privileges: Privileges{All}, Kind: KindAPI, TokenName: "local"}
}

// For is the principal of a user with these privileges.
func For(user string, has Privileges) Principal {
	if user == Root {
		has = Privileges{All}
	}
	return Principal{User: user, Root: has.Has(All), Privileges: has, Kind: KindAPI}
}

// Narrowed is p by a token that may no more than that: nil privileges are all that p has.
func (p Principal) Narrowed(to Privileges, s Scope) Principal {
	p.Scope = s
	if to != nil {
		p.Privileges = p.Privileges.And(to)
		p.Root = p.Privileges.Has(All)
	}
	return p
}

// Account is the owner that this principal's new zones get.
func (p Principal) Account() string {
	if p.User == "" {
		return Root
	}
	return p.User
}

// String names the principal for history, without any secret: "root", "root (deploy)", "member web1".
func (p Principal) String() string {
	switch {
	case p.Kind == KindMember && p.TokenName != "":
		return "member " + p.TokenName
	case p.TokenName != "" && p.Kind == KindAPI && p.TokenID != "":
		return p.Account() + " (" + p.TokenName + ")"
	}
	return p.Account()
}

// Via says by which means a principal acts, for history: the token's name and the address.
func (p Principal) Via() string {
	switch {
	case p.TokenName != "" && p.From != "":
		return p.TokenName + " from " + p.From
	case p.TokenName != "":
		return p.TokenName
	}
	return p.From
}
