package cluster

import "fmt"

// DriftPolicy says what happens by itself with zones of an account that differ at the two ends of a link, beyond what is
// always done: bringing again what one side acknowledged and has lost.
type DriftPolicy string

// The policies. Nothing is ever deleted by one.
const (
	DriftReport DriftPolicy = "report" // a person decides
	DriftHeal   DriftPolicy = "heal"   // repaired by role after each comparison
	DriftAdopt  DriftPolicy = "adopt"  // what the other side has is taken over here
)

// ParseDriftPolicy reads a policy's name; nothing given means report.
func ParseDriftPolicy(s string) (DriftPolicy, error) {
	switch p := DriftPolicy(s); p {
	case "":
		return DriftReport, nil
	case DriftReport, DriftHeal, DriftAdopt:
		return p, nil
	}
	return "", fmt.Errorf("policy %q is not known (report, heal, adopt)", s)
}

// Passage says how far the newest change of a zone is on its way over a link.
type Passage string

// The ways that a change can be on.
const (
	Passed     Passage = "passed"  // delivered and acknowledged
	Waits      Passage = "waits"   // on its way
	BeforeLink Passage = "before"  // made before the link, which was not synchronized
	NotTaken   Passage = "refused" // the other side refuses it
)

// Ends is what the two ends of a link have of one zone.
type Ends struct {
	Here, There           bool // have any state of it, also of a deleted one
	LacksHere, LacksThere bool // a change that the other has
	SameContent           bool // both serve the same
	SameState             bool
	Ours, Theirs          Passage // of the newest change here, and there
}

// DriftKind says how a zone differs.
type DriftKind string

// The kinds.
const (
	NoDrift      DriftKind = ""
	MissingThere DriftKind = "missing there" // it was acknowledged there
	MissingHere  DriftKind = "missing here"  // the link takes all zones, and this one did not come
	BehindThere  DriftKind = "behind there"  // the other side lacks changes made or known here
	BehindHere   DriftKind = "behind here"   // this side lacks changes known there
	Apart        DriftKind = "apart"         // each lacks some
	OtherContent DriftKind = "other content" // changes that are not read made another content
	Damaged      DriftKind = "damaged"       // the same changes, and yet something else

	ServedOther DriftKind = "served otherwise" // the member's nameserver answers with something else than it should

	// Those that are no drift: by its role the link leaves such zones alone.
	OnlyHere  DriftKind = "only here"
	OnlyThere DriftKind = "only there"
	OnItsWay  DriftKind = "on its way"
	Refused   DriftKind = "refused"
)

// Drift is how a zone differs, and what mends it.
type Drift struct {
	Kind DriftKind
	// Lost says that one side had acknowledged what it lacks: that is brought again without asking. A join loses nothing.
	Lost bool
	// What a repair does by the link's role: Send offers our state again as a whole, Overwrite so that it replaces what
	// differs there, Take joins theirs here.
	Send, Overwrite, Take bool
	// Why says why a repair does nothing.
	Why string
}

// Counts says that a person should know of it.
func (k DriftKind) Counts() bool {
	switch k {
	case NoDrift, OnlyHere, OnlyThere, OnItsWay, Refused:
		return false
	}
	return true
}

// Compares says what is compared over a link, so that nobody else looks at a role.
type Compares struct {
	Content bool // what both serve, since neither end has all changes of the other; otherwise states
	// OnlyHere and OnlyThere say that zones which only one side has are looked for: one may have lost them, or their
	// deletion, or both have it with another home.
	OnlyHere, OnlyThere bool
	ListHere, ListThere bool // those that only one side has are counted and named
}

// Compares says what is compared over the link.
func (p Policy) Compares() Compares {
	sends := p.Send != SendNone
	return Compares{
		Content: p.Send == SendReplace, OnlyHere: sends || p.Follow, OnlyThere: sends || p.TakeOthers,
		ListHere: sends, ListThere: p.ListTheirs || p.TakeOthers,
	}
}

