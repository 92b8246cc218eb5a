package test

import (
	"strings"
	"testing"
)

// adds makes to a member of from and returns what the command says.
func adds(t *testing.T, from, to *server, role string) string {
	t.Helper()
	var token struct {
		Token string `json:"token"`
	}
	to.json(&token, "token", "create", "--kind", "relay", "--name", strings.ReplaceAll(from.name, ".", "-"))
	return from.run("member", "add", to.https, "--api-token", token.Token, "--role", role)
}

func TestALinkThatClosesACircleWithAWriteOnlyLinkIsWarnedOf(t *testing.T) {
	a, b, c := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test"), startServer(t, "c.zonefleet.test")
	for _, open := range []string{adds(t, a, b, "write-only"), adds(t, b, c, "synchronize")} {
		if strings.Contains(open, "circle") {
			t.Errorf("a circle is seen where there is none:\n%s", open)
		}
	}
	out := adds(t, c, a, "synchronize")
	if !strings.Contains(out, "closes a circle") || !strings.Contains(out, a.name) || !strings.Contains(out, b.name) {
		t.Errorf("the circle is not named:\n%s", out)
	}
}

func TestTwoWriteOnlyWritersOfOneServerAreWarnedOf(t *testing.T) {
	a, b, ns := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	adds(t, a, ns, "write-only")
	settled(t, a)
	if out := adds(t, b, ns, "write-only"); !strings.Contains(out, "also writes to "+ns.name) || !strings.Contains(out, a.name) {
		t.Errorf("the other writer is not named:\n%s", out)
	}
}
