package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Bounds of one Deltas message. A single larger delta goes alone, up to MaxMessage.
const (
	maxBatchItems  = 1024
	maxBatchOctets = 1 << 20
	batchHeader    = 8 + 2 // number of the batch, number of items (a varint up to maxBatchItems)
)

// Item is one zone's change on the way: all that was committed after the receiver's cursor.
type Item struct {
	Position uint64 // the zone's live position in the sender's feed
	Replace  bool   // the receiver writes the sender's own values where they differ (write-only links)
	// Overwrite says that it does so with every key: the first synchronization of a write-only link.
	Overwrite bool
	// Meant says that what it takes away was meant by a person, or released by one, so that nobody holds it again. It is
	// only sent to who states CapabilityMeant: others would end the link.
	Meant bool
	Delta zone.Delta
}

// CapabilityMeant is stated, as "yes", by who understands Item.Meant.
const CapabilityMeant = "meant"

const (
	itemReplace   = 1 << 0
	itemOverwrite = 1 << 1
	itemMeant     = 1 << 2
	itemFlags     = itemReplace | itemOverwrite | itemMeant
)

func appendItem(b []byte, it Item) []byte {
	b = binary.AppendUvarint(b, it.Position)
	var flags byte
	if it.Replace {
		flags |= itemReplace
	}
	if it.Overwrite {
		flags |= itemOverwrite
	}
	if it.Meant {
		flags |= itemMeant
	}
	return zone.AppendDelta(append(b, flags), it.Delta)
}

// A Deltas message is the number of the batch, the number of items, and the items.
func appendDeltas(b []byte, batch uint64, items int, encoded []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, batch)
	b = binary.AppendUvarint(b, uint64(items))
	return append(b, encoded...)
}

// decodeDeltas also returns how many octets each item took.
func decodeDeltas(b []byte) (batch uint64, items []Item, sizes []int, err error) {
	o := octets{rest: b}
	batch = o.u64("batch number")
	n := o.count(2, "number of deltas")
	if o.err == nil && (n == 0 || n > maxBatchItems) {
		o.fail(fmt.Sprintf("batch of %d deltas", n))
	}
	for range n {
		before := len(o.rest)
		it := Item{Position: o.uvarint("position")}
		flags := o.u8("delta flags")
		if flags&^itemFlags != 0 {
			o.fail("delta with unknown flags")
		}
		it.Replace, it.Overwrite, it.Meant = flags&itemReplace != 0, flags&itemOverwrite != 0, flags&itemMeant != 0
		if o.err != nil {
			return 0, nil, nil, o.err
		}
		if it.Delta, o.rest, err = zone.DecodeDelta(o.rest); err != nil {
			return 0, nil, nil, fmt.Errorf("%w: delta: %w", ErrProtocol, err)
		}
		items, sizes = append(items, it), append(sizes, before-len(o.rest))
	}
	return batch, items, sizes, o.end("deltas")
}
