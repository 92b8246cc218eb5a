package sim

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var sabotaged = flag.Bool("sabotage", false, "build servers with one rule made wrong, and expect that the simulation finds it")

// sabotage is one rule made wrong, by another text in one place of the program.
type sabotage struct {
	name, file, text, instead string
	finds                     string // what must be said of it: a regular expression
}

// A check that cannot fail proves nothing: these are servers with one rule made wrong, and the scenarios or the first random
// runs must find each.
//
// Two guards of deliver's startingPoint cannot be found missing by it, because there is always another one:
//   - that another instance of a target begins at 0: a server of this release states besides up to where it has everything of
//     this node's feed, nothing if it does not know it, and the lesser of both counts. It is for those of v0.1, which do not.
//   - that a cursor beyond the feed's end counts nothing: it is written after the commit that it names, to the same log, and no
//     power failure leaves the later and not the earlier. It is for data that somebody has changed.
//
// The tests of deliver find both.
func sabotages() []sabotage {
	return []sabotage{
		{
			"a join keeps what the other side has replaced", "internal/zone/join.go",
			"if contains(theirs, v) || !j.theirs.Covers(v.Dot) ||", "if contains(theirs, v) || true ||",
			`hold different things|not in step`,
		},
		{
			"a join drops what was written at the same time", "internal/zone/join.go",
			"if contains(theirs, v) || !j.theirs.Covers(v.Dot) ||", "if contains(theirs, v) || len(theirs) == 0 && !j.theirs.Covers(v.Dot) ||",
			`lost: nobody that saw it replaced it`,
		},
		{
			"a delta is joined without what came before it", "internal/zone/join.go",
			"if !d.Whole && !s.Vector.Includes(d.Since) {", "if false {",
			`lost|hold different things|not in step`,
		},
		{
			"a leaf may change every zone", "internal/cluster/admit.go",
			"case g.Kind == Relay:", "case g.Kind == Relay, g.Kind == Leaf:",
			`foreign write|ns1 serves nothing`,
		},
		{
			"a server put back to an older copy gives its dots again", "internal/node/settle.go",
			"if err := s.node.store.FreshNodeID(); err != nil {", "if err := error(nil); err != nil {",
			`lost|hold different things`,
		},
		{
			"what a member states of itself is not heard", "internal/deliver/cursor.go",
			"max(min(start, known.Low), min(known.Low, known.Served, at))", "max(min(start, known.Low), min(known.Low, known.Served))",
			`serves|not in step`,
		},
		{
			"a first pass replaces a zone again and again", "internal/node/link.go",
			"l.overwriting.Load() && !again ||", "l.overwriting.Load() ||",
			`wrote in a quiet cluster`,
		},
	}
}

func TestTheSimulationFindsABrokenRule(t *testing.T) {
	for _, s := range sabotages() {
		t.Run(s.name, func(t *testing.T) {
			overlay := s.overlay(t)
			if !*sabotaged {
				return // the place to make wrong is still there; make sim-sabotage builds and runs it, which takes minutes
			}
			program := filepath.Join(t.TempDir(), "sim.test")
			if out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &lookout{until: regexp.MustCompile(`went wrong: .*(` + s.finds + `).*`), seen: cancel}
			cmd := exec.CommandContext(ctx, program, "-test.run", "^(TestScenarios|TestRandom)$", "-seeds", "100")
			cmd.Stderr = out
			if err := cmd.Run(); err == nil || out.found == "" {
				t.Fatalf("not found (%v):\n%s", err, out.text.String())
			}
			t.Log(out.found)
		})
	}
}

// lookout reads what a program says until it has said something.
type lookout struct {
	until *regexp.Regexp
	seen  func()
	text  bytes.Buffer
	found string
}

func (l *lookout) Write(b []byte) (int, error) {
	l.text.Write(b)
	if line := l.until.FindString(l.text.String()); line != "" && l.found == "" {
		l.found = line
		l.seen()
	}
	return len(b), nil
}

// overlay replaces one place of one file of the project, for the compiler alone.
func (s sabotage) overlay(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", s.file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), s.text) != 1 {
		t.Fatalf("%s does not have %q once", s.file, s.text)
	}
	dir := t.TempDir()
	broken, list := filepath.Join(dir, "broken.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(text), s.text, s.instead, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, path, broken), 0o600); err != nil {
		t.Fatal(err)
	}
	return list
}
