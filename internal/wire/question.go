package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Bounds of single questions.
const (
	MaxNames  = 10_000 // in one question
	MaxHeads  = 10_000 // in one answer
	maxETag   = 64
	maxPerson = 255 // accounts, homes
)

// List asks for the heads of zones whose names come after a name, in octet order.
type List struct {
	After zone.Name // "" from the start
	Limit int       // at most MaxHeads
}

// Head is what one server has of a zone, for lists and comparison.
type Head struct {
	Zone     zone.Name
	Position uint64
	Serial   uint32
	Live     bool // false: only what is left of a deleted zone
	ETag     string
	Owner    string
	Home     string
}

// Heads is a page of heads.
type Heads struct {
	Heads []Head
	Next  zone.Name // After of the next page, "" at the end
}

// TrustRequest asks a server to add the asking one as a member of role standalone.
type TrustRequest struct {
	Name        string `json:"name"`        // of the asking node
	Host        string `json:"host"`        // by which it is reached; empty: the address from which the request comes
	Port        int    `json:"port"`        // of its peer door
	Token       string `json:"token"`       // for the asked server to use
	Fingerprint string `json:"fingerprint"` // of the asking node's key, to be pinned
}

// TrustAnswer says how the asked server reaches the asking one.
type TrustAnswer struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

// UntrustRequest undoes a TrustRequest of the same node.
type UntrustRequest struct {
	Name string `json:"name"`
}

// LeaveRequest says that the asking node leaves the cluster.
type LeaveRequest struct {
	Name string `json:"name"`
}

// LeaveAnswer says how many entries of the member table were removed.
type LeaveAnswer struct {
	Removed int `json:"removed"`
}

// WriteNames writes names as a message: a question about them, or the answer that keeps those that exist.
func WriteNames(w io.Writer, names []zone.Name) error {
	b := binary.AppendUvarint(nil, uint64(len(names)))
	for _, n := range names {
		b = append(b, n...)
	}
	return writeMessage(w, message{kind: TypeNames, payload: b})
}

// ReadNames reads what WriteNames wrote.
func ReadNames(ctx context.Context, r io.Reader) ([]zone.Name, error) {
	return readMessage(ctx, r, TypeNames, nil, decodeNames)
}

func decodeNames(b []byte) (names []zone.Name, err error) {
	o := octets{rest: b}
	n := o.count(1, "number of names")
	if n > MaxNames {
		o.fail("too many names")
	}
	for range n {
		name := o.name()
		if o.err != nil {
			break
		}
		names = append(names, name)
	}
	return names, o.end("names")
}

// WriteList writes a List.
func WriteList(w io.Writer, l List) error {
	b := binary.AppendUvarint(nil, uint64(min(max(l.Limit, 0), MaxHeads)))
	return writeMessage(w, message{kind: TypeList, payload: append(b, l.After...)})
}

// ReadList reads a List.
func ReadList(ctx context.Context, r io.Reader) (List, error) {
	return readMessage(ctx, r, TypeList, nil, decodeList)
}

func decodeList(b []byte) (l List, err error) {
	o := octets{rest: b}
	limit := o.uvarint("limit")
	if limit > MaxHeads {
		o.fail("limit is too large")
	}
	l.Limit = int(limit)
	if len(o.rest) > 0 {
		l.After = o.name()
	}
	return l, o.end("list")
}

// WriteHeads writes a page of heads.
func WriteHeads(w io.Writer, h Heads) error {
	return writeMessage(w, message{kind: TypeHeads, payload: appendHeads(nil, h)})
}

// ReadHeads reads a page of heads.
func ReadHeads(ctx context.Context, r io.Reader) (Heads, error) {
	return readMessage(ctx, r, TypeHeads, nil, decodeHeads)
}

const headLive = 1 << 0

func appendHeads(b []byte, h Heads) []byte {
	b = binary.AppendUvarint(b, uint64(len(h.Heads)))
	for _, d := range h.Heads {
		b = append(b, d.Zone...)
		b = binary.AppendUvarint(b, d.Position)
		b = binary.BigEndian.AppendUint32(b, d.Serial)
		var flags byte
		if d.Live {
			flags |= headLive
		}
		b = append(b, flags)
		b = appendText(b, clip(d.ETag, maxETag))
		b = appendText(b, clip(d.Owner, maxPerson))
		b = appendText(b, clip(d.Home, 2*maxPerson))
	}
	return append(b, h.Next...)
}

func decodeHeads(b []byte) (h Heads, err error) {
	o := octets{rest: b}
	n := o.count(10, "number of heads")
	if n > MaxHeads {
		o.fail("too many heads")
	}
	for range n {
		d := Head{Zone: o.name(), Position: o.uvarint("position")}
		if s := o.take(4, "serial"); s != nil {
			d.Serial = binary.BigEndian.Uint32(s)
		}
		d.Live = o.u8("flags")&headLive != 0
		d.ETag, d.Owner, d.Home = o.text(maxETag, "etag"), o.text(maxPerson, "owner"), o.text(2*maxPerson, "home")
		if o.err != nil {
			break
		}
		h.Heads = append(h.Heads, d)
	}
	if len(o.rest) > 0 {
		h.Next = o.name()
	}
	return h, o.end("heads")
}

// WriteState writes one zone's whole state, the answer to a fetch.
func WriteState(w io.Writer, it Item) error {
	return writeMessage(w, message{kind: TypeDeltas, payload: appendDeltas(nil, 0, 1, appendItem(nil, it))})
}

// ReadState reads what WriteState wrote. The budget bounds what large states take together, nil for none.
func ReadState(ctx context.Context, r io.Reader, budget Budget) (Item, error) {
	return readMessage(ctx, r, TypeDeltas, budget, func(b []byte) (Item, error) {
		_, items, _, err := decodeDeltas(b)
		if err == nil && (len(items) != 1 || !items[0].Delta.Whole) {
			err = fmt.Errorf("%w: answer to a fetch is not one whole state", ErrProtocol)
		}
		if err != nil {
			return Item{}, err
		}
		return items[0], nil
	})
}

func writeMessage(w io.Writer, m message) error { return split(m, newFrameWriter(w).write) }

// readMessage reads the only message of a body. Frames that may be ignored are skipped.
func readMessage[T any](ctx context.Context, r io.Reader, want Type, budget Budget, decode func([]byte) (T, error)) (v T, err error) {
	frames, parts := newFrameReader(r), assembly{budget: budget}
	defer frames.close()
	defer parts.close()
	for {
		f, err := frames.read()
		if err != nil {
			return v, fmt.Errorf("read answer: %w", err)
		}
		if f.kind != want {
			if f.kind&mayIgnore != 0 {
				continue
			}
			return v, fmt.Errorf("%w: frame of type %d instead of %d", ErrProtocol, f.kind, want)
		}
		m, whole, err := parts.add(ctx, f)
		if err != nil {
			return v, err
		}
		if whole {
			defer parts.release(m.held)
			return decode(m.payload)
		}
	}
}
