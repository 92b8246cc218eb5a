package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ImportRequest brings a zone file in. File wins over Text.
type ImportRequest struct {
	Zone     zone.Name // may be empty: the file says it
	File     *zone.File
	Text     string
	FileName string
	Modified zone.Millis // of the file; never taken later than now
	Owner    string      // of a zone that is new here
	IfMatch  string      // refuse unless the zone has this ETag
	DryRun   bool        // say what would change, commit nothing
	Reason   string
}

// ImportResult is what an import did, or with DryRun would do.
type ImportResult struct {
	Result
	Created     bool
	Differences []Difference
}

// ImportZone makes the zone's content that of the file. The base of a person's import is the current view: what the file
// lacks is deleted. Lint errors refuse it, warnings are returned. A file without a difference commits nothing.
func (c *Control) ImportZone(ctx context.Context, p acl.Principal, r ImportRequest) (ImportResult, error) {
	return ImportResult{}, errTodo
}