// Drift judges one zone.
func (p Policy) Drift(e Ends) Drift {
	switch {
	case e.Here && e.There && e.SameState, !e.Here && !e.There:
		return Drift{}
	case !e.There:
		return p.missingThere(e)
	case !e.Here:
		return p.missingHere(e)
	case !e.LacksHere && !e.LacksThere:
		return p.damaged(e)
	case p.Send == SendReplace:
		return p.overwritten(e)
	}
	lacksThere, lacksHere := e.LacksThere && p.Send != SendNone, e.LacksHere && p.Follow
	d := Drift{
		Send: lacksThere && p.Send != SendNone && e.Ours == Passed,
		Take: lacksHere && p.Follow && e.Theirs == Passed,
	}
	switch {
	case lacksThere && e.Ours == Waits, lacksHere && e.Theirs == Waits:
		return Drift{Kind: OnItsWay}
	case lacksThere && e.Ours == NotTaken, lacksHere && e.Theirs == NotTaken:
		return Drift{Kind: Refused}
	case lacksThere && lacksHere:
		d.Kind, d.Lost = Apart, true
	case lacksThere:
		d.Kind, d.Lost = BehindThere, true
	case lacksHere:
		d.Kind, d.Lost = BehindHere, true
	default:
		return Drift{} // the changes that one side lacks do not travel over this link
	}
	return d.orWhy()
}

// damaged judges a zone of which one side has lost or changed something behind its own back. A join would take that for
// a deletion which the other side has not seen yet, and so carry the loss over to the side that is right: a person decides.
func (p Policy) damaged(e Ends) Drift {
	if e.Ours == Waits && p.Send != SendNone || e.Theirs == Waits && p.Follow {
		return Drift{Kind: OnItsWay} // of two changes under one number the second changes a zone, and no vector
	}
	if e.SameContent {
		return Drift{Kind: Damaged, Why: hiddenWhy}
	}
	return Drift{Kind: Damaged, Why: damagedWhy}
}

const (
	damagedWhy = "both have the same changes, and other records: those of one of them are damaged, and nobody but you can know which"
	hiddenWhy  = "both have the same changes and serve the same, but one has lost something of what it does not serve: see conflict list on both, and choose on the one that lists more"
)

func (p Policy) missingThere(e Ends) Drift {
	switch {
	case p.Send == SendNone:
		return Drift{}
	case e.Ours == Waits:
		return Drift{Kind: OnItsWay}
	case e.Ours == NotTaken:
		return Drift{Kind: Refused}
	case e.Ours != Passed:
		return Drift{Kind: OnlyHere}
	}
	return Drift{Kind: MissingThere, Lost: true, Send: true}
}

func (p Policy) missingHere(e Ends) Drift {
	switch {
	case !p.TakeOthers || e.Theirs == BeforeLink:
		return Drift{Kind: OnlyThere}
	case e.Theirs == Waits:
		return Drift{Kind: OnItsWay}
	case e.Theirs == NotTaken:
		return Drift{Kind: Refused}
	}
	return Drift{Kind: MissingHere, Lost: true, Take: true}
}

// overwritten judges a zone of a write-only link: the member's own changes are not read, only what it serves counts.
func (p Policy) overwritten(e Ends) Drift {
	switch {
	case e.SameContent:
		return Drift{}
	case e.Ours == Waits:
		return Drift{Kind: OnItsWay}
	case e.Ours == NotTaken:
		return Drift{Kind: Refused}
	case e.LacksThere:
		// What its own people wrote meanwhile stays: only a person, or a policy, decides to overwrite that.
		return Drift{Kind: BehindThere, Lost: true, Send: e.Ours == Passed}.orWhy()
	}
	return Drift{Kind: OtherContent, Send: e.Ours == Passed, Overwrite: e.Ours == Passed}.orWhy()
}

func (d Drift) orWhy() Drift {
	if !d.Send && !d.Take {
		d.Lost = false
		d.Why = "it has not changed since the link was made, and the link was not synchronized then"
	}
	return d
}
