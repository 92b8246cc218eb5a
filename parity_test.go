package zonefleet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// groups are the pages of WHM whose rules docs/whm-parity.md answers, one row for each rule.
func groups() []string {
	return []string{
		"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9",
		"2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15",
	}
}

// verdicts are what a row can say, and whether it has to name a test.
func verdicts() []verdict {
	return []verdict{{"same", true}, {"different", true}, {"not applicable", false}, {"not built", false}, {"not built yet", false}}
}

type verdict struct {
	word   string
	proved bool
}

// rule is a row: the group it is in, the verdict, and the tests that it names.
type rule struct {
	group, text, verdict string
	tests                []string
}

// rules reads the page. A row that is none of the kinds is a mistake, and left out.
func rules(t *testing.T, text string) (list []rule) {
	t.Helper()
	row := regexp.MustCompile(`^\| ([0-9.]+) \| ([^|]+) \| \*\*([a-z ]+)\*\*[^|]* \|(.*)\|$`)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`")
	heading := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if at, ok := strings.CutPrefix(line, "### "); ok {
			heading, _, _ = strings.Cut(at, " ")
		}
		if heading == "" || !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| §") || strings.HasPrefix(line, "|---") {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil || m[1] != heading {
			t.Errorf("below %s this is no row of group, rule, verdict and tests: %s", heading, line)
			continue
		}
		r := rule{group: m[1], text: m[2], verdict: m[3]}
		for _, name := range named.FindAllStringSubmatch(m[4], -1) {
			r.tests = append(r.tests, name[1])
		}
		list = append(list, r)
	}
	return list
}

// count is the sentence at the top of the page, so that nobody has to count what is missing.
func count(list []rule) string {
	var said, missing []string
	for _, v := range verdicts() {
		n := 0
		for _, r := range list {
			if r.verdict == v.word {
				n++
			}
		}
		said = append(said, fmt.Sprintf("%d %s", n, v.word))
	}
	for _, g := range groups() {
		n := 0
		for _, r := range list {
			if r.group == g && r.verdict == "not built yet" {
				n++
			}
		}
		if n > 0 {
			missing = append(missing, fmt.Sprintf("%s (%d)", g, n))
		}
	}
	sentence := fmt.Sprintf("%d rules: %s.", len(list), strings.Join(said, ", "))
	if len(missing) > 0 {
		sentence += " Not built yet, by group: " + strings.Join(missing, ", ") + "."
	}
	return sentence
}

func TestEveryRuleOfWHMIsAnswered(t *testing.T) {
	text, tests := page(t, "whm-parity.md"), testsOf(t)
	list := rules(t, text)
	for _, r := range list {
		at := slices.IndexFunc(verdicts(), func(v verdict) bool { return v.word == r.verdict })
		switch {
		case at < 0:
			t.Errorf("%s %q is %q, which is no verdict", r.group, r.text, r.verdict)
		case verdicts()[at].proved && len(r.tests) == 0:
			t.Errorf("%s %q is %s, and no test proves it", r.group, r.text, r.verdict)
		}
		for _, name := range r.tests {
			if !tests[name] {
				t.Errorf("%s %q names the test %s, which does not exist", r.group, r.text, name)
			}
		}
	}
	for _, g := range groups() {
		if !slices.ContainsFunc(list, func(r rule) bool { return r.group == g }) {
			t.Errorf("no row answers a rule of %s", g)
		}
	}
	if want := count(list); !strings.Contains(text, "\n"+want+"\n") {
		t.Errorf("the count at the top is not that of the rows: it should say\n%s", want)
	}
}
