package control

import (
	"context"
	"errors"
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
}

// ShowZone returns the view of a zone.
func (c *Control) ShowZone(ctx context.Context, p acl.Principal, z zone.Name) (Zone, error) {
	if err := c.allowZone(p, acl.ReadZone, z); err != nil {
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
	return Zone{View: v, Head: h, ETag: s.ETag(), Position: pos, Conflicts: h.Conflicts, Stamp: v.Meta[zone.MetaStamp]}, nil
}

// ShowHead returns what a list shows of a zone, also of a deleted one.
func (c *Control) ShowHead(ctx context.Context, p acl.Principal, z zone.Name) (store.Head, error) {
	if err := c.allowZone(p, acl.ReadZone, z); err != nil {
		return store.Head{}, err
	}
	h, err := c.Store.Head(z)
	if errors.Is(err, store.ErrNotFound) {
		return h, fail(CodeNotFound, textOf(z), "there is no such zone here")
	}
	return h, err
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

// CheckZone lints a zone as it is served.
func (c *Control) CheckZone(ctx context.Context, p acl.Principal, z zone.Name) ([]zone.Finding, error) {
	shown, err := c.ShowZone(ctx, p, z)
	if err != nil {
		return nil, err
	}
	return zone.Lint(z, shown.View.RRsets), nil
}

// CheckText reads and lints the text of a zone file, which changes nothing.
func (c *Control) CheckText(ctx context.Context, p acl.Principal, z zone.Name, text string) (*zone.File, error) {
	if err := allow(p, acl.ReadStatus, textOf(z), ""); err != nil {
		return nil, err
	}
	f, err := zone.ParseText(text, z)
	if err != nil {
		return nil, parseError(textOf(z), err)
	}
	return f, nil
}
