package main

import (
	"testing"

	"github.com/zonefleet/zonefleet/internal/web"
)

// A page that is new is measured as it is, or fails here until something is known for the place in its path.
func TestEveryPageIsMeasured(t *testing.T) {
	w := world{"self", "up", "down", "middle", "zone", "raw", "2", "1", "conflict", "3", "4", "5", "token", "user", "template", "list"}
	asked := 0
	for _, r := range web.Routes() {
		if unasked(r) != "" {
			continue
		}
		list, err := w.addresses(r.Pattern)
		if err != nil {
			t.Error(err)
		}
		asked += len(list)
	}
	for pattern := range w.queries() {
		if !hasPage(pattern) {
			t.Errorf("queries are known for %s, which is no page", pattern)
		}
	}
	t.Logf("%d addresses", asked)
}

func hasPage(pattern string) bool {
	for _, r := range web.Routes() {
		if r.Pattern == pattern && unasked(r) == "" {
			return true
		}
	}
	return false
}
