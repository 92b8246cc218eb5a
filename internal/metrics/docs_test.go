package metrics

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	rulesFile     = "../../contrib/prometheus/zonefleet.rules.yml"
	rulesTests    = "../../contrib/prometheus/zonefleet.rules.test.yml"
	dashboardFile = "../../contrib/grafana/zonefleet.json"
)

// series are the labels of every series that a server has, by its name. What others add to sources is in here too: a nil
// source would have no series.
func series(t *testing.T) map[string][]string {
	t.Helper()
	m := New("v1", everySource())
	m.Propagated("ns1", time.Second)
	m.Synced(time.Second)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		out[f.GetName()] = labels
		if f.GetType().String() == "HISTOGRAM" {
			out[f.GetName()+"_bucket"] = append(slices.Clone(labels), "le")
			out[f.GetName()+"_sum"], out[f.GetName()+"_count"] = labels, labels
		}
	}
	return out
}

// The table of the documentation has every series with its labels, and no other.
func TestTheDocumentationListsEverySeries(t *testing.T) {
	text, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	have := series(t)
	for _, row := range regexp.MustCompile("(?m)^\\| `(zonefleet_[a-z_]+)(?:\\{([a-z, ]+)\\})?` \\|").FindAllStringSubmatch(string(text), -1) {
		name, labels := row[1], strings.FieldsFunc(row[2], func(r rune) bool { return r == ',' || r == ' ' })
		listed[name] = true
		want, ok := have[name]
		if !ok {
			t.Errorf("the documentation lists %s, which no server has", name)
		} else if slices.Sort(labels); !slices.Equal(labels, want) {
			t.Errorf("%s has the labels %v, the documentation says %v", name, want, labels)
		}
	}
	for name := range have {
		of := regexp.MustCompile("_(bucket|sum|count)$").ReplaceAllString(name, "")
		if _, histogram := have[of+"_bucket"]; !histogram {
			of = name
		}
		if strings.HasPrefix(name, "zonefleet_") && !listed[of] {
			t.Errorf("the documentation does not list %s", name)
		}
	}
}

// checkExpression fails for every series, or label in a selector, that no server has.
func checkExpression(t *testing.T, expression string, have map[string][]string) {
	t.Helper()
	ofScrape := []string{"job", "instance"} // added by Prometheus
	found := 0
	selectors := regexp.MustCompile(`\b((?:zonefleet|process|go)_[a-z_]+|up\b)(?:\{([^}]*)\})?`)
	for _, s := range selectors.FindAllStringSubmatch(expression, -1) {
		found++
		labels, ok := have[s[1]]
		if !ok && s[1] != "up" {
			t.Errorf("%s: there is no series %s", expression, s[1])
			continue
		}
		for _, matcher := range regexp.MustCompile(`([a-z_]+)\s*(?:=~|!=|!~|=)`).FindAllStringSubmatch(s[2], -1) {
			if !slices.Contains(labels, matcher[1]) && !slices.Contains(ofScrape, matcher[1]) {
				t.Errorf("%s: %s has no label %s", expression, s[1], matcher[1])
			}
		}
	}
	if found == 0 {
		t.Errorf("%s: no series is in it", expression)
	}
}

func TestTheAlertsAskForSeriesThatExist(t *testing.T) {
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	have := series(t)
	expressions := regexp.MustCompile(`(?m)^\s+expr: (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(expressions) < 10 || len(expressions) != strings.Count(string(text), "- alert: ") {
		t.Fatalf("%d expressions", len(expressions))
	}
	for _, e := range expressions {
		checkExpression(t, e[1], have)
	}
	promtool(t, "check", "rules", rulesFile)
	promtool(t, "test", "rules", rulesTests)
}

func TestTheDashboardShowsSeriesThatExist(t *testing.T) {
	b, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &dashboard); err != nil {
		t.Fatal(err)
	}
	have := series(t)
	ids := map[int]bool{}
	var rules strings.Builder
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for _, p := range dashboard.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q: its number is not its own, or it is too wide", p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			checkExpression(t, target.Expr, have)
			plain := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*", "$job", "zonefleet").Replace(target.Expr)
			quoted, _ := json.Marshal(plain) // is YAML too
			rules.WriteString("  - {record: \"r\", expr: " + string(quoted) + "}\n")
		}
	}
	if len(ids) < 15 {
		t.Errorf("%d panels", len(ids))
	}
	path := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(path, []byte(rules.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", "--lint=none", path)
}

// promtool knows the language of the expressions. `make test` installs it.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func everySource() Sources {
	return Sources{
		Queries:   func() Queries { return Queries{Rcodes: make([]uint64, 16)} },
		Zones:     func() int { return 1 },
		Conflicts: func() int { return 1 },
		Held:      func() int { return 1 }, LongestVector: func() int { return 1 }, Copied: func() int { return 1 },
		Members:   func() []Member { return []Member{{Name: "ns1", State: "active"}} },
		LeftOut:   func() map[string]uint64 { return map[string]uint64{"rest": 1} },
		CertUntil: time.Now,
		Reloaded:  func() bool { return true },
		Backup:    func() Backup { return Backup{} },
		Now:       time.Now,
	}
}

func TestEverySourceIsLookedAt(t *testing.T) {
	v := reflect.ValueOf(everySource())
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			t.Errorf("%s has no value here: its series are not compared with the documentation", v.Type().Field(i).Name)
		}
	}
}
