package node

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// With the profile nameserver the public reaches the members' door and nothing else, not even that there is more; this
// machine reaches everything.
func TestTheProfileNameserverShowsThePublicMembersDoorAlone(t *testing.T) {
	n := newTestNode(t)
	doors := n.doors(t.Context())
	ask := func(path, from string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		doors.ServeHTTP(w, r)
		return w.Code
	}
	const public, here = "198.51.100.1:1", "127.0.0.1:1"
	for _, profile := range []config.Profile{config.ProfileStandard, config.ProfileNameserver} {
		n.live.Store(&config.Config{Profile: profile})
		hidden := profile == config.ProfileNameserver
		for _, path := range []string{"/", "/signin", "/assets/style.css", "/api/v1/zones", "/api/v1/openapi.json", "/metrics", "/healthz", "/readyz"} {
			outside, inside := ask(path, public), ask(path, here)
			if hidden && outside != http.StatusNotFound {
				t.Errorf("%s: the public is answered %d at %s", profile, outside, path)
			}
			if !hidden && outside == http.StatusNotFound && inside != http.StatusNotFound {
				t.Errorf("%s: the public does not reach %s", profile, path)
			}
			if path == "/" && inside != http.StatusUnauthorized {
				t.Errorf("%s: this machine is answered %d at %s", profile, inside, path)
			}
		}
		if door := wire.PathPrefix + "hello"; ask(door, public) == http.StatusNotFound || ask(door, public) != ask(door, here) {
			t.Errorf("%s: the members' door answers the public %d, this machine %d", profile, ask(door, public), ask(door, here))
		}
	}
}
