package control

import (
	"context"
	"fmt"
	"io"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Zone is a zone as it is served.
type Zone struct {
	View      *zone.View
	Head      store.Head
	ETag      string
	Position  store.Position
	Conflicts int
	Stamp     string // first lines of the file it came from, if that was a panel's
	Right     RecordRight
}

// ShowZone returns the view of a zone: of a token with a scope, the records of that scope.
func (c *Control) ShowZone(ctx context.Context, p acl.Principal, z zone.Name) (Zone, error) {
	if err := c.allowRecords(p, acl.ReadZone, z); err != nil {
		return Zone{}, err
	}
	h, err := c.live(z)
	if err != nil {
		return Zone{}, err
	}
	s, pos, err := c.Store.State(z)
	if err != nil {
		return Zone{}, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	v, lives := s.View()
	if !lives { // deleted between the two reads
		return Zone{}, fail(CodeNotFound, textOf(z), "the zone was deleted")
	}
	right, err := c.rightTo(p, z, v.Owner)
	if err != nil {
		return Zone{}, err
	}
	return narrowed(p, Zone{View: v, Head: h, ETag: s.ETag(), Position: pos, Conflicts: h.Conflicts, Stamp: v.Meta[zone.MetaStamp], Right: right}), nil
}

// ExportZone writes the zone as a zone file and returns its ETag. The stamp of the file that it came from goes first,
// byte for byte.
func (c *Control) ExportZone(ctx context.Context, p acl.Principal, z zone.Name, w io.Writer) (etag string, err error) {
	shown, err := c.ShowZone(ctx, p, z)
	if err != nil {
		return "", err
	}
	if err := zone.Print(w, shown.View, shown.Stamp); err != nil {
		return "", fmt.Errorf("export zone %s: %w", textOf(z), err)
	}
	return shown.ETag, nil
}
