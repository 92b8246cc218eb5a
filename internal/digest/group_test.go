package digest

import (
	"strings"
	"testing"
)

// A home or owner that is too long to travel stays equal to itself and different from others.
func TestALongHomeOrOwnerIsShortenedByAHash(t *testing.T) {
	home, owner := strings.Repeat("h", MaxHome), strings.Repeat("o", MaxOwner)
	if g := GroupOf(home, owner); g.Home != home || g.Owner != owner {
		t.Errorf("the longest are shortened: %d and %d octets", len(g.Home), len(g.Owner))
	}
	g, again, other := GroupOf(home+"h", owner+"o"), GroupOf(home+"h", owner+"o"), GroupOf(home+"i", owner+"p")
	if g != again || g.Home == other.Home || g.Owner == other.Owner {
		t.Errorf("%v, %v, %v", g, again, other)
	}
	if len(g.Home) > MaxHome || len(g.Owner) > MaxOwner {
		t.Errorf("shortened to %d and %d octets", len(g.Home), len(g.Owner))
	}
}
