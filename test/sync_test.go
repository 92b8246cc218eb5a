package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// WHM's four choices, with and without zones that are not here: what each would move, and that it moves that and nothing else.
func TestTheFourChoicesOfSynchronizing(t *testing.T) {
	here, there := two(t)
	here.has("ours.example", "newer.example")
	linkedBothWays(t, here, there)
	there.answers("www.ours.example", dns.TypeA, "192.0.2.1")
	there.answers("www.newer.example", dns.TypeA, "192.0.2.1")
	here.run("member", "remove", there.name)
	here.set("ours.example", "192.0.2.10")
	there.set("newer.example", "192.0.2.20")
	here.has("mine.example")
	there.has("theirs.example")
	link(t, here, there, "--role", "synchronize") // what differs since before stays as it is
	here.connected(there.name)

	for _, c := range []struct{ args, come, goes string }{
		{"zone newer.example --to here", "newer.example", ""},
		{"zone theirs.example --to here", "theirs.example", ""},
		{"zone ours.example --to here", "", ""},
		{"all --to here", "newer.example", ""},
		{"all --to here --others", "newer.example theirs.example", ""},
		{"zone ours.example --to everywhere", "", "ours.example"},
		{"zone newer.example --to everywhere", "newer.example", ""},
		{"all --to everywhere", "newer.example", "mine.example ours.example"},
		{"all --to everywhere --others", "newer.example theirs.example", "mine.example ours.example"},
	} {
		var job struct {
			Members []struct {
				Come, Go struct{ Zones []string }
			}
		}
		here.json(&job, append([]string{"sync"}, strings.Fields(c.args+" --dry-run")...)...)
		if len(job.Members) != 1 {
			t.Fatalf("%s: %+v", c.args, job)
		}
		come, goes := job.Members[0].Come.Zones, job.Members[0].Go.Zones
		slices.Sort(come)
		slices.Sort(goes)
		if strings.Join(come, " ") != c.come || strings.Join(goes, " ") != c.goes {
			t.Errorf("%s: %v come and %v go", c.args, come, goes)
		}
	}
	here.keepsAnswering("www.newer.example", "192.0.2.1") // nothing was done

	here.run("sync", "all", "--to", "here")
	here.answers("www.newer.example", dns.TypeA, "192.0.2.20")
	here.keepsNotHaving("theirs.example")
	there.keepsNotHaving("mine.example")
	here.run("sync", "zone", "mine.example", "--to", "everywhere")
	there.answers("www.mine.example", dns.TypeA, "192.0.2.1")
	there.keepsAnswering("www.ours.example", "192.0.2.1")
	here.run("sync", "all", "--to", "everywhere", "--others")
	here.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
	there.answers("www.ours.example", dns.TypeA, "192.0.2.10")
}
