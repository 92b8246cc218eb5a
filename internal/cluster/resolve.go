package cluster

// Link is what decides how a member is worked with.
type Link struct {
	Role  Role
	Zones Zones
	// PureNameserver says that the member makes no zones of its own and so never has to reach this node.
	PureNameserver bool
}

// SendMode says in which form this node's changes go to a member.
type SendMode string

// The ways of sending.
const (
	SendNone    SendMode = ""        // not at all
	SendJoin    SendMode = "join"    // as state that the member joins
	SendReplace SendMode = "replace" // joined there, then the sender's own writes win over what the member serves
)

// Policy is what a link does, decided once, so that nobody else looks at a role. The zero Policy does nothing.
type Policy struct {
	// Send is how our changes travel.
	Send SendMode
	// Follow says that the member's feed is followed and its newer states of zones that both have are joined here.
	Follow bool
	// TakeOthers says that zones which only the member has are taken when they are made, also after the first
	// synchronization.
	TakeOthers bool
	// ListTheirs says that zones which only the member has may be read and listed here.
	ListTheirs bool
	// AskExists says that the member is asked before a zone is created here. No answer allows it, with a warning.
	AskExists bool
	// FirstSync is what "synchronize zones immediately" does.
	FirstSync FirstSync
	// NeedsReverseTrust says that the member must be able to reach this node.
	NeedsReverseTrust bool
}

// FirstSync says what moves when zones are synchronized at once.
type FirstSync struct {
	Push       bool // all our zones go
	Overwrite  bool // what goes replaces every key that differs there, once, and not only our own writes
	Pull       bool // newer states of zones that both have come
	PullOthers bool // the zones that only the member has come too
}

// Resolve decides what a link does. It is the only code that looks at a role. A role that is not known does nothing.
func Resolve(l Link) Policy {
	switch l.Role {
	case Standalone:
		return Policy{
			Follow:    true,
			FirstSync: FirstSync{Pull: true},
		}
	case Synchronize:
		return Policy{
			Send:              SendJoin,
			Follow:            true,
			TakeOthers:        l.Zones == All,
			ListTheirs:        true,
			AskExists:         true,
			FirstSync:         FirstSync{Push: true, Pull: true, PullOthers: true},
			NeedsReverseTrust: !l.PureNameserver,
		}
	case WriteOnly:
		return Policy{
			Send:      SendReplace,
			FirstSync: FirstSync{Push: true, Overwrite: true},
		}
	}
	return Policy{}
}
