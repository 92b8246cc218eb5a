package cli

import (
	"os"
	"time"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/preflight"
)

// checked is what serve --check says.
type checked struct {
	Values   []checkedValue   `json:"values"`
	Findings []checkedFinding `json:"findings"`
}

type checkedValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"`
}

type checkedFinding struct {
	Severity string `json:"severity"` // error, warning
	Subject  string `json:"subject"`
	Message  string `json:"message"`
}

// checkServe shows what would be in effect and what is in its way, and starts nothing.
func (a *app) checkServe(cfg config.Config) error {
	doc := checked{Findings: []checkedFinding{}}
	for _, v := range cfg.Effective() {
		doc.Values = append(doc.Values, checkedValue{v.Key, v.Text, v.From})
	}
	errors := 0
	for _, f := range preflight.Check(cfg, os.Environ(), time.Now()) {
		severity := "warning"
		if f.Error {
			severity = "error"
			errors++
		}
		doc.Findings = append(doc.Findings, checkedFinding{severity, f.Subject, f.Message})
	}
	if err := a.show(doc, func(t *text) { t.checked(doc, errors) }); err != nil {
		return err
	}
	if errors > 0 {
		return &quietExit{exitError}
	}
	return nil
}

func (t *text) checked(doc checked, errors int) {
	tb := t.table("KEY", "VALUE", "FROM")
	for _, v := range doc.Values {
		tb.row(v.Key, orDash(v.Value), v.From)
	}
	tb.print()
	t.line("")
	for _, f := range doc.Findings {
		word := t.yellow(f.Severity + ":")
		if f.Severity == "error" {
			word = t.red(f.Severity + ":")
		}
		t.line("%s %s: %s", word, clean(f.Subject), clean(f.Message))
	}
	if errors > 0 {
		t.line("%s", t.red("a server with this configuration would not start"))
	} else {
		t.line("%s", t.green("the configuration is right"))
	}
}
