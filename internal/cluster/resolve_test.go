package cluster

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// cells reads a table: one cell per line, fields separated by " | ".
func cells(t *testing.T, path string, fields int) (rows [][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, " | ")
		if len(row) != fields {
			t.Fatalf("%s: %q has %d fields, want %d", path, line, len(row), fields)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// roleChecks holds, for each row of the table and each role, what the cell promises.
var roleChecks = map[string]map[Role]func(t *testing.T, p, all, pure Policy){
	"our change": {
		Standalone:  func(t *testing.T, p, _, _ Policy) { want(t, "send", p.Send, SendNone) },
		Synchronize: func(t *testing.T, p, _, _ Policy) { want(t, "send", p.Send, SendJoin) },
		WriteOnly:   func(t *testing.T, p, _, _ Policy) { want(t, "send", p.Send, SendReplace) },
	},
	"the member's newer state of a zone that both have": {
		Standalone: func(t *testing.T, p, _, _ Policy) {
			want(t, "follow", p.Follow, true)
		},
		Synchronize: func(t *testing.T, p, _, _ Policy) {
			want(t, "follow", p.Follow, true)
		},
		WriteOnly: func(t *testing.T, p, _, _ Policy) {
			want(t, "follow", p.Follow, false)
		},
	},
	"zones only the member has": {
		Standalone: func(t *testing.T, p, all, _ Policy) {
			want(t, "take", p.TakeOthers, false)
			want(t, "take with zones all", all.TakeOthers, false)
			want(t, "pull others", p.FirstSync.PullOthers, false)
			want(t, "list", p.ListTheirs, false)
		},
		Synchronize: func(t *testing.T, p, all, _ Policy) {
			want(t, "pull others", p.FirstSync.PullOthers, true)
			want(t, "take later", p.TakeOthers, false)
			want(t, "take later with zones all", all.TakeOthers, true)
			want(t, "list", p.ListTheirs, true)
		},
		WriteOnly: func(t *testing.T, p, all, _ Policy) {
			want(t, "take with zones all", all.TakeOthers, false)
			want(t, "pull others", p.FirstSync.PullOthers, false)
			want(t, "list", p.ListTheirs, false)
		},
	},
	"does this zone exist in the cluster?": {
		Standalone: func(t *testing.T, p, _, _ Policy) { want(t, "ask", p.AskExists, false) },
		Synchronize: func(t *testing.T, p, _, _ Policy) {
			want(t, "ask", p.AskExists, true)
			by, warnings := MayCreate([]ExistsAnswer{{Member: "ns1"}, {Member: "ns2", Failure: "no answer"}})
			want(t, "held by", by, "")
			want(t, "warnings", len(warnings), 1)
			by, _ = MayCreate([]ExistsAnswer{{Member: "ns1", Failure: "no answer"}, {Member: "ns2", Exists: true}})
			want(t, "held by", by, "ns2")
		},
		WriteOnly: func(t *testing.T, p, _, _ Policy) { want(t, "ask", p.AskExists, false) },
	},
	"synchronize zones immediately on adding": {
		Standalone: func(t *testing.T, p, _, _ Policy) { want(t, "first", p.FirstSync, FirstSync{Pull: true}) },
		Synchronize: func(t *testing.T, p, _, _ Policy) {
			want(t, "first", p.FirstSync, FirstSync{Push: true, Pull: true, PullOthers: true})
		},
		WriteOnly: func(t *testing.T, p, _, _ Policy) {
			want(t, "first", p.FirstSync, FirstSync{Push: true, Overwrite: true})
		},
	},
	"not checked": {Standalone: notChecked, Synchronize: notChecked, WriteOnly: notChecked},
	"needs reverse trust": {
		Standalone: func(t *testing.T, p, _, _ Policy) { want(t, "needs", p.NeedsReverseTrust, false) },
		Synchronize: func(t *testing.T, p, _, pure Policy) {
			want(t, "needs", p.NeedsReverseTrust, true)
			want(t, "needs of a pure nameserver", pure.NeedsReverseTrust, false)
		},
		WriteOnly: func(t *testing.T, p, _, _ Policy) { want(t, "needs", p.NeedsReverseTrust, false) },
	},
}

// notChecked: a comparison reports what differs, and repairs only what changed since.
func notChecked(t *testing.T, p, _, _ Policy) {
	e := Ends{Here: true, There: true, LacksHere: true, LacksThere: true, Ours: BeforeLink, Theirs: BeforeLink}
	before := p.Drift(e)
	want(t, "reported", before.Kind.Counts(), true)
	want(t, "repaired", before.Send || before.Take || before.Lost, false)
	e.Ours, e.Theirs = Passed, Passed
	since := p.Drift(e)
	want(t, "reported when it changed since", since.Kind.Counts(), true)
	want(t, "repaired when it changed since", since.Send || since.Take, true)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestRoles(t *testing.T) {
	checked := map[string]bool{}
	for _, cell := range cells(t, "testdata/roles.txt", 3) {
		row, role := cell[0], Role(cell[1])
		check := roleChecks[row][role]
		if check == nil {
			t.Errorf("cell %q of %s has no check", row, role)
			continue
		}
		checked[row+"/"+string(role)] = true
		t.Run(row+"/"+string(role), func(t *testing.T) {
			check(t,
				Resolve(Link{Role: role}),
				Resolve(Link{Role: role, Zones: All}),
				Resolve(Link{Role: role, PureNameserver: true}))
		})
	}
	for row := range roleChecks {
		for _, role := range Roles() {
			if !checked[row+"/"+string(role)] {
				t.Errorf("the table has no cell %q of %s", row, role)
			}
		}
	}
}

// TestResolveIsTotal: only the named dimensions change a policy, and a role that nobody knows does nothing.
func TestResolveIsTotal(t *testing.T) {
	want(t, "unknown role", Resolve(Link{Role: "both", Zones: All}), Policy{})
	want(t, "no role", Resolve(Link{}), Policy{})
	for _, role := range Roles() {
		want(t, "zones common is the default", Resolve(Link{Role: role, Zones: Common}), Resolve(Link{Role: role}))
		if p := Resolve(Link{Role: role}); p.Send == SendNone && !p.Follow {
			t.Errorf("%s does nothing", role)
		}
	}
}

func TestUniqueClustering(t *testing.T) {
	roleOf := func(s string) Role {
		if s == "none" {
			return ""
		}
		return Role(s)
	}
	seen := map[string]bool{}
	for _, c := range cells(t, "testdata/resellers.txt", 5) {
		at := fmt.Sprintf("option %s/root %s/reseller %s", c[0], c[1], c[2])
		seen[at] = true
		t.Run(at, func(t *testing.T) {
			e := Unique(c[0] == "on", roleOf(c[1]), roleOf(c[2]))
			want(t, "role", e.Role, roleOf(c[3]))
			want(t, "own entry", e.Own, c[4] == "reseller")
			ignored := c[0] == "on" && c[2] != "none" && c[2] != c[3]
			want(t, "has a note", e.Note != "", ignored || c[0] == "on" && c[2] == "standalone" && c[4] == "root")
		})
	}
	roles := []string{"none", "standalone", "synchronize", "write-only"}
	for _, option := range []string{"off", "on"} {
		for _, root := range roles {
			for _, reseller := range roles {
				if at := fmt.Sprintf("option %s/root %s/reseller %s", option, root, reseller); !seen[at] {
					t.Errorf("the table has no cell %s", at)
				}
			}
		}
	}
}

func TestChoosableRoles(t *testing.T) {
	for root, roles := range map[Role]string{
		"":          "[standalone]",
		Standalone:  "[standalone synchronize write-only]",
		Synchronize: "[synchronize write-only]",
		WriteOnly:   "[synchronize write-only]",
	} {
		want(t, "root "+string(root), fmt.Sprint(Choosable(root)), roles)
	}
}

func TestRolesAndZonesAreReadByName(t *testing.T) {
	for _, r := range Roles() {
		got, err := ParseRole(string(r))
		want(t, "role", got, r)
		want(t, "error", err, nil)
	}
	for _, s := range []string{"", "Synchronize", "writeonly"} {
		if _, err := ParseRole(s); err == nil {
			t.Errorf("role %q was taken", s)
		}
	}
	for s, z := range map[string]Zones{"": Common, "common": Common, "all": All} {
		got, err := ParseZones(s)
		want(t, "zones", got, z)
		want(t, "error", err, nil)
	}
	if _, err := ParseZones("some"); err == nil {
		t.Error("zones \"some\" was taken")
	}
	want(t, "no owners means all", Scope{}.Includes("anna"), true)
	want(t, "owner in scope", Scope{Owners: []string{"anna"}}.Includes("anna"), true)
	want(t, "owner out of scope", Scope{Owners: []string{"anna"}}.Includes("bert"), false)
}
