package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

var (
	seeds = flag.Int("seeds", 24, "how many random runs")
	first = flag.Uint64("seed", 1, "the seed of the first of them")
)

// Random runs: a cluster of random shape, roles and faults, drawn from a seed. A run that goes wrong prints its steps, to be
// saved under testdata.
func TestRandom(t *testing.T) {
	p := newProgress(os.Stderr, *seeds)
	for i := range *seeds {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			lines := invent(seed)
			wrong, protocol := run(t, seed, lines, serverLogs())
			p.ended(seed, wrong)
			if testing.Verbose() {
				t.Log("in the run\n" + strings.Join(protocol, "\n"))
			}
			if len(wrong) > 0 {
				t.Errorf("seed %d:\n%s\n\nthe scenario\n%s\nin the run\n%s", seed,
					strings.Join(wrong, "\n"), strings.Join(lines, "\n"), strings.Join(protocol, "\n"))
			}
		})
	}
}

// inventor makes up a scenario.
type inventor struct {
	rng     *rand.Rand
	names   []string
	linked  map[[2]string]string // how each link was added
	down    map[string]bool      // as far as is known: a trap may have sprung
	leaves  map[string]bool
	kept    map[string]bool // a copy was made of its disk
	lines   []string
	written int
}

// invent makes the scenario of a seed.
func invent(seed uint64) []string {
	in := &inventor{rng: rand.New(rand.NewPCG(seed, 0)), linked: map[[2]string]string{}, down: map[string]bool{}, leaves: map[string]bool{}, kept: map[string]bool{}}
	in.cluster()
	for range 30 + in.rng.IntN(40) {
		in.step()
	}
	in.line("settle")
	return in.lines
}

func (in *inventor) line(format string, args ...any) {
	in.lines = append(in.lines, fmt.Sprintf(format, args...))
}

func oneOf[T any](in *inventor, list ...T) T { return list[in.rng.IntN(len(list))] }

func (in *inventor) chance(percent int) bool { return in.rng.IntN(100) < percent }

// shapes are clusters, as links from a holder to a member.
func shapes() [][][2]string {
	return [][][2]string{
		{{"web1", "ns1"}}, // direct
		{{"web1", "ns1"}, {"web1", "ns2"}},
		{{"web1", "ns1"}, {"web2", "ns1"}},
		{{"web1", "ns1"}, {"ns1", "ns2"}},                                    // via a primary, a chain
		{{"web1", "ns1"}, {"web2", "ns1"}, {"ns1", "ns2"}},                   // two behind a primary
		{{"web1", "ns1"}, {"ns1", "ns2"}, {"ns2", "ns3"}},                    // a longer chain
		{{"web1", "ns1"}, {"ns1", "ns2"}, {"ns2", "web1"}},                   // a loop
		{{"web1", "ns1"}, {"web1", "ns2"}, {"ns1", "ns2"}, {"ns2", "ns1"}},   // each other
		{{"web1", "ns1"}, {"web1", "ns2"}, {"web2", "ns1"}, {"web2", "ns2"}}, // many to many
	}
}

// cluster adds the servers and links.
func (in *inventor) cluster() {
	links := oneOf(in, shapes()...)
	dialled := map[string]bool{}
	for _, l := range links {
		for _, name := range l {
			if !contains(in.names, name) {
				in.names = append(in.names, name)
			}
		}
		dialled[l[1]] = true
	}
	for _, name := range in.names {
		in.leaves[name] = !dialled[name] && in.chance(30)
	}
	if in.chance(50) {
		in.line("nobody compares")
	}
	in.line("servers %s", strings.Join(in.names, " "))
	for _, name := range in.names {
		if !dialled[name] && in.chance(25) {
			in.line("%s is behind nat", name)
		}
		if in.chance(15) {
			in.line("clock of %s %s", name, oneOf(in, "8760h", "-8760h", "3s", "-1h"))
		}
	}
	many := in.chance(25)
	if many {
		in.line("%s creates %d zones", links[0][0], 6+in.rng.IntN(10))
	}
	one := oneOf(in, "synchronize", "synchronize", "write-only", "standalone", "")
	for _, l := range links {
		if in.chance(30) {
			in.line("slow %s to %s by %dms", l[0], l[1], 1+in.rng.IntN(400))
		}
		role := one
		if role == "" {
			role = oneOf(in, "synchronize", "synchronize", "standalone", "write-only")
		}
		in.linked[l] = fmt.Sprintf("%s adds member %s as %s%s", l[0], l[1], role, in.manner(role, l[0], many))
		in.line("%s", in.linked[l])
	}
	for _, z := range zones {
		if in.chance(70) {
			in.line("maybe %s creates zone %s", in.server(), z)
		}
	}
	in.line("wait 1s")
}

var zones = []string{"shop.test", "blog.test", "mail.test"}

