package wire

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Versions of the protocol that this software speaks.
const (
	MinVersion = 1
	MaxVersion = 1
)

// maxGreeting bounds Hello, Welcome and the JSON of single questions.
const maxGreeting = 64 << 10

// magic starts Hello and Welcome, before anything is interpreted.
const magic = "ZFLT"

// Versions is a range of protocol versions. The zero value stands for those of this software.
type Versions struct{ Min, Max uint8 }

func (v Versions) orOwn() Versions {
	if v == (Versions{}) {
		return Versions{MinVersion, MaxVersion}
	}
	return v
}

func (v Versions) String() string {
	v = v.orOwn()
	if v.Min == v.Max {
		return fmt.Sprint(v.Min)
	}
	return fmt.Sprintf("%d-%d", v.Min, v.Max)
}

// Common returns the highest version in both ranges.
func (v Versions) Common(w Versions) (uint8, error) {
	v, w = v.orOwn(), w.orOwn()
	most := min(v.Max, w.Max)
	if most < max(v.Min, w.Min) {
		return 0, &VersionError{Ours: v, Theirs: w}
	}
	return most, nil
}

// VersionError says that two nodes have no protocol version in common.
type VersionError struct{ Ours, Theirs Versions }

func (e *VersionError) Error() string {
	who := "update this server"
	if e.Theirs.Max < e.Ours.Min {
		who = "update the other server"
	}
	return fmt.Sprintf("protocol versions do not meet: this server speaks %s, the other %s; hint: %s", e.Ours, e.Theirs, who)
}

// Facts is what a node says of itself. Unknown fields of later versions are skipped.
type Facts struct {
	Name         string            `json:"name"`               // FQDN
	Instance     string            `json:"instance"`           // which data folder this is
	Fingerprint  string            `json:"fingerprint"`        // of its node key; must equal the one seen in TLS
	Version      string            `json:"version"`            // of ZoneFleet
	Software     string            `json:"software"`           // nameserver software: embedded, powerdns, …
	Capabilities map[string]string `json:"capabilities"`       // "dnssec": "no"
	Profile      string            `json:"profile"`            // standard or nameserver
	Addresses    []string          `json:"addresses"`          // where it answers DNS
	NodeIDs      []string          `json:"node_ids,omitempty"` // hex, all under which it ever wrote dots
	Behind       []string          `json:"behind,omitempty"`   // names of the servers behind it, itself not among them
	Links        []FactLink        `json:"links,omitempty"`    // that it knows of; not told to leaves
	Zones        int               `json:"zones"`
	Position     uint64            `json:"position"` // the last of its feed
	Clock        zone.Millis       `json:"clock"`
}

// FactLink is one link of the cluster: From holds it and works To in the role.
type FactLink struct {
	From string `json:"from"`
	To   string `json:"to"`
	Role string `json:"role"`
}

// Skew is how far the clock of the facts is ahead of now, when they came in.
func (f Facts) Skew(now time.Time) time.Duration {
	return time.Duration(int64(f.Clock)-now.UnixMilli()) * time.Millisecond
}

// Introduction is the answer to the first question: who the node is and what the token may do there.
type Introduction struct {
	Facts
	Grant      Grant `json:"grant"`
	Clustering bool  `json:"clustering"` // false: clustering is disabled there
}

// Grant is what a token may do, for the holder to see; the giver checks it on everything.
type Grant struct {
	Kind     string `json:"kind"` // leaf or relay
	User     string `json:"user"`
	MayClaim bool   `json:"may_claim,omitempty"`
	Trust    bool   `json:"trust,omitempty"` // only reverse trust and its undo
}

// Hello starts a link. The one who dialled sends it; the role of the link is in what it asks for.
type Hello struct {
	Protocol Versions `json:"-"`
	Facts
	Push    bool   `json:"push"`    // it will send changes
	Replace bool   `json:"replace"` // as replace (write-only)
	Follow  bool   `json:"follow"`  // it wants the changes of the other side's feed
	Cursor  Cursor `json:"cursor"`  // how far it has heard of that feed, not all of which it needs to have
	// Link names the link at the side that dialled: another name is another link, which is followed anew.
	Link string `json:"link,omitempty"`
	// Start is the position of the other side's feed after which a link begins that is not known there.
	Start uint64 `json:"start,omitempty"`
}

// Cursor is a place in the feed of one instance.
type Cursor struct {
	Instance string `json:"instance"`
	Position uint64 `json:"position"`
	// Settled, which older releases do not state, is up to where everything of that feed has come: Position is the highest
	// that was heard of, and what is new goes before the backlog.
	Settled *uint64 `json:"settled,omitempty"`
}

// Welcome answers Hello.
type Welcome struct {
	Protocol uint8 `json:"-"`
	Facts
	// Stored is how far the answering side has heard of the dialling side's feed, 0 if it does not know that instance. A
	// server that reads a position beyond its own head knows that its data is an older copy.
	Stored uint64 `json:"stored"`
	// Settled is that of the dialling side's feed, as in Cursor.
	Settled *uint64 `json:"settled,omitempty"`
}

func (h Hello) append(b []byte) ([]byte, error) {
	v := h.Protocol.orOwn()
	return appendGreeting(b, v.Min, v.Max, h)
}

func decodeHello(b []byte) (h Hello, err error) {
	h.Protocol.Min, h.Protocol.Max, err = decodeGreeting(b, &h)
	if v := h.Protocol; err == nil && (v.Min == 0 || v.Min > v.Max) {
		err = fmt.Errorf("%w: hello with versions %d to %d", ErrProtocol, v.Min, v.Max)
	}
	return h, err
}

func (w Welcome) append(b []byte) ([]byte, error) {
	return appendGreeting(b, w.Protocol, w.Protocol, w)
}

func decodeWelcome(b []byte) (w Welcome, err error) {
	w.Protocol, _, err = decodeGreeting(b, &w)
	return w, err
}

func appendGreeting(b []byte, low, high uint8, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode greeting: %w", err)
	}
	if len(text) > maxGreeting {
		return nil, fmt.Errorf("greeting of %d octets exceeds %d", len(text), maxGreeting)
	}
	return append(append(append(b, magic...), low, high), text...), nil
}

func decodeGreeting(b []byte, v any) (low, high uint8, err error) {
	o := octets{rest: b}
	if got := string(o.take(len(magic), "greeting")); o.err == nil && got != magic {
		o.fail("stream does not start with " + magic)
	}
	low, high = o.u8("version"), o.u8("version")
	if o.err == nil && len(o.rest) > maxGreeting {
		o.fail("greeting is too long")
	}
	if o.err != nil {
		return 0, 0, o.err
	}
	if err := json.Unmarshal(o.rest, v); err != nil {
		return 0, 0, fmt.Errorf("%w: greeting: %w", ErrProtocol, err)
	}
	return low, high, nil
}
