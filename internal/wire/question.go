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
	MaxNames = 10_000 // in one question
)

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
