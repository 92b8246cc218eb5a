package control

import (
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// allowRecords is allowZone for what a token with a scope may do too: read and write records of its scope. What it
// reads goes through narrowed, what it writes through inScope. A zone that the scope cannot reach is none to it.
func (c *Control) allowRecords(p acl.Principal, v acl.Verb, z zone.Name) error {
	if !p.Scope.IsZero() && (z == "" || !p.Scope.Reaches(z)) {
		return allow(p, v, acl.Object{Name: textOf(z)}) // which denies everything to a token with a scope
	}
	p.Scope = acl.Scope{}
	if z == "" {
		return allowed(p, v)
	}
	return c.allowZone(p, v, z)
}

// narrowed leaves of a zone what a principal's scope covers.
func narrowed(p acl.Principal, z Zone) Zone {
	if p.Scope.IsZero() {
		return z
	}
	view := *z.View
	view.RRsets = slices.DeleteFunc(slices.Clone(view.RRsets), func(set zone.RRset) bool { return !p.Scope.Covers(set.Owner, set.Type) })
	view.Meta = nil
	z.View, z.Stamp, z.Conflicts, z.Head.Conflicts = &view, "", 0, 0
	return z
}

// maxOutside bounds the lines that say what is outside of a scope.
const maxOutside = 20

// wholeZone refuses a token with a scope an edit of the whole text: it has not seen the rest, and would delete it.
func wholeZone(p acl.Principal, z zone.Name) error {
	if p.Scope.IsZero() {
		return nil
	}
	return fail(CodeDenied, textOf(z), "the token is for %s: it may not replace the zone", p.Scope).
		hint("change its records one by one: PATCH /zones/%s", textOf(z))
}

// inScope refuses a whole change of which a part is outside of the scope of the token that makes it.
func inScope(p acl.Principal, change zone.Change) error {
	keys := make([]zone.Key, 0, len(change.Writes))
	for _, w := range change.Writes {
		if w.Key.Meta == "" {
			keys = append(keys, w.Key)
		}
	}
	return keysInScope(p, change.Zone, keys)
}

// keysInScope is inScope for what somebody asks to write, before anything is told of what is there.
func keysInScope(p acl.Principal, z zone.Name, keys []zone.Key) error {
	var outside []string
	for _, k := range keys {
		if !p.Scope.Covers(k.Owner, k.Type) {
			outside = append(outside, k.Owner.Text()+" "+typeText(k.Type))
		}
	}
	if len(outside) == 0 {
		return nil
	}
	slices.Sort(outside)
	outside = slices.Compact(outside)
	return fail(CodeDenied, textOf(z), "the token is for %s: it may not change %s", p.Scope, outside[0]).
		hint("nothing was changed; send only records that the token is for").details(outside[:min(len(outside), maxOutside)])
}

// typeText is a type for people; none means all that are at the name.
func typeText(t zone.Type) string {
	if t == 0 {
		return "every type"
	}
	return t.String()
}
