package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
)

// What a server calls itself stands in tables, logs and tokens of others: line ends, zero octets and escapes are no part of it,
// neither of a server that is added nor of one that asks for reverse trust.
func TestServersHaveNamesThatCanBePrinted(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	for _, bad := range []string{"", "ns1\r\n.test", "ns1\x00.test", "ns1\x1b[2J.test", strings.Repeat("x", 256)} {
		ns.Self.Name = bad
		r := synchronize(ns, ns.memberToken(t))
		r.Host = "ns1.test"
		_, err := web.AddMember(ctx(), root, r)
		if e := wantCode(t, err, control.CodeRefused); !strings.Contains(e.Error(), "no name that a server can have") {
			t.Errorf("%q: %v", bad, e)
		}
	}
	ns.Self.Name = "ns1.test"
	if len(web.members(t)) != 0 {
		t.Fatalf("added: %+v", web.members(t))
	}
	web.Self.Name = "web1\r\n.test"
	web.join(t, ns) // with reverse trust, which fails
	if m := web.members(t); len(m) != 1 || m[0].Reverse || len(ns.members(t)) != 0 {
		t.Errorf("trusted: %+v, %+v", m, ns.members(t))
	}
}
