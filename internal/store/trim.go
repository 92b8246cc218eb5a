package store

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// trimAtOnce bounds how many positions one commit of Trim looks at, and so how long other commits wait for it.
const trimAtOnce = 1000

// Trim forgets the history before the given time, as far as all that is older goes. The newest entry of each zone stays,
// so that it is known who changed it last. A target that was away for longer gets whole zones. It returns how many
// entries are gone.
func (s *Store) Trim(ctx context.Context, before zone.Millis) (n int, err error) {
	for t := (&trimming{more: true}); t.more; {
		from := t.next
		_, err := s.Commit(ctx, "", func(tx *Tx) error {
			t = &trimming{tx: tx, before: before, heads: map[zone.Name]*Head{}}
			return t.run(from)
		})
		if err != nil {
			return n, fmt.Errorf("trim history: %w", err)
		}
		n += t.gone
	}
	return n, nil
}

// trimming is one commit of Trim.
type trimming struct {
	tx     *Tx
	before zone.Millis
	heads  map[zone.Name]*Head // of the zones that lose an entry
	next   Position
	more   bool
	gone   int
}

func (t *trimming) run(from Position) error {
	looked := 0
	err := scan(t.tx.reader, positionKey(from), positionKey(upTo(0)), func(k, z []byte) error {
		t.next = Position(keyNumber(k))
		if looked++; looked > trimAtOnce {
			t.more = true
			return errStop
		}
		return t.entry(zone.Name(z), t.next)
	})
	if err != nil {
		return err
	}
	for _, h := range t.heads {
		t.tx.set(headKey(h.Zone), h.value())
	}
	return nil
}

func (t *trimming) entry(z zone.Name, p Position) error {
	v, err := get(t.tx.reader, historyKey(z, p))
	if err != nil {
		return err
	}
	d := decoder{b: v}
	at := d.millis()
	if d.err != nil {
		return fmt.Errorf("history row %d: %w", p, d.err)
	}
	if at >= t.before {
		return errStop
	}
	h, err := t.head(z)
	if err != nil || h.Position == p {
		return err
	}
	h.trimmed = p
	t.heads[z] = h
	t.tx.delete(historyKey(z, p))
	t.tx.delete(positionKey(p))
	t.gone++
	return nil
}

func (t *trimming) head(z zone.Name) (*Head, error) {
	if h := t.heads[z]; h != nil {
		return h, nil
	}
	h, err := loadHead(t.tx.reader, z)
	return &h, err
}
