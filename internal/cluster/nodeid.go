package cluster

import (
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Awaiting says what is expected of a server before this node writes under the node id that it had before it started.
type Awaiting int

// What is expected of a server. Whatever it is, one that answers and knows more of this node than the node itself makes
// it take a fresh id.
const (
	// MustAnswer: without its answer this node takes a fresh id.
	MustAnswer Awaiting = iota
	// MayAnswer: it is waited for as long as it may answer, and if it does not, the id is kept.
	MayAnswer
	// NotAwaited: it has been away for so long that nobody waits.
	NotAwaited
)

// NodeIDFact is what a data folder has recorded of itself and of one server. A time that is not recorded is 0.
type NodeIDFact struct {
	Now      zone.Millis // by the clock, at this start
	Alive    zone.Millis // when the folder was last in use, recorded every minute
	Taken    zone.Millis // when the node id was taken
	Answered zone.Millis // when the server last answered, or could have
}

const (
	// forgetSilent is after how long a server is not waited for. A dead server that nobody removes would otherwise cost an
	// entry in the vector of each zone for each start, for ever.
	forgetSilent = 30 * 24 * time.Hour
	// asLeft is how old the folder's last sign of life may be for the folder to count as it was left: a restart, an
	// upgrade and a reboot take less, an older copy that was put back is hardly ever as young.
	asLeft = 15 * time.Minute
)

// Await decides what is expected of a server.
//
// The danger is a folder that was put back to an older copy of itself. The node would give out dots a second time, and of
// two changes under one dot each would be taken for the other. Who has got dots from the lost time can tell, so every
// server that ever got something has to answer. One that is dead never does, and then each start would cost a fresh id.
// Two things make that needless:
//
// If the id was taken after the server was last heard of, the server never got a dot of it from this node. It could only
// have one from another server, which has it from this node, and so either answers (and is ahead, if something was lost)
// or has to. That is so for the folder as it says of itself: in the time that an older copy lacks, the server may have been
// back. Therefore it counts only while the folder is as it was left, by its last sign of life. What can go wrong then: the
// copy is not older than asLeft, and in that very time the server came back, got something and left again.
//
// A server that was silent for a month of recorded time is not waited for. The time is the folder's own record, up to its
// last sign of life, not the clock's: a clock a year ahead for a minute makes nobody silent. What can go wrong: the folder is
// put back, and the server had come back in the time that was lost.
//
// Where it does go wrong nothing vanishes unseen: the two changes under one dot differ in their hash, both are kept as a
// conflict, and the servers raise the alarm of a copied data folder.
func (f NodeIDFact) Await() Awaiting {
	gap := f.Now - f.Alive
	limit := zone.Millis(asLeft.Milliseconds())
	switch {
	case f.Alive == 0 || f.Answered == 0 || gap < -limit: // nothing is recorded, or by a clock that was wrong
		return MustAnswer
	case f.Alive-f.Answered > zone.Millis(forgetSilent.Milliseconds()):
		return NotAwaited
	case f.AsLeft() && f.Taken > f.Answered:
		return MayAnswer
	}
	return MustAnswer
}

// AsLeft says that the folder is as it was left, and no older copy of itself.
func (f NodeIDFact) AsLeft() bool {
	gap, limit := f.Now-f.Alive, zone.Millis(asLeft.Milliseconds())
	return f.Alive != 0 && gap > -limit && gap < limit
}

// Silent says that a server has not answered for so long that nothing is kept for it.
func Silent(answered, now zone.Millis) bool {
	return now-answered > zone.Millis(forgetSilent.Milliseconds())
}
