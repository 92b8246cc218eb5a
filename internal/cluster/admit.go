package cluster

import (
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// LifeFact is what the rules look at of one life of a zone.
type LifeFact struct {
	Life  zone.Dot
	Owner string
	Home  string
	Ended bool
}

// ZoneFact is what there is to know of a change that a member wants to make to a zone, before it is joined. For
// MayRead only Owner and Home matter.
type ZoneFact struct {
	Name string // of the zone, for people
	// Owner and Home are those of the life that answers here; empty if none does.
	Owner string
	Home  string
	// Self is this node, in the form of a home.
	Self string

	// Known is every life that this node has and that has not ended here.
	Known []LifeFact
	// Touched is every life of which the change brings a version that this node does not have, as it would be
	// afterwards. A life that nothing new comes to does not count: it was judged when it came.
	Touched []LifeFact
	// ForeignOwner is an account of a touched life that does not belong to the token's reseller; empty if there is
	// none, or the token is root's.
	ForeignOwner string

	Have   zone.Vector // what is contained here
	Comes  zone.Vector // what the change brings
	Serial Wish        // of the state that comes, against the one served here
	Now    zone.Millis

	// Claiming says that the number of zones of which this node's root confirmed that they pass to the member is not
	// used up.
	Claiming bool
}

// Verdict is the answer to a member's change to one zone.
type Verdict struct {
	OK bool
	// Reason is for people, and says why it is not.
	Reason string
	// Claim says that the zone passes to the member: this node's own lives of it are to be ended.
	Claim bool
}

func foreign(format string, args ...any) Verdict {
	return Verdict{Reason: "foreign write: " + fmt.Sprintf(format, args...)}
}

// Admit decides whether the holder's change to a zone comes in: a push, an answer, a followed feed and a repair
// alike. What is outside is refused for that zone alone. Home and owner are compared, never rewritten.
func (g Grant) Admit(f ZoneFact) Verdict {
	switch {
	case g.Trust:
		return Verdict{Reason: "this token only serves a reverse trust"}
	case f.ForeignOwner != "":
		return foreign("%s belongs to %s, which is no account of %s", f.Name, f.ForeignOwner, g.User)
	case g.Kind == Relay:
		return Verdict{OK: true}
	case g.Kind != Leaf:
		return Verdict{Reason: fmt.Sprintf("token of an unknown kind %q", string(g.Kind))}
	case g.Holder == "":
		return Verdict{Reason: "this token is not bound to a server yet"}
	}
	return g.admitLeaf(f)
}

func (g Grant) admitLeaf(f ZoneFact) Verdict {
	if v := f.numbers(); !v.OK {
		return v
	}
	claim := false
	for _, l := range f.Known {
		if l.Home == g.Holder {
			continue
		}
		if !g.claims(f, l) {
			return foreign("home of %s is %s", f.Name, homeName(l.Home))
		}
		claim = true
	}
	for _, l := range f.Touched {
		// A life that is over, and was never alive here, is only history that the member knows more of.
		if l.Home == g.Holder || l.Ended && !f.knows(l.Life) || g.claims(f, l) {
			continue
		}
		return foreign("%s would get the home %s, which is not the server that sent it", f.Name, homeName(l.Home))
	}
	return Verdict{OK: true, Claim: claim}
}

// claims reports whether a life of this node, which no account owns, passes to the holder.
func (g Grant) claims(f ZoneFact, l LifeFact) bool {
	return g.MayClaim && f.Claiming && l.Home == f.Self && l.Owner == Root
}

func (f ZoneFact) knows(life zone.Dot) bool {
	for _, l := range f.Known {
		if l.Life == life {
			return true
		}
	}
	return false
}

// numbers refuses what would use up the number space of a zone.
func (f ZoneFact) numbers() Verdict {
	for node, counter := range f.Comes {
		if known := f.Have[node]; counter > known && counter-known > MaxJump {
			return foreign("%s comes with counter %d of node %x, too far above the known %d", f.Name, counter, node, known)
		}
	}
	w := f.Serial
	if Ahead(w.Serial, w.Have) && !Adopt(w, f.Now) {
		return foreign("%s comes with serial %d, too far ahead of %d and neither a date nor unix time", f.Name, w.Serial, w.Have)
	}
	return Verdict{OK: true}
}

// MayRead decides whether the holder learns more of a zone than that it exists. Zones of root are owned by no
// account, so root's token reads them by their home alone.
func (g Grant) MayRead(f ZoneFact) bool {
	switch {
	case g.Kind == Relay, g.Trust: // whoever asked for reverse trust sends the holder all of this anyway
		return g.User == Root || f.ForeignOwner == ""
	case g.Kind != Leaf:
		return false
	}
	return g.Holder != "" && f.Home == g.Holder || g.User != Root && g.User != "" && f.Owner == g.User
}

// homeName is the name in a home, without the key that follows it.
func homeName(home string) string {
	for i := range len(home) {
		if home[i] == ' ' {
			return home[:i]
		}
	}
	if home == "" {
		return "unknown"
	}
	return home
}
