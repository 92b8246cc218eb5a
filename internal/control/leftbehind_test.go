package control

import (
	"fmt"
	"slices"
	"testing"
)

// Whose zones have gone to a server only grows, and beyond a bound is everybody's.
func TestWhoseZonesHaveGoneToAServerIsBounded(t *testing.T) {
	var r sentRow
	if r.add(nil) || !r.add(sending{{Owners: []string{"bob", "alice"}}}) || r.add(sending{{Owners: []string{"alice"}}}) || r.add(nil) {
		t.Errorf("%+v: something else was new", r)
	}
	if !slices.Equal(r.Owners, []string{"alice", "bob"}) || r.All {
		t.Errorf("%+v", r)
	}
	many := make([]string, maxSentOwners)
	for i := range many {
		many[i] = fmt.Sprintf("user%05d", i)
	}
	if !r.add(sending{{Owners: many}}) || !r.All || r.Owners != nil || r.add(sending{{Owners: []string{"carol"}}}) {
		t.Errorf("beyond %d owners: all %t, %d owners", maxSentOwners, r.All, len(r.Owners))
	}
}

func TestWhoseZonesGoToAServerNoMore(t *testing.T) {
	some, all := sentRow{Owners: []string{"alice", "bob"}}, sentRow{All: true}
	for what, c := range map[string]struct {
		row    sentRow
		now    sending
		all    bool
		owners []string
	}{
		"nothing is sent, and of all was":   {all, nil, true, nil},
		"nothing is sent, and of some was":  {some, nil, false, []string{"alice", "bob"}},
		"one account has moved":             {some, sending{{Owners: []string{"bob"}}}, false, []string{"alice"}},
		"all go":                            {all, sending{{}}, false, nil},
		"all go, some over another link":    {all, sending{{Except: []string{"alice"}}, {Owners: []string{"alice"}}}, false, nil},
		"all but some, which no link takes": {all, sending{{Except: []string{"alice"}}}, false, []string{"alice"}},
		"of all only some are left":         {all, sending{{Owners: []string{"alice"}}}, true, nil},
	} {
		if every, owners := c.row.lost(c.now); every != c.all || !slices.Equal(owners, c.owners) {
			t.Errorf("%s: all %t, %v", what, every, owners)
		}
	}
}
