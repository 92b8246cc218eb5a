package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Review is what saving an edit would do now, and what stands in its way.
type Review struct {
	Zone    zone.Name
	Against string // ETag of the version that was edited
	ETag    string // of the version there is now: what is saved against it is what was reviewed
	Serial  uint32 // now
	Next    uint32 // after saving
	// Edited is what the author changed of the version that was edited.
	Edited []Difference
	// Differences is what saving would change of what is there now.
	Differences []Difference
	// Meanwhile is what others changed since the version that was edited, and Changes are the changes that did it, the
	// newest first and maxMeanwhile at most.
	Meanwhile []Difference
	Changes   []Change
	// Clashes are the RRsets that both changed, to something else. While there are some, saving is refused.
	Clashes []Clash
	// Findings are what the edit brings: errors refuse it. Those of a text have the number of the line.
	Findings []zone.Finding
	// RRsets is the whole content after saving; what others wrote stands in the place of clashes. Nil if a text cannot be
	// read.
	RRsets []zone.RRset
}

// Clash is an RRset that two have changed since the version that one of them edited. A nil side is none.
type Clash struct {
	Owner              zone.Name
	Type               zone.Type
	Base, Yours, Other *zone.RRset
	Author             string // of Other, empty if not known
	Time               zone.Millis
}

// maxMeanwhile is how many changes by others a person reads.
const maxMeanwhile = 20

// Saveable reports whether saving would be done.
func (r Review) Saveable() bool {
	return len(r.Clashes) == 0 && r.RRsets != nil && !slices.ContainsFunc(r.Findings, isError)
}

func isError(f zone.Finding) bool { return f.Severity == zone.Error }

// ReviewEdit says what an edit would do, without doing it: its difference, what others did meanwhile, which RRsets both
// changed, and what a check finds. Only what makes no sense at all, and what p may not write, is an error, as saving it would
// be; what is wrong with records is a finding. Of a token with a scope it tells what concerns that scope.
func (c *Control) ReviewEdit(ctx context.Context, p acl.Principal, r EditRequest) (Review, error) {
	if err := c.allowRecords(p, acl.WriteZone, r.Zone); err != nil {
		return Review{}, err
	}
	h, err := c.live(r.Zone)
	if err != nil {
		return Review{}, err
	}
	if err := askedInScope(p, r); err != nil {
		return Review{}, err
	}
	now, _, err := c.Store.State(r.Zone)
	if err != nil {
		return Review{}, fmt.Errorf("read zone %s: %w", textOf(r.Zone), err)
	}
	out := Review{Zone: r.Zone, Against: r.IfMatch, ETag: now.ETag(), Serial: now.Serial(), Next: now.Serial()}
	if r.IfMatch == "" {
		out.Against, r.IfMatch = out.ETag, out.ETag
	}
	base, err := c.base(p, now, r)
	if err != nil {
		return Review{}, err
	}
	wanted, findings, err := c.wanted(base, r)
	var wrong zone.ParseErrors
	if errors.As(err, &wrong) {
		out.Findings = wrong
		return out, nil
	}
	if err != nil {
		return Review{}, err
	}
	out.compare(base, now, wanted)
	if err := c.mayEdit(p, r.Zone, h.Owner, out.Edited); err != nil {
		return Review{}, err
	}
	out.Findings = append(findings, newFindings(r.Zone, contentOf(now), out.RRsets)...)
	if out.Changes, err = c.changesSince(ctx, p, r.Zone, r.IfMatch, out.ETag); err != nil {
		return Review{}, err
	}
	out.name(now)
	if len(out.Differences) > 0 {
		out.Next, err = c.nextSerial(p, now, out.Differences)
	}
	return out.narrowed(p.Scope), err
}

// askedInScope refuses what a token with a scope asks for outside of it, before anything is told of what is there.
func askedInScope(p acl.Principal, r EditRequest) error {
	if p.Scope.IsZero() {
		return nil
	}
	if r.Text != "" {
		return wholeZone(p, r.Zone)
	}
	var keys []zone.Key
	for _, set := range r.Sets {
		keys = append(keys, zone.Key{Owner: set.Owner, Type: set.Type})
	}
	for _, o := range r.Ops {
		keys = append(keys, zone.Key{Owner: o.Owner, Type: o.Type})
	}
	return keysInScope(p, r.Zone, keys)
}

// mayEdit asks of each RRset that an edit changes what saving asks.
func (c *Control) mayEdit(p acl.Principal, z zone.Name, owner string, edited []Difference) error {
	right, err := c.rightTo(p, z, owner)
	if err != nil {
		return err
	}
	keys := make([]zone.Key, 0, len(edited))
	for _, d := range edited {
		keys = append(keys, zone.Key{Owner: d.Owner, Type: d.Type})
	}
	return right.CheckAll(keys)
}

// narrowed leaves of a review what a scope covers. What the edit itself does is in it already.
func (r Review) narrowed(s acl.Scope) Review {
	if s.IsZero() {
		return r
	}
	r.Meanwhile = slices.DeleteFunc(r.Meanwhile, func(d Difference) bool { return !s.Covers(d.Owner, d.Type) })
	if r.RRsets != nil { // nil says that nothing could be read
		r.RRsets = slices.DeleteFunc(r.RRsets, func(set zone.RRset) bool { return !s.Covers(set.Owner, set.Type) })
	}
	return r
}

// base is the state that was edited.
func (c *Control) base(p acl.Principal, now *zone.State, r EditRequest) (*zone.State, error) {
	if r.IfMatch == now.ETag() {
		return now, nil
	}
	at, _, err := c.version(r.Zone, r.IfMatch)
	if err != nil {
		return nil, err
	}
	return c.shownAt(p, r.Zone, at)
}

