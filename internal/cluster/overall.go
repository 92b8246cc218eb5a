package cluster

import (
	"fmt"
	"strings"
)

// MemberFact is what the overall status looks at of one member.
type MemberFact struct {
	Host      string
	State     State
	Connected bool
	Failures  int
	LastError string
	Waiting   int    // changes that have not been delivered
	Refused   int    // zones that it refused
	Refusal   string // the first of them, and why
	Held      int    // zones that wait there for a person's decision
	Drifted   int    // zones that differ there, as the last comparison found
}

// Facts is what the overall status is made of.
type Facts struct {
	Off       bool // clustering is off here
	Members   []MemberFact
	Waiting   int // changes that the local nameserver does not serve yet
	Conflicts int // zones with conflicts
	Held      int // changes that wait for a person's decision
	Alarms    []string
}

// Exit codes of the overall status.
const (
	InStep     = 0
	CatchingUp = 1
	MustAct    = 2
)

// Overall is the status of the cluster as this node sees it, in one sentence.
type Overall struct {
	Code     int
	Sentence string
}

// Judge makes the overall status. What a person must do comes before what happens by itself.
func Judge(f Facts) Overall {
	if acts := f.acts(); len(acts) > 0 {
		return Overall{Code: MustAct, Sentence: "someone must act: " + strings.Join(acts, ", ")}
	}
	if f.Off {
		return Overall{Code: InStep, Sentence: "clustering is off here"}
	}
	if late := f.late(); len(late) > 0 {
		return Overall{Code: CatchingUp, Sentence: "catching up: " + strings.Join(late, ", ")}
	}
	switch n := len(f.Members); n {
	case 0:
		return Overall{Code: InStep, Sentence: "no other servers yet: what is changed here stays here"}
	default:
		return Overall{Code: InStep, Sentence: "in step: " + count(n, "member") + " up to date"}
	}
}

func (f Facts) acts() []string {
	var acts []string
	for _, m := range f.Members {
		switch {
		case f.Off:
		case m.State == DisabledFailures:
			acts = append(acts, fmt.Sprintf("%s is disabled after failures (%s)", m.Host, m.LastError))
		case m.State == DisabledByHand:
			acts = append(acts, m.Host+" is disabled by hand")
		case !m.Connected && SaysReplaced(m.LastError):
			acts = append(acts, m.Host+" says: "+m.LastError[strings.Index(m.LastError, replacedMark):])
		}
		if m.Held > 0 && !f.Off {
			acts = append(acts, fmt.Sprintf("%s holds %s (change held there)", m.Host, count(m.Held, "zone")))
		}
		if m.Refused > 0 && !f.Off {
			acts = append(acts, fmt.Sprintf("%s refuses %s (%s)", m.Host, count(m.Refused, "zone"), m.Refusal))
		}
		if m.Drifted > 0 && !f.Off {
			acts = append(acts, fmt.Sprintf("%s differs in %s", m.Host, count(m.Drifted, "zone")))
		}
	}
	if f.Conflicts > 0 {
		acts = append(acts, count(f.Conflicts, "zone")+" with conflicts")
	}
	if f.Held > 0 {
		acts = append(acts, count(f.Held, "change")+" held (change held)")
	}
	return append(acts, f.Alarms...)
}

// replacedMark begins what a server is told whose place another one has taken. It travels: servers of other versions show
// it as it is.
const replacedMark = "this server was replaced: "

// ReplacedReason is the reason that such a server is given, at each of the others.
func ReplacedReason(at, holder string) string {
	return fmt.Sprintf(replacedMark+"at %s its place belongs to the server with the key %s; nothing of it is taken. "+
		"What only it has: zonefleet zone export; it may join anew under another name (serve --name)", at, holder)
}

// SaysReplaced says that a member refuses this server for ever, whatever is tried.
func SaysReplaced(why string) bool { return strings.Contains(why, replacedMark) }

func (f Facts) late() []string {
	var late []string
	if f.Waiting > 0 {
		late = append(late, count(f.Waiting, "change")+" not served here yet")
	}
	for _, m := range f.Members {
		switch {
		case !m.Connected && m.LastError != "":
			late = append(late, fmt.Sprintf("%s does not answer (%s), %s waiting", m.Host, m.LastError, count(m.Waiting, "change")))
		case !m.Connected:
			late = append(late, fmt.Sprintf("%s is not connected, %s waiting", m.Host, count(m.Waiting, "change")))
		case m.Waiting > 0:
			late = append(late, fmt.Sprintf("%s waits for %s", m.Host, count(m.Waiting, "change")))
		}
	}
	return late
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
