package deliver

import (
	"testing"

	"github.com/zonefleet/zonefleet/internal/store"
)

func TestWhereASessionBegins(t *testing.T) {
	known := saved{Instance: "a", Low: 50, Served: 40}
	for name, c := range map[string]struct {
		known     saved
		ok        bool
		instance  string
		at, start store.Position
		synced    store.Position
		want      store.Position
	}{
		"never seen: at its start":                            {saved{}, false, "a", Unstated, 30, 60, 30},
		"never seen, with a start that this node lost":        {saved{}, false, "a", Unstated, 90, 60, 60},
		"where it was served":                                 {known, true, "a", Unstated, 0, 60, 40},
		"where it says, if that is before":                    {known, true, "a", 10, 0, 60, 10},
		"not where it says, if that is beyond":                {known, true, "a", 55, 0, 60, 40},
		"never before its start":                              {known, true, "a", 10, 20, 60, 20},
		"another instance: at 0":                              {known, true, "b", Unstated, 0, 60, 0},
		"a cursor beyond the feed's end counts nothing: at 0": {saved{Instance: "a", Low: 70, Served: 70}, true, "a", Unstated, 0, 60, 0},
	} {
		if got := startingPoint(c.known, c.ok, c.instance, c.at, c.start, c.synced); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