// wanted is the RRsets that an edit writes, as they would be in the version that was edited.
func (c *Control) wanted(base *zone.State, r EditRequest) ([]zone.RRset, []zone.Finding, error) {
	switch {
	case r.Text != "":
		f, err := zone.ParseText(r.Text, r.Zone)
		if err != nil {
			return nil, nil, err
		}
		return changedSets(contentOf(base), f.RRsets), f.Findings, nil
	case len(r.Sets) > 0:
		_, err := setsEdit(r)
		return r.Sets, nil, err
	}
	if _, err := opsEdit(r); err != nil {
		return nil, nil, err
	}
	var sets []zone.RRset
	groups, order := group(base, r.Ops)
	for _, k := range order {
		have, served := base.Served(k.Owner, k.Type)
		set, _, err := groups[k].fold(have, served)
		if err != nil {
			return nil, nil, err
		}
		set.Owner, set.Type = k.Owner, k.Type
		sets = append(sets, set)
	}
	return sets, nil, nil
}

// changedSets is what an edit has to set so that one content becomes the other.
func changedSets(from, to []zone.RRset) []zone.RRset {
	var sets []zone.RRset
	for _, d := range zone.Diff(from, to) {
		set := zone.RRset{Owner: d.Owner, Type: d.Type}
		if d.After != nil {
			set = *d.After
		}
		sets = append(sets, set)
	}
	return sets
}

// compare fills in what both did. RRsets that only one changed are merged, and those that both changed alike.
func (r *Review) compare(base, now *zone.State, wanted []zone.RRset) {
	before, there := contentOf(base), contentOf(now)
	r.Edited = differences(before, overlay(before, wanted))
	r.Meanwhile = differences(before, there)
	theirs := map[zone.Key]Difference{}
	for _, d := range r.Meanwhile {
		theirs[zone.Key{Owner: d.Owner, Type: d.Type}] = d
	}
	var mine []zone.RRset
	for _, d := range r.Edited {
		other, both := theirs[zone.Key{Owner: d.Owner, Type: d.Type}]
		if both && (Difference{Before: d.After, After: other.After}).differs() {
			r.Clashes = append(r.Clashes, Clash{Owner: d.Owner, Type: d.Type, Base: d.Before, Yours: d.After, Other: other.After})
			continue
		}
		set := zone.RRset{Owner: d.Owner, Type: d.Type}
		if d.After != nil {
			set = *d.After
		}
		mine = append(mine, set)
	}
	r.RRsets = overlay(there, mine)
	r.Differences = differences(there, r.RRsets)
}

// name says who wrote what clashes.
func (r *Review) name(now *zone.State) {
	life, ok := now.Life()
	if !ok {
		return
	}
	for i, k := range r.Clashes {
		versions := now.Keys[zone.Key{Life: life.Life, Owner: k.Owner, Type: k.Type}]
		if len(versions) > 0 {
			last := versions[len(versions)-1]
			r.Clashes[i].Author, r.Clashes[i].Time = last.Author, last.Time
		}
	}
}

// overlay is a content in which some RRsets are others; one without data is none.
func overlay(content, sets []zone.RRset) []zone.RRset {
	at := map[zone.Key]*zone.RRset{}
	for i := range sets {
		at[zone.Key{Owner: sets[i].Owner, Type: sets[i].Type}] = &sets[i]
	}
	out := make([]zone.RRset, 0, len(content)+len(sets))
	for _, set := range content {
		if at[zone.Key{Owner: set.Owner, Type: set.Type}] == nil {
			out = append(out, set)
		}
	}
	for k, set := range at {
		if len(set.Data) > 0 {
			out = append(out, zone.NewRRset(k.Owner, k.Type, set.TTL, set.Data))
		}
	}
	slices.SortFunc(out, func(a, b zone.RRset) int {
		if d := a.Owner.Compare(b.Owner); d != 0 {
			return d
		}
		return int(a.Type) - int(b.Type)
	})
	return out
}

// newFindings is what a check finds in one content and did not in the other.
func newFindings(z zone.Name, before, after []zone.RRset) []zone.Finding {
	known := map[zone.Finding]bool{}
	for _, f := range zone.Lint(z, before) {
		known[f] = true
	}
	return slices.DeleteFunc(zone.Lint(z, after), func(f zone.Finding) bool { return known[f] })
}

// changesSince lists the changes after the one that made a version, the newest first.
func (c *Control) changesSince(ctx context.Context, p acl.Principal, z zone.Name, since, now string) ([]Change, error) {
	if since == now || !p.Scope.IsZero() { // whose token has a scope reads no history
		return nil, nil
	}
	list, err := c.History(ctx, p, z, 0, maxMeanwhile)
	for i, ch := range list {
		if ch.ETag == since {
			return list[:i], err
		}
	}
	return list, err
}

// nextSerial is the serial that the state would have with these differences.
func (c *Control) nextSerial(p acl.Principal, s *zone.State, list []Difference) (uint32, error) {
	sets := make([]zone.RRset, 0, len(list))
	for _, d := range list {
		set := zone.RRset{Owner: d.Owner, Type: d.Type}
		if d.After != nil {
			set = *d.After
		}
		sets = append(sets, set)
	}
	if _, _, err := s.Apply(c.Store.NodeID(), s.Change(c.Now(), c.author(p), s.Set(sets...)...)); err != nil {
		return 0, fail(CodeInvalid, textOf(s.Zone), "the change cannot be made: %v", err).because(err)
	}
	return s.Serial(), nil
}
