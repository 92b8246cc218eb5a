package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
)

// A step is one line of a scenario. Words in capitals stand for a name or a value; NAMES, ROLE and DATA take the rest of
// the line. "maybe" before an edit says that it may fail, and that nobody waits for it.

// verb is one kind of step.
type verb struct {
	words string
	do    func(*world, values) error
}

// values are what a step says for the capital words.
type values struct {
	world *world
	of    map[string]string
	maybe bool
}

func verbs() []verb {
	return []verb{
		{"nobody compares", func(w *world, _ values) error { w.uncompared = true; return nil }},
		{"servers NAMES", (*world).boots},
		{"wait TIME", func(w *world, v values) error { return v.lasting("TIME", w.wait) }},

		{"SERVER adds member MEMBER as ROLE", (*world).addsMember},
		{"SERVER removes member MEMBER", (*world).removesMember},
		{"SERVER synchronizes member MEMBER", atMember(synchronizes)},

		{"SERVER creates zone ZONE", edits((*act).create)},
		{"SERVER creates zone ZONE for OWNER", edits((*act).create)},
		{"SERVER creates N zones", (*world).createsMany},
		{"SERVER deletes zone ZONE", edits((*act).deleteZone)},
		{"SERVER restores zone ZONE", edits((*act).restore)},
		{"SERVER sets NAME TYPE DATA", edits((*act).set)},
		{"SERVER adds record NAME TYPE DATA", edits((*act).addRecord)},
		{"SERVER deletes record NAME TYPE", edits((*act).deleteRecord)},
		{"SERVER settles a conflict of ZONE", edits((*act).choose)},
		{"SERVER undoes its last change of ZONE", edits((*act).undo)},

		{"cut SERVER from MEMBER", (*world).cutsOneWay},
		{"cut SERVER and MEMBER", (*world).cutsBothWays},
		{"heal SERVER and MEMBER", (*world).heals},
		{"heal everything", (*world).healsAll},
		{"break SERVER and MEMBER", (*world).breaks},
		{"break SERVER to MEMBER at message N", (*world).breaksAt},
		{"slow SERVER to MEMBER by TIME", (*world).slows},
		{"SERVER is behind nat", (*world).hides},

		{"stop SERVER", on((*server).stop)},
		{"start SERVER", on((*server).start)},
		{"crash SERVER", on(func(s *server) error { return s.crash(false) })},
		{"crash SERVER silently", on(func(s *server) error { return s.crash(true) })},
		{"crash SERVER before sync N", onNumber(func(s *server, n int) error { return s.trapped(n, false) })},
		{"crash SERVER after sync N", onNumber(func(s *server, n int) error { return s.trapped(n, true) })},
		{"keep the disk of SERVER", on((*server).keep)},
		{"put back the disk of SERVER", on(func(s *server) error { return s.putBack(false) })},
		{"put back the disk of SERVER in another folder", on(func(s *server) error { return s.putBack(true) })},
		{"clone SERVER as CLONE", (*world).clones},
		{"SERVER is gone for good", (*world).leaves},
		{"clock of SERVER TIME", (*world).setsClock},
		{"record what SERVER sends", (*world).records},
		{"repeat it to SERVER", (*world).repeats},

		{"settle", func(w *world, _ values) error { return w.settle() }},
		{"SERVER serves nothing at NAME TYPE", (*world).servesNothing},
		{"SERVER serves NAME TYPE DATA", (*world).serves},
		{"SERVER lists N conflicts of ZONE", (*world).lists},
		{"SERVER reports KIND", (*world).reports},
		{"SERVER reports no KIND", (*world).reportsNo},
		{"SERVER forgets what is old", (*world).forgets},
	}
}

// do does one step.
func (w *world) do(line string) error {
	text, _, _ := strings.Cut(line, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	v := values{world: w, maybe: words[0] == "maybe"}
	if v.maybe {
		words = words[1:]
	}
	for _, verb := range verbs() {
		var ok bool
		if v.of, ok = match(strings.Fields(verb.words), words); ok {
			w.line = fmt.Sprintf("%s at %s", strings.TrimSpace(text), time.Since(w.began).Round(time.Millisecond))
			w.say("%s", strings.TrimSpace(text))
			err := verb.do(w, v)
			synctest.Wait()
			w.look()
			if v.maybe && err != nil {
				w.say("  no: %v", err)
				return nil
			}
			return err
		}
	}
	return fmt.Errorf("there is no step %q", strings.Join(words, " "))
}

// match fits words to those of a verb.
func match(pattern, words []string) (map[string]string, bool) {
	of := map[string]string{}
	for i, p := range pattern {
		switch isValue := strings.ToUpper(p) == p; {
		case i >= len(words), !isValue && words[i] != p:
			return nil, false
		case isValue && i == len(pattern)-1 && (p == "NAMES" || p == "ROLE" || p == "DATA"):
			of[p] = strings.Join(words[i:], " ")
			return of, true
		case isValue:
			of[p] = words[i]
		}
	}
	return of, len(words) == len(pattern)
}

func (v values) server(word string) (*server, error) { return v.world.server(v.of[word]) }

// pair reads SERVER and MEMBER.
func (v values) pair() (from, to *server, err error) {
	if from, err = v.server("SERVER"); err != nil {
		return nil, nil, err
	}
	to, err = v.server("MEMBER")
	return from, to, err
}

// control reads SERVER, which runs.
func (v values) control() (*server, *control.Control, error) {
	s, err := v.server("SERVER")
	if err != nil {
		return nil, nil, err
	}
	c, err := s.control()
	return s, c, err
}

func (v values) number() (int, error) {
	n, err := strconv.Atoi(v.of["N"])
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is no number of times", n)
	}
	return n, err
}

func (v values) lasting(word string, f func(time.Duration)) error {
	d, err := time.ParseDuration(v.of[word])
	if err == nil {
		f(d)
	}
	return err
}

func on(f func(*server) error) func(*world, values) error {
	return func(_ *world, v values) error {
		s, err := v.server("SERVER")
		if err != nil {
			return err
		}
		return f(s)
	}
}

func onNumber(f func(*server, int) error) func(*world, values) error {
	return func(_ *world, v values) error {
		s, err := v.server("SERVER")
		if err != nil {
			return err
		}
		n, err := v.number()
		if err != nil {
			return err
		}
		return f(s, n)
	}
}

func (w *world) boots(v values) error {
	for _, name := range strings.Fields(v.of["NAMES"]) {
		if err := w.boot(name); err != nil {
			return err
		}
	}
	return nil
}
