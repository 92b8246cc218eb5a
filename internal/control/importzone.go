package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ImportRequest brings a zone file in. File wins over Text.
type ImportRequest struct {
	Zone     zone.Name // may be empty: the file says it
	File     *zone.File
	Text     string
	FileName string      // shown in the history; a zone that the text does not name is named by it
	Modified zone.Millis // of the file; never taken later than now
	Owner    string      // of a zone that is new here
	DryRun   bool        // say what would change, commit nothing
	Meant    bool        // a person was shown how many zones are imported, and confirmed it
	Reason   string
}

// ImportResult is what an import did, or with DryRun would do.
type ImportResult struct {
	Result
	Created     bool
	Differences []Difference
}

// ImportZone makes the zone's content that of the file. The base of a person's import is the current view: what the file
// lacks is deleted. Lint errors refuse it, warnings are returned. A file without a difference commits nothing; one that
// only has a higher serial passes it on.
func (c *Control) ImportZone(ctx context.Context, p acl.Principal, r ImportRequest) (ImportResult, error) {
	if err := allowed(p, acl.ReadZone); err != nil {
		return ImportResult{}, err // nobody's file is parsed
	}
	f, err := r.file()
	if err != nil {
		return ImportResult{}, err
	}
	owner := cmp.Or(r.Owner, p.Account())
	warnings, err := c.mayImport(ctx, p, f.Zone, owner)
	if err != nil {
		return ImportResult{}, err
	}
	var out ImportResult
	if r.Reason == "" && r.FileName != "" && printable(r.FileName) {
		r.Reason = "file " + r.FileName
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: f.Zone, kind: "import", reason: r.Reason, dry: r.DryRun, meant: r.Meant,
		build: func(s *zone.State) (change zone.Change, err error) {
			change, out.Created, err = c.importInto(p, s, f, r, owner)
			return change, err
		},
	})
	out.Result, out.Differences = w.Result, w.differences
	out.Warnings, out.Findings = warnings, f.Findings
	return out, err
}

// mayImport asks whether a zone may be written that is here, or made that is not. Where a new one is delegated to is looked up,
// in bounded time and few at once, so that an import of thousands goes on with warnings where no resolver answers.
func (c *Control) mayImport(ctx context.Context, p acl.Principal, z zone.Name, owner string) (warnings []string, err error) {
	h, err := c.Store.Head(z)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	case err == nil && h.Live && c.allowZone(p, acl.ReadZone, z) == nil:
		return nil, c.allowZone(p, acl.WriteZone, z)
	}
	if err := c.allowCreate(p, z, owner); err != nil {
		return nil, err
	}
	if warnings, err = c.mayCreate(ctx, p, z, owner); err != nil {
		return nil, err
	}
	elsewhere, err := c.checkImported(ctx, z)
	if elsewhere != "" {
		warnings = append(warnings, elsewhere)
	}
	return warnings, err
}

// file reads and lints what is imported.
func (r ImportRequest) file() (*zone.File, error) {
	if r.File == nil {
		return r.parse()
	}
	if r.Zone != "" && r.File.Zone != r.Zone {
		return nil, fail(CodeInvalid, textOf(r.Zone), "the file is of the zone %s", textOf(r.File.Zone))
	}
	_, err := lintChange(r.File.Zone, nil, r.File.RRsets) // its warnings are among its findings
	return r.File, err
}

// parse reads the text. Where neither the request nor the text names the zone, the name of its file does.
func (r ImportRequest) parse() (*zone.File, error) {
	name := path.Base(filepath.ToSlash(r.FileName))
	if r.Zone != "" || !fs.ValidPath(name) || name == "." {
		return parseZone(r.Text, r.Zone)
	}
	f, err := zone.ParseFile(oneFile{name: name, text: r.Text}, name, "")
	if err != nil {
		return nil, parseError(name, err)
	}
	return f, nil
}

// importInto makes the Change of an import into what is there.
func (c *Control) importInto(p acl.Principal, s *zone.State, f *zone.File, r ImportRequest, owner string) (zone.Change, bool, error) {
	at := c.fileTime(f, r.Modified)
	if _, lives := s.Life(); !lives {
		change := c.creation(p, s, f, owner)
		change.Time = at // of the content; the life's creation time is this node's clock
		return change, true, nil
	}
	change := s.Import(at, c.author(p), f.RRsets, s.CurrentBase())
	if f.Stamp != "" {
		change.Writes = append(change.Writes, s.SetMeta(zone.MetaStamp, f.Stamp)...)
	}
	if f.HasSerial && s.WishAllowed(f.Serial, c.Now()) {
		if base, ok := zone.BaseFor(f.Serial, s, 1); ok {
			change.Base = base
		}
	}
	return change, false, nil
}

// fileTime is the file's own time, never later than now: the panel's stamp, else a serial that reads as a date, else when
// the file was modified.
func (c *Control) fileTime(f *zone.File, modified zone.Millis) zone.Millis {
	now := c.Now()
	if t, ok := zone.StampTime(f.Stamp); ok {
		return min(t, now)
	}
	if t, ok := zone.SerialDate(f.Serial); ok && f.HasSerial {
		return min(t, now)
	}
	if modified > 0 {
		return min(modified, now)
	}
	return now
}
