package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// OpKind says what an Op does.
type OpKind string

// Operations on a zone's RRsets.
const (
	OpSet    OpKind = "set"    // the RRset becomes exactly Data
	OpAdd    OpKind = "add"    // Data is added to the RRset: an addition, concurrent ones are served together
	OpDelete OpKind = "delete" // the records in Data go; with no Data the whole RRset, with no Type all at the owner
)

// Op is one step of an edit.
type Op struct {
	Kind  OpKind
	Owner zone.Name
	Type  zone.Type
	TTL   uint32
	// KeepTTL takes the TTL that the RRset has (the default for a new one) instead of TTL.
	KeepTTL bool
	Data    [][]byte
}

// EditRequest changes RRsets of a zone in one Change. With Text the whole content becomes that of the text instead of
// Ops, as after `zone edit`; then IfMatch is required. With Sets these RRsets become what is given, and one without data
// is deleted, also if it is not there.
type EditRequest struct {
	Zone    zone.Name
	IfMatch string // ETag the edit was made against; RRsets that changed since make it stale, others merge
	Ops     []Op
	Sets    []zone.RRset
	Text    string
	DryRun  bool
	Reason  string
}

// EditResult is what an edit did.
type EditResult struct {
	Result
	Differences []Difference
}

// The bounds of an edit.
const (
	maxOps        = 100_000
	maxWholeOwner = 1000 // from so many owner names on, the whole zone is loaded at once
)

// EditZone changes RRsets of a zone.
func (c *Control) EditZone(ctx context.Context, p acl.Principal, r EditRequest) (EditResult, error) {
	if err := c.allowRecords(p, acl.WriteZone, r.Zone); err != nil {
		return EditResult{}, err
	}
	if _, err := c.live(r.Zone); err != nil {
		return EditResult{}, err
	}
	var e edit
	var err error
	switch {
	case r.Text != "":
		if err := wholeZone(p, r.Zone); err != nil {
			return EditResult{}, err
		}
		e, err = c.textEdit(r)
	case len(r.Sets) > 0:
		e, err = setsEdit(r)
	default:
		e, err = opsEdit(r)
	}
	if err == nil {
		err = keysInScope(p, r.Zone, e.keys)
	}
	if err != nil {
		return EditResult{}, err
	}
	if r.IfMatch != "" && e.since == nil {
		if e.since, err = c.since(r.Zone, r.IfMatch); err != nil {
			return EditResult{}, err
		}
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: r.Zone, kind: "edit", reason: r.Reason, owners: e.owners, check: true, dry: r.DryRun,
		meant: r.IfMatch != "",
		build: func(s *zone.State) (zone.Change, error) { return c.buildEdit(p, s, e) },
	})
	w.Findings = append(e.findings, w.Findings...)
	return EditResult{Result: w.Result, Differences: w.differences}, err
}

// edit is an EditRequest made ready for the committer.
type edit struct {
	keys     []zone.Key                              // what it writes, owner and type
	owners   []zone.Name                             // what it reads, nil: all
	since    zone.Vector                             // what its author had seen; nil: what is there
	writes   func(*zone.State) ([]zone.Write, error) // against what is there
	findings []zone.Finding
}

func (c *Control) buildEdit(p acl.Principal, s *zone.State, e edit) (zone.Change, error) {
	if _, lives := s.Life(); !lives {
		return zone.Change{}, fail(CodeNotFound, textOf(s.Zone), "the zone was deleted")
	}
	if e.since != nil {
		if changed := s.ChangedSince(e.since, e.keys); len(changed) > 0 {
			return zone.Change{}, stale(s, changed)
		}
	}
	writes, err := e.writes(s)
	if err != nil || len(writes) == 0 {
		return zone.Change{}, err
	}
	return s.Change(c.Now(), c.author(p), writes...), nil
}

// since is the vector of the version with that ETag. The present one is known without the history.
func (c *Control) since(z zone.Name, etag string) (zone.Vector, error) {
	h, err := c.Store.Head(z)
	if err != nil {
		return nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	if h.ETag() == etag {
		return h.Vector, nil
	}
	_, saw, err := c.version(z, etag)
	return saw, err
}

// stale says which RRsets an edit would have overwritten, and what they are now.
func stale(s *zone.State, changed []zone.Key) error {
	lines := make([]string, 0, len(changed))
	seen := map[string]bool{}
	for _, k := range changed {
		line := fmt.Sprintf("%s %s is deleted now", k.Owner.Relative(s.Zone), k.Type)
		if set, ok := s.Served(k.Owner, k.Type); ok {
			line = fmt.Sprintf("%s %s is now %s", k.Owner.Relative(s.Zone), k.Type, describe(set))
		}
		if by, ok := lastWriter(s, k); ok {
			line += fmt.Sprintf(", written by %s", by)
		}
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	return fail(CodeStale, textOf(s.Zone), "%d of the RRsets to be written changed since the version that the edit was made against", len(lines)).
		hint("show the zone again and repeat the edit on what it says").details(lines)
}

// lastWriter is the author of the newest version of a key, in whatever life.
func lastWriter(s *zone.State, k zone.Key) (author string, ok bool) {
	life, ok := s.Life()
	if !ok {
		return "", false
	}
	versions := s.Keys[zone.Key{Life: life.Life, Owner: k.Owner, Type: k.Type}]
	if len(versions) == 0 {
		return "", false
	}
	return versions[len(versions)-1].Author, true
}

// describe is an RRset in one line, cut where it gets long.
func describe(set zone.RRset) string {
	const most = 5
	text := fmt.Sprintf("%d", set.TTL)
	for i, d := range set.Data {
		if i == most {
			return fmt.Sprintf("%s … (%d records)", text, len(set.Data))
		}
		text += " " + zone.DataString(set.Type, d)
	}
	return text
}

// textEdit makes an edit of the difference between the version that a person edited and the text that came of it.
func (c *Control) textEdit(r EditRequest) (edit, error) {
	if r.IfMatch == "" {
		return edit{}, fail(CodeInvalid, textOf(r.Zone), "an edited text needs the ETag of the version that was edited")
	}
	f, err := parseZone(r.Text, r.Zone)
	if err != nil {
		return edit{}, err
	}
	old, since, err := c.edited(r.Zone, r.IfMatch)
	if err != nil {
		return edit{}, err
	}
	sets := changedSets(old, f.RRsets)
	e := edit{since: since, findings: f.Findings}
	for _, set := range sets {
		e.keys = append(e.keys, zone.Key{Owner: set.Owner, Type: set.Type})
	}
	e.writes = func(s *zone.State) ([]zone.Write, error) { return s.Set(sets...), nil }
	return e, nil
}

// edited is the content and the vector of the version with that ETag.
func (c *Control) edited(z zone.Name, etag string) ([]zone.RRset, zone.Vector, error) {
	s, _, err := c.Store.State(z)
	if err != nil {
		return nil, nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	if s.ETag() != etag {
		var at store.Position
		if at, _, err = c.version(z, etag); err == nil {
			s, err = c.stateAt(z, at)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return contentOf(s), s.Vector, nil
}
