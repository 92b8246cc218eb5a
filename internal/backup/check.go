package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zonefleet/zonefleet/internal/store"
)

// maxDamages bounds the list of what is wrong; whoever sees so many need not see more.
const maxDamages = 20

// Report is what a check found.
type Report struct {
	Header  Header
	Format  int
	Zones   int // that could be read
	Deleted int
	Sealed  bool // there is a sealed part that was not opened: its checksums are right, and that is all that is known
	Damages []*Damage
}

// Whole says that the file is as it was written.
func (r Report) Whole() bool { return len(r.Damages) == 0 }

// Check reads everything, verifies all checksums, decodes every zone, and names what is damaged. An error is what kept it
// from looking: no backup at all, another key, a disk that cannot be read.
func Check(ctx context.Context, from io.Reader, key *Key, dir string) (Report, error) {
	r, err := Open(ctx, from, key, dir)
	var d *Damage
	if errors.As(err, &d) {
		return Report{Damages: []*Damage{d}}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer r.Close()
	c := checking{Report: Report{Header: r.Header, Format: r.Format, Sealed: !r.Opened}}
	for {
		e, err := r.Next()
		if ctx.Err() != nil {
			return Report{}, ctx.Err()
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || len(c.Damages) >= maxDamages {
			break
		}
		if err := c.take(e, err); err != nil {
			return Report{}, err
		}
	}
	c.Zones, c.Deleted = c.zones.Live, c.zones.Deleted
	if c.Whole() && (c.Zones != r.Summary.Zones || c.Deleted != r.Summary.Deleted) {
		c.Damages = append(c.Damages, &Damage{What: fmt.Sprintf("it holds %d zones and says %d", c.Zones, r.Summary.Zones)})
	}
	return c.Report, nil
}

type checking struct {
	Report
	zones store.Assembly
}

func (c *checking) take(e Entry, err error) error {
	var d *Damage
	if errors.As(err, &d) {
		c.Damages = append(c.Damages, d)
		return nil
	}
	if err != nil {
		return err
	}
	if z := store.ZoneOf(e.Row); z != "" {
		for _, d := range c.Damages {
			if d.Until == "" {
				d.Until = z.Text()
			}
		}
	}
	if err := c.zones.Add(e.Row); err != nil {
		c.Damages = append(c.Damages, &Damage{What: err.Error()})
	}
	return nil
}