// manner is how a member is added.
func (in *inventor) manner(role, holder string, many bool) (words string) {
	if in.chance(40) {
		words += ", all zones"
	}
	if in.leaves[holder] {
		words += ", leaf"
	}
	if role == "synchronize" && in.chance(20) {
		words += ", with reverse trust"
	}
	if !many && in.chance(10) {
		words += ", unsynchronized" // nothing was there before
	}
	return words
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (in *inventor) server() string { return oneOf(in, in.names...) }

func (in *inventor) two() (string, string) {
	var links [][2]string
	for _, a := range in.names {
		for _, b := range in.names {
			if in.linked[[2]string{a, b}] != "" {
				links = append(links, [2]string{a, b}, [2]string{b, a})
			}
		}
	}
	l := oneOf(in, links...)
	return l[0], l[1]
}

func (in *inventor) zone() string { return oneOf(in, zones...) }

// step adds one step and a pause after it.
func (in *inventor) step() {
	if in.chance(60) {
		in.edit()
	} else {
		in.fault()
	}
	switch in.rng.IntN(6) {
	case 0:
	case 1, 2:
		in.line("wait %dms", 1+in.rng.IntN(50))
	case 3, 4:
		in.line("wait %dms", 50+in.rng.IntN(3000))
	case 5:
		in.line("wait %ds", 1+in.rng.IntN(90))
	}
}

func (in *inventor) edit() {
	in.written++
	s, z := in.server(), in.zone()
	for try := 0; in.down[s] && try < 5; try++ {
		s = in.server()
	}
	owner := oneOf(in, "www", "api", "mail") + "." + z
	switch in.rng.IntN(16) {
	case 0:
		in.line("maybe %s creates zone %s", s, z)
	case 1, 2, 3, 4, 5, 6:
		in.line("maybe %s sets %s A 192.0.2.%d", s, owner, in.written)
	case 7, 8, 9:
		in.line("maybe %s adds record %s TXT t%d", s, owner, in.written)
	case 10:
		in.line("maybe %s sets %s CNAME c%d.example.", s, owner, in.written)
	case 11, 12:
		in.line("maybe %s deletes record %s %s", s, owner, oneOf(in, "A", "TXT", "CNAME"))
	case 13:
		in.line("maybe %s deletes zone %s", s, z)
		if in.chance(60) {
			in.line("maybe %s %s zone %s", in.server(), oneOf(in, "creates", "restores"), z)
		}
	case 14:
		in.line("maybe %s settles a conflict of %s", s, z)
	case 15:
		in.line("maybe %s undoes its last change of %s", s, z)
	}
}

func (in *inventor) fault() {
	switch in.rng.IntN(22) {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8:
		in.networkFault()
	case 9:
		s := in.server()
		in.line("clock of %s %s", s, oneOf(in, "8760h", "-8760h", "0s", "10s", "-2h"))
	case 10:
		in.line("maybe record what %s sends", in.server())
	case 11:
		in.line("maybe repeat it to %s", in.server())
	case 12:
		in.line("maybe %s forgets what is old", in.server())
	case 13:
		in.memberFault()
	default:
		in.powerFault()
	}
}

func (in *inventor) networkFault() {
	a, b := in.two()
	switch in.rng.IntN(9) {
	case 0, 1:
		in.line("cut %s and %s", a, b)
	case 2:
		in.line("cut %s from %s", a, b)
	case 3, 4:
		in.line("heal %s and %s", a, b)
	case 5:
		in.line("heal everything")
	case 6:
		in.line("break %s and %s", a, b)
	case 7:
		in.line("break %s to %s at message %d", a, b, 1+in.rng.IntN(6))
	case 8:
		in.line("slow %s to %s by %dms", a, b, 1+in.rng.IntN(2000))
	}
}

// memberFault removes a member, and mostly adds it again after a while, synchronized. A reverse trust may be left behind, which
// calls in vain from then on: a person has to remove it.
func (in *inventor) memberFault() {
	holder, member := in.two()
	if in.linked[[2]string{holder, member}] == "" {
		holder, member = member, holder
	}
	added := in.linked[[2]string{holder, member}]
	if strings.Contains(added, "reverse trust") {
		return
	}
	in.kept[holder], in.kept[member] = false, false // an older disk would know another token, or none
	in.line("maybe %s removes member %s", holder, member)
	if in.chance(80) {
		in.line("wait %dms", in.rng.IntN(20_000))
		in.line("maybe %s", strings.TrimSuffix(added, ", unsynchronized"))
	}
}

func (in *inventor) powerFault() {
	s := in.server()
	switch in.rng.IntN(10) {
	case 0:
		in.line("maybe crash %s%s", s, oneOf(in, "", " silently"))
		in.down[s] = true
	case 1, 2, 3:
		in.line("maybe crash %s %s sync %d", s, oneOf(in, "before", "after"), 1+in.rng.IntN(8))
	case 4:
		in.line("maybe stop %s", s)
		in.down[s] = true
	case 5, 6:
		in.line("maybe keep the disk of %s", s)
		in.kept[s] = true
	case 7:
		if in.kept[s] {
			in.line("maybe put back the disk of %s%s", s, oneOf(in, "", "", " in another folder"))
			in.down[s] = true
		}
	default:
		in.line("maybe start %s", s)
		in.down[s] = false
	}
	if in.down[s] && in.chance(50) {
		in.line("wait %dms", in.rng.IntN(5000))
		in.line("maybe start %s", s)
		in.down[s] = false
	}
}
