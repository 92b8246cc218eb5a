package control

import (
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// RecordRight says which records of a zone somebody may write: what saving refuses, a page need not offer, and a review
// says before. Its zero value may write none.
type RecordRight struct {
	who  acl.Principal
	zone acl.Object
}

// RightTo is what somebody may write in the zone that o is.
func RightTo(p acl.Principal, o acl.Object) RecordRight { return RecordRight{p, o} }

// Check refuses records of a type at a name, in the words in which saving them would.
func (r RecordRight) Check(owner zone.Name, t zone.Type) error {
	return denial(r.who, r.zone.Name, acl.AllowRecord(r.who, r.zone, owner, t))
}

// Allows reports whether Check refuses nothing.
func (r RecordRight) Allows(owner zone.Name, t zone.Type) bool { return r.Check(owner, t) == nil }

// Everything reports whether the right is for every record of the zone.
func (r RecordRight) Everything() bool {
	return r.who.Scope.IsZero() && r.Allows("", zone.TypeTXT)
}

// CheckAll refuses a whole list of RRsets when one of them is refused, and names all that are.
func (r RecordRight) CheckAll(keys []zone.Key) error {
	var first error
	var refused []string
	for _, k := range keys {
		if err := r.Check(k.Owner, k.Type); err != nil {
			if first == nil {
				first = err
			}
			refused = append(refused, k.Owner.Text()+" "+typeText(k.Type))
		}
	}
	if first == nil {
		return nil
	}
	slices.Sort(refused)
	refused = slices.Compact(refused)
	return fail(CodeDenied, r.zone.Name, "%s may not be changed: %v", refused[0], first).
		hint("nothing was changed; leave those records as they are").details(refused[:min(len(refused), maxOutside)])
}

// rightTo is what p may write in a zone that is here.
func (c *Control) rightTo(p acl.Principal, z zone.Name, owner string) (RecordRight, error) {
	o, err := c.object(textOf(z), owner)
	if err != nil {
		return RecordRight{}, fmt.Errorf("find who may write zone %s: %w", textOf(z), err)
	}
	return RightTo(p, o), nil
}
