package cluster

import (
	"errors"
	"strings"
	"testing"
)

func member(change func(*Member)) Member {
	m := Member{User: Root, Host: "ns1.example", Port: 2087, Backend: "zonefleet", Role: Synchronize}
	if change != nil {
		change(&m)
	}
	return m
}

func TestMemberIsValidated(t *testing.T) {
	for _, good := range []Member{
		member(nil),
		member(func(m *Member) { m.Host = "192.0.2.7" }),
		member(func(m *Member) { m.Host = "2001:db8::1" }),
		member(func(m *Member) { m.Zones = All }),
	} {
		want(t, good.Host, good.Validate(), nil)
	}
	for reason, bad := range map[string]Member{
		"acting user":   member(func(m *Member) { m.User = "" }),
		"needs a host":  member(func(m *Member) { m.Host = "" }),
		"not a name":    member(func(m *Member) { m.Host = "ns1 example" }),
		"\"NS1\"":       member(func(m *Member) { m.Host = "NS1" }),
		"\"a/b\"":       member(func(m *Member) { m.Host = "a/b" }),
		"\"-x\"":        member(func(m *Member) { m.Host = "-x" }),
		"port 0":        member(func(m *Member) { m.Port = 0 }),
		"port 65536":    member(func(m *Member) { m.Port = 65536 }),
		"backend":       member(func(m *Member) { m.Backend = "" }),
		"line break":    member(func(m *Member) { m.Username = "root\r\nX: y" }),
		"role \"both\"": member(func(m *Member) { m.Role = "both" }),
		"zones \"few\"": member(func(m *Member) { m.Zones = "few" }),
	} {
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("want %q, got %v", reason, err)
		}
	}
}

func TestHostsAreCompared(t *testing.T) {
	for in, out := range map[string]string{" NS1.Example. ": "ns1.example", "[2001:DB8::1]": "2001:db8::1", "192.0.2.7": "192.0.2.7"} {
		want(t, in, NormalizeHost(in), out)
	}
}

func TestCheckNew(t *testing.T) {
	self := Self{Name: "Web1.example", Fingerprint: "key-1", Addresses: []string{"192.0.2.1:2087", "[::1]:2087"}}
	table := []Member{
		member(func(m *Member) { m.Fingerprint = "key-9" }),
		member(func(m *Member) { m.User = "rita"; m.Host = "ns3.example" }),
	}
	ns2 := func(m *Member) { m.Host = "ns2.example" }
	for _, c := range []struct {
		name string
		m    Member
		seen Seen
		want error
	}{
		{"another server", member(ns2), Seen{Fingerprint: "key-2", Addresses: []string{"192.0.2.2:2087"}}, nil},
		{"its own name", member(func(m *Member) { m.Host = "web1.example" }), Seen{}, ErrSelf},
		{"its own name on another port", member(func(m *Member) { m.Host, m.Port = "web1.example", 2188 }), Seen{}, nil},
		{"its own address under another name", member(ns2), Seen{Addresses: []string{"192.0.2.9:2087", "192.0.2.1:2087"}}, ErrSelf},
		{"its own key through another address", member(ns2), Seen{Fingerprint: "key-1"}, ErrSelf},
		{"a member already", member(nil), Seen{}, ErrAlreadyMember},
		{"a member already under another name", member(ns2), Seen{Fingerprint: "key-9"}, ErrAlreadyMember},
		{"a member of another user", member(func(m *Member) { m.Host = "ns3.example" }), Seen{Fingerprint: "key-3"}, nil},
		{"another server at the same host", member(func(m *Member) { m.Port = 2188 }), Seen{Fingerprint: "key-4"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckNew(c.m, self, table, c.seen); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestOverall(t *testing.T) {
	up := MemberFact{Host: "ns1", State: Active, Connected: true}
	for _, c := range []struct {
		name     string
		facts    Facts
		code     int
		sentence string
	}{
		{"no members", Facts{}, InStep, "no other servers yet: what is changed here stays here"},
		{"one in step", Facts{Members: []MemberFact{up}}, InStep, "in step: 1 member up to date"},
		{"clustering off", Facts{Off: true, Members: []MemberFact{{Host: "ns2"}}}, InStep, "clustering is off here"},
		{"one behind", Facts{Members: []MemberFact{up, {Host: "ns2", Connected: true, Waiting: 5}}}, CatchingUp, "catching up: ns2 waits for 5 changes"},
		{"one down", Facts{Members: []MemberFact{{Host: "ns2", LastError: "no answer", Waiting: 1}}}, CatchingUp, "catching up: ns2 does not answer (no answer), 1 change waiting"},
		{"not served here yet", Facts{Waiting: 2}, CatchingUp, "catching up: 2 changes not served here yet"},
		{"disabled by failures", Facts{Members: []MemberFact{{Host: "ns2", State: DisabledFailures, LastError: "no answer"}}}, MustAct, "someone must act: ns2 is disabled after failures (no answer)"},
		{"disabled by hand", Facts{Members: []MemberFact{{Host: "ns2", State: DisabledByHand}}}, MustAct, "someone must act: ns2 is disabled by hand"},
		{"replaced", Facts{Members: []MemberFact{{Host: "ns2", LastError: "refused: " + ReplacedReason("ns2", "KEY")}}}, MustAct, "someone must act: ns2 says: " + ReplacedReason("ns2", "KEY")},
		{"refused", Facts{Members: []MemberFact{{Host: "ns2", Connected: true, Refused: 2, Refusal: "a.test: no"}}}, MustAct, "someone must act: ns2 refuses 2 zones (a.test: no)"},
		{"conflicts, holds and alarms", Facts{Conflicts: 1, Held: 3, Alarms: []string{"clock skew with ns2"}, Waiting: 9}, MustAct, "someone must act: 1 zone with conflicts, 3 changes held (change held), clock skew with ns2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, "overall", Judge(c.facts), Overall{c.code, c.sentence})
		})
	}
}
