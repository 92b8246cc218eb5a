package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Head is what is known of a zone without reading its keys.
type Head struct {
	Zone     zone.Name
	Position Position // of the zone's newest change
	Vector   zone.Vector
	Base     uint64
	facts
	sums
	StoredAt zone.Millis // time of the newest entry

	trimmed Position // history up to here is gone
}

// facts are derived from the state when it is stored, for lists. Life, Owner, Home and Created of a zone that is not
// live are those it had last, or elsewhere if it never was here.
type facts struct {
	Live      bool
	Life      zone.Dot
	Owner     string
	Home      string
	Created   zone.Millis
	Serial    uint32
	Records   int
	Conflicts int
}

// sums are what servers compare. A head that an older release wrote has none yet.
type sums struct {
	reckoned bool
	keys     zone.Sum // of the state's keys
	content  zone.Sum // of what is served
}

// ETag names the zone's content: a hash of vector and base, never the serial.
func (h Head) ETag() string {
	return zone.ETag(h.Vector, h.Base)
}

// Head returns the zone's head row, ErrNotFound if the zone was never heard of. A deleted zone has one.
func (s *Store) Head(z zone.Name) (h Head, err error) {
	err = s.published.read(func(v *view) error {
		h, err = loadHead(v, z)
		return err
	})
	return h, err
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

func loadHead(r pebble.Reader, z zone.Name) (Head, error) {
	v, err := get(r, headKey(z))
	if err != nil {
		return Head{}, err
	}
	if v == nil {
		return Head{}, ErrNotFound
	}
	return parseHead(z, v)
}

func parseHead(z zone.Name, v []byte) (Head, error) {
	d := decoder{b: v}
	h := Head{Zone: z}
	h.Position = Position(d.uint())
	h.trimmed = Position(d.uint())
	h.Vector = d.vector()
	h.Base = d.uint()
	h.StoredAt = d.millis()
	h.Live = d.bool()
	h.Life = d.dot()
	h.Owner = d.string()
	h.Home = d.string()
	h.Created = d.millis()
	h.Serial = uint32(d.uint())
	h.Records = int(d.uint())
	h.Conflicts = int(d.uint())
	if d.err == nil && len(d.b) > 0 {
		h.sums = sums{reckoned: true, keys: d.sum(), content: d.sum()}
	}
	if d.err != nil {
		return Head{}, fmt.Errorf("head row: %w", d.err)
	}
	return h, nil
}

func (h Head) value() []byte {
	b := binary.AppendUvarint(value(), uint64(h.Position))
	b = binary.AppendUvarint(b, uint64(h.trimmed))
	b = zone.AppendVector(b, h.Vector)
	b = binary.AppendUvarint(b, h.Base)
	b = binary.AppendVarint(b, int64(h.StoredAt))
	b = appendBool(b, h.Live)
	b = appendDot(b, h.Life)
	b = appendString(b, h.Owner)
	b = appendString(b, h.Home)
	b = binary.AppendVarint(b, int64(h.Created))
	b = binary.AppendUvarint(b, uint64(h.Serial))
	b = binary.AppendUvarint(b, uint64(h.Records))
	b = binary.AppendUvarint(b, uint64(h.Conflicts))
	if h.reckoned { // an older release stops reading before it
		b = appendSum(appendSum(b, h.keys), h.content)
	}
	return b
}

// putHead writes the head, and the listing rows when what it says has changed.
func (tx *Tx) putHead(old, h Head) {
	tx.set(headKey(h.Zone), h.value())
	tx.moved = append(tx.moved, move{old, h})
	if old.Position == 0 || old.Live != h.Live || old.Owner != h.Owner || old.Home != h.Home {
		tx.putListed(old, h)
	}
}

// Trimmed is the newest position of the zone that its history keeps no more; entries before it may be missing.
func (h Head) Trimmed() Position { return h.trimmed }
