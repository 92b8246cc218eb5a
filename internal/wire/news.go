package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Report says, to the side from which a change came, which servers answer with it by now. One that names none asks for a
// zone that was refused: what was in its way is gone.
type Report struct {
	Zone     zone.Name
	Position uint64 // in the feed of the side that is told
	Servers  []string
}

// Bounds of news.
const (
	maxReports = 1024 // in one message; more are sent in several
	maxServers = 4096 // behind one link
	maxHost    = 255
)

func appendReports(b []byte, reports []Report) []byte {
	b = binary.AppendUvarint(b, uint64(len(reports)))
	for _, r := range reports {
		b = append(b, r.Zone...)
		b = binary.AppendUvarint(b, r.Position)
		b = appendServers(b, r.Servers)
	}
	return b
}

// sizeOfReport is about what a report takes.
func sizeOfReport(r Report) int {
	size := len(r.Zone) + binary.MaxVarintLen64
	for _, s := range r.Servers {
		size += len(s) + 1
	}
	return size
}

func decodeReports(b []byte) (reports []Report, err error) {
	o := octets{rest: b}
	n := o.count(3, "number of reports")
	if n > maxReports {
		o.fail("too many reports")
	}
	for range n {
		r := Report{Zone: o.name(), Position: o.uvarint("position"), Servers: o.servers()}
		if o.err != nil {
			break
		}
		reports = append(reports, r)
	}
	return reports, o.end("reports")
}

func appendServers(b []byte, names []string) []byte {
	names = names[:min(len(names), maxServers)]
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, n := range names {
		b = appendText(b, clip(n, maxHost))
	}
	return b
}

func (o *octets) servers() (names []string) {
	n := o.count(1, "number of servers")
	if n > maxServers {
		o.fail("too many servers")
	}
	for range n {
		s := o.text(maxHost, "server name")
		if o.err != nil {
			return nil
		}
		names = append(names, s)
	}
	return names
}

func decodeTopology(b []byte) ([]string, error) {
	o := octets{rest: b}
	names := o.servers()
	return names, o.end("topology")
}

func decodeSettled(b []byte) (uint64, error) {
	o := octets{rest: b}
	at := o.uvarint("position")
	return at, o.end("settled")
}

// Reason says why a side ends a link.
type Reason string

// Reasons. Unknown ones of later versions are passed on as they are.
const (
	ReasonOff      Reason = "off"      // clustering was disabled there
	ReasonDisabled Reason = "disabled" // this member was disabled there by hand
	ReasonRemoved  Reason = "removed"  // this member or its token was removed there
	ReasonVersion  Reason = "version"  // no protocol version in common
	ReasonRefused  Reason = "refused"  // the Hello was refused; the detail says why
	ReasonFailed   Reason = "failed"   // an internal error there
	ReasonReplaced Reason = "replaced" // the same node opened another link
	ReasonShutdown Reason = "shutdown" // the node stops or restarts
)

// ByeError is the end of a link that the other side announced.
type ByeError struct {
	Reason Reason
	Detail string
}

func (e *ByeError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("the other server ended the link: %s", e.Reason)
	}
	return fmt.Sprintf("the other server ended the link: %s: %s", e.Reason, e.Detail)
}

const maxReasonCode = 32

func appendBye(b []byte, e ByeError) []byte {
	return appendText(appendText(b, clip(string(e.Reason), maxReasonCode)), clip(e.Detail, maxReason))
}

func decodeBye(b []byte) (*ByeError, error) {
	o := octets{rest: b}
	e := &ByeError{Reason: Reason(o.text(maxReasonCode, "reason")), Detail: o.text(maxReason, "detail")}
	if err := o.end("bye"); err != nil {
		return nil, err
	}
	return e, nil
}
