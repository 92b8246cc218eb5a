package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Result is what became of a delta at the receiver.
type Result uint8

// Results. Numbers are part of the protocol.
const (
	Stored  Result = 1 // in the receiver's own synced commit, or nothing new in it
	Served  Result = 2 // stored, and the receiver's nameserver answers with it
	Need    Result = 3 // the receiver's Vector does not cover the delta's: send a larger delta or the whole state
	Refused Result = 4 // Reason says why; offered again later
	Ignored Result = 5 // the receiver does not take this zone
	Failed  Result = 6 // the receiver could not take it now, for the Reason: its disk is full, say; offered again soon
)

func (r Result) String() string {
	switch r {
	case Stored:
		return "stored"
	case Served:
		return "served"
	case Need:
		return "need"
	case Refused:
		return "refused"
	case Ignored:
		return "ignored"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("result %d", uint8(r))
}

// Outcome is the acknowledgement of one Item.
type Outcome struct {
	Zone     zone.Name
	Position uint64
	Result   Result
	Reason   string      // Refused
	Vector   zone.Vector // Need: what the receiver has
}

const maxReason = 1024

// An Acks message is the number of the batch and the outcomes of its items, in order.
func appendAcks(b []byte, batch uint64, outcomes []Outcome) []byte {
	b = binary.BigEndian.AppendUint64(b, batch)
	b = binary.AppendUvarint(b, uint64(len(outcomes)))
	for _, out := range outcomes {
		b = append(b, out.Zone...)
		b = binary.AppendUvarint(b, out.Position)
		b = append(b, byte(out.Result))
		switch out.Result {
		case Need:
			b = zone.AppendVector(b, out.Vector)
		case Refused, Failed:
			b = appendText(b, clip(out.Reason, maxReason))
		}
	}
	return b
}

func decodeAcks(b []byte) (batch uint64, outcomes []Outcome, err error) {
	o := octets{rest: b}
	batch = o.u64("batch number")
	n := o.count(3, "number of acknowledgements")
	if n > maxBatchItems {
		o.fail("too many acknowledgements")
	}
	for range n {
		out := Outcome{Zone: o.name(), Position: o.uvarint("position"), Result: Result(o.u8("result"))}
		if o.err != nil {
			return 0, nil, o.err
		}
		switch out.Result {
		case Stored, Served, Ignored:
		case Need:
			if out.Vector, o.rest, err = zone.DecodeVector(o.rest); err != nil {
				return 0, nil, fmt.Errorf("%w: needed vector: %w", ErrProtocol, err)
			}
		case Refused, Failed:
			out.Reason = o.text(maxReason, "reason")
		default:
			o.fail("unknown result of a delta")
		}
		outcomes = append(outcomes, out)
	}
	return batch, outcomes, o.end("acknowledgements")
}
