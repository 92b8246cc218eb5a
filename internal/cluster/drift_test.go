package cluster

import "testing"

var (
	synchronizes = Resolve(Link{Role: Synchronize})
	takesAll     = Resolve(Link{Role: Synchronize, Zones: All})
	standsAlone  = Resolve(Link{Role: Standalone})
	onlyWrites   = Resolve(Link{Role: WriteOnly})
)

// both have the zone, and it differs; both changes have passed.
func both(change func(*Ends)) Ends {
	e := Ends{Here: true, There: true, Ours: Passed, Theirs: Passed}
	change(&e)
	return e
}

func TestDrift(t *testing.T) {
	lacksThere := both(func(e *Ends) { e.LacksThere = true })
	lacksHere := both(func(e *Ends) { e.LacksHere = true })
	apart := both(func(e *Ends) { e.LacksThere, e.LacksHere = true, true })
	split := both(func(*Ends) {})
	sameContent := both(func(e *Ends) { e.LacksHere, e.SameContent = true, true })
	onlyHere, onlyThere := Ends{Here: true, Ours: Passed}, Ends{There: true, Theirs: Passed}
	for name, c := range map[string]struct {
		policy Policy
		ends   Ends
		want   Drift
	}{
		"nothing differs":                                 {synchronizes, both(func(e *Ends) { e.SameState = true }), Drift{}},
		"synchronize, they lack ours":                     {synchronizes, lacksThere, Drift{Kind: BehindThere, Lost: true, Send: true}},
		"synchronize, we lack theirs":                     {synchronizes, lacksHere, Drift{Kind: BehindHere, Lost: true, Take: true}},
		"synchronize, each lacks some":                    {synchronizes, apart, Drift{Kind: Apart, Lost: true, Send: true, Take: true}},
		"synchronize, the same changes":                   {synchronizes, split, Drift{Kind: Damaged, Why: damagedWhy}},
		"standalone, the same changes":                    {standsAlone, split, Drift{Kind: Damaged, Why: damagedWhy}},
		"write-only, the same changes":                    {onlyWrites, split, Drift{Kind: Damaged, Why: damagedWhy}},
		"the same changes, and they serve the same":       {synchronizes, both(func(e *Ends) { e.SameContent = true }), Drift{Kind: Damaged, Why: hiddenWhy}},
		"a clone's change on its way there":               {synchronizes, both(func(e *Ends) { e.Ours = Waits }), Drift{Kind: OnItsWay}},
		"a clone's change on its way here":                {standsAlone, both(func(e *Ends) { e.Theirs = Waits }), Drift{Kind: OnItsWay}},
		"synchronize, acknowledged and not there":         {synchronizes, onlyHere, Drift{Kind: MissingThere, Lost: true, Send: true}},
		"synchronize, only there":                         {synchronizes, onlyThere, Drift{Kind: OnlyThere}},
		"synchronize with all zones, only there":          {takesAll, onlyThere, Drift{Kind: MissingHere, Lost: true, Take: true}},
		"standalone, they lack ours: nothing goes there":  {standsAlone, lacksThere, Drift{}},
		"standalone, we lack theirs":                      {standsAlone, lacksHere, Drift{Kind: BehindHere, Lost: true, Take: true}},
		"standalone, each lacks some":                     {standsAlone, apart, Drift{Kind: BehindHere, Lost: true, Take: true}},
		"standalone, only here: nothing goes there":       {standsAlone, onlyHere, Drift{}},
		"standalone, only there":                          {standsAlone, onlyThere, Drift{Kind: OnlyThere}},
		"write-only, they lack ours":                      {onlyWrites, lacksThere, Drift{Kind: BehindThere, Lost: true, Send: true}},
		"write-only, they have changes that are not read": {onlyWrites, sameContent, Drift{}},
		"write-only, they serve something else":           {onlyWrites, lacksHere, Drift{Kind: OtherContent, Send: true, Overwrite: true}},
		"write-only, acknowledged and not there":          {onlyWrites, onlyHere, Drift{Kind: MissingThere, Lost: true, Send: true}},
		"write-only, only there: it is not listed":        {onlyWrites, onlyThere, Drift{Kind: OnlyThere}},
		"on its way there":                                {synchronizes, both(func(e *Ends) { e.LacksThere, e.Ours = true, Waits }), Drift{Kind: OnItsWay}},
		"on its way here":                                 {synchronizes, both(func(e *Ends) { e.LacksHere, e.Theirs = true, Waits }), Drift{Kind: OnItsWay}},
		"on its way to a write-only member":               {onlyWrites, both(func(e *Ends) { e.LacksThere, e.Ours = true, Waits }), Drift{Kind: OnItsWay}},
		"a new zone on its way":                           {synchronizes, Ends{Here: true, Ours: Waits}, Drift{Kind: OnItsWay}},
		"a new zone on its way here":                      {takesAll, Ends{There: true, Theirs: Waits}, Drift{Kind: OnItsWay}},
		"refused there":                                   {synchronizes, both(func(e *Ends) { e.LacksThere, e.Ours = true, NotTaken }), Drift{Kind: Refused}},
		"refused here":                                    {synchronizes, both(func(e *Ends) { e.LacksHere, e.Theirs = true, NotTaken }), Drift{Kind: Refused}},
		"only here, since before the link":                {synchronizes, Ends{Here: true, Ours: BeforeLink}, Drift{Kind: OnlyHere}},
		"only there, since before a link that takes all":  {takesAll, Ends{There: true, Theirs: BeforeLink}, Drift{Kind: OnlyThere}},
		"they lack ours, and theirs is on its way":        {synchronizes, both(func(e *Ends) { e.LacksThere, e.LacksHere, e.Theirs = true, true, Waits }), Drift{Kind: OnItsWay}},
	} {
		if got := c.policy.Drift(c.ends); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestARepairFetchesOrDeletesNothingThatOneSideAloneHas(t *testing.T) {
	for _, role := range Roles() {
		for _, way := range []Passage{Passed, Waits, BeforeLink, NotTaken} {
			p := Resolve(Link{Role: role})
			if d := p.Drift(Ends{There: true, Theirs: way}); d.Take || d.Send || d.Kind.Counts() {
				t.Errorf("%s, only there, %s: %+v", role, way, d)
			}
			if d := p.Drift(Ends{Here: true, Ours: way}); d.Take || d.Overwrite || d.Send && way != Passed {
				t.Errorf("%s, only here, %s: %+v", role, way, d)
			}
		}
	}
}

func TestPoliciesOfDriftAreReadByName(t *testing.T) {
	for text, want := range map[string]DriftPolicy{"": DriftReport, "report": DriftReport, "heal": DriftHeal, "adopt": DriftAdopt} {
		if p, err := ParseDriftPolicy(text); p != want || err != nil {
			t.Errorf("%q: %s, %v", text, p, err)
		}
	}
	if _, err := ParseDriftPolicy("delete"); err == nil {
		t.Error("an unknown policy was taken")
	}
}
