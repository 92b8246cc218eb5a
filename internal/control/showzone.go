package control

import (
	"context"
	"io"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Zone is a zone as it is served.
type Zone struct {
	View      *zone.View
	ETag      string
	Position  store.Position
	Conflicts int
	Stamp     string // first line of the file it came from, if that was a panel's
}

// ShowZone returns the view of a zone.
func (c *Control) ShowZone(ctx context.Context, p acl.Principal, z zone.Name) (Zone, error) {
	return Zone{}, errTodo
}

// ExportZone writes the zone as a zone file and returns its ETag.
func (c *Control) ExportZone(ctx context.Context, p acl.Principal, z zone.Name, w io.Writer) (etag string, err error) {
	return "", errTodo
}
