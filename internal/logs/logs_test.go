package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newLogs(t *testing.T, f Format, levels string) (*Logs, *bytes.Buffer) {
	t.Helper()
	l, err := ParseLevels(levels)
	if err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	return New(out, f, l), out
}

func TestLevelsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{
		"info": "info", "debug": "debug", "store=debug": "info,store=debug", "warn, store=debug ,rest=error": "warn,rest=error,store=debug",
		"store=info,error": "error,store=info",
	} {
		l, err := ParseLevels(text)
		if err != nil || l.String() != want {
			t.Errorf("%q → %q, %v, want %q", text, l, err, want)
		}
	}
	for text, want := range map[string]string{
		"": `"" is not a level`, "verbose": `"verbose" is not a level`, "info,store=loud": `"loud" is not a level`,
		"info,debug": "twice what every package writes", "a=info,a=warn": "twice what a writes", "=info": `"" is not the name`, "a b=info": `"a b" is not the name`,
	} {
		if _, err := ParseLevels(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q → %v, want %q", text, err, want)
		}
	}
}

func TestEachPackageHasItsLevel(t *testing.T) {
	l, out := newLogs(t, Text, "warn,store=debug")
	node := l.Logger("node")
	store, rest := node.With("package", "store"), node.With("package", "rest")
	say := func() string {
		out.Reset()
		for _, log := range []*slog.Logger{node, store, rest.With("from", "192.0.2.1")} {
			log.Debug("fine")
			log.Info("plain")
			log.Warn("odd")
		}
		var said []string
		for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			_, level, _ := strings.Cut(line, "level=")
			_, of, _ := strings.Cut(line, "package=")
			said = append(said, strings.Fields(of)[0]+" "+strings.Fields(level)[0])
		}
		return strings.Join(said, ", ")
	}
	if got, want := say(), "node WARN, store DEBUG, store INFO, store WARN, rest WARN"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// Loggers in use follow.
	if err := l.SetLevel("rest", slog.LevelInfo); err != nil {
		t.Fatal(err)
	}
	if got, want := say(), "node WARN, store DEBUG, store INFO, store WARN, rest INFO, rest WARN"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := l.SetLevel("", slog.LevelWarn); err != nil {
		t.Fatal(err)
	}
	if got, want := say(), "node WARN, store WARN, rest WARN"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := l.SetLevel("rset", slog.LevelInfo); err == nil || !strings.Contains(err.Error(), "node, rest, store") {
		t.Errorf("a package that does not exist: %v", err)
	}
}

func TestALevelOfAPackageThatNeverWritesIsNoticed(t *testing.T) {
	l, _ := newLogs(t, Text, "info,stroe=debug,rest=debug")
	l.Logger("rest")
	if d := cmp.Diff([]string{"stroe"}, l.Unknown()); d != "" {
		t.Error(d)
	}
}

func TestLinesAreTextOrJSONInUTC(t *testing.T) {
	l, out := newLogs(t, JSON, "info")
	log := l.Logger("node").With("package", "store", "folder", "/x")
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("far", 9*3600))
	log.Error("it broke", "err", errors.New("disk \"a\"\nfull"), "until", when)
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if !strings.HasSuffix(line["time"], "Z") {
		t.Errorf("time %s is not UTC", line["time"])
	}
	delete(line, "time")
	want := map[string]string{"level": "ERROR", "msg": "it broke", "package": "store", "folder": "/x", "err": "disk \"a\"\nfull", "until": "2026-01-01T18:04:05Z"}
	if d := cmp.Diff(want, line); d != "" {
		t.Error(d)
	}
	out.Reset()
	l.Set(Text, Levels{})
	log.Info("now text", "err", errors.New("two\nlines"))
	if s := out.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, `level=INFO msg="now text" package=store folder=/x err="two\nlines"`) {
		t.Errorf("%q", s)
	}
}

func TestAutoIsJSONWhereThereIsNoTerminal(t *testing.T) {
	l, out := newLogs(t, Auto, "info")
	l.Logger("node").Info("hello")
	if !json.Valid(out.Bytes()) {
		t.Errorf("%q", out)
	}
}

func TestALineIsBounded(t *testing.T) {
	l, out := newLogs(t, JSON, "info")
	log := l.Logger("rest")
	huge := strings.Repeat("ü", 1<<20)
	log.Info(huge, "path", huge, "err", errors.New(huge))
	if out.Len() > 4*maxValue || !json.Valid(out.Bytes()) {
		t.Errorf("a line of %d octets, %.100q", out.Len(), out)
	}
	out.Reset()
	log.Info("many", "list", make([]int, 1<<20))
	if out.Len() != 0 || l.LeftOut()["rest"] != 1 {
		t.Errorf("%d octets of a list of a million", out.Len())
	}
}

// A hundred bad clients a second for an hour, and at the end of it an error that somebody must see.
func TestAFloodIsBounded(t *testing.T) {
	l, out := newLogs(t, JSON, "info")
	now := time.Now()
	l.now = func() time.Time { return now }
	rest, serve := l.Logger("rest"), l.Logger("serve")
	const lines = 360_000
	for range lines {
		rest.Warn("sign-in failed", "from", "192.0.2.1", "err", "no such token")
		now = now.Add(10 * time.Millisecond)
	}
	most := burst + 3600*perSecond + maxLine
	if out.Len() > most || out.Len() < most/2 {
		t.Errorf("%d octets, want at most %d and about that", out.Len(), most)
	}
	t.Logf("%d lines, %d octets", lines, out.Len())
	written, noted := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var entry struct {
			Msg   string
			Lines int
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Lines > 0 {
			noted += entry.Lines
		} else {
			written++
		}
	}
	if left := int(l.LeftOut()["rest"]); written+left != lines || noted > left || noted < left*9/10 {
		t.Errorf("of %d lines %d were written, %d counted as left out and %d said so", lines, written, left, noted)
	}
	out.Reset()
	rest.Error("internal error")
	serve.Warn("address is not served")
	if s := out.String(); !strings.Contains(s, "internal error") || !strings.Contains(s, "address is not served") {
		t.Errorf("the flood hides errors, or other packages: %q", s)
	}
	out.Reset()
	now = now.Add(time.Hour)
	rest.Info("quiet again")
	if s := out.String(); !strings.Contains(s, "lines were left out") || !strings.Contains(s, "quiet again") {
		t.Errorf("after the flood: %q", s)
	}
}

func TestThePackagesAreBounded(t *testing.T) {
	l, _ := newLogs(t, JSON, "info")
	for i := range 10 * maxSources {
		l.Logger(fmt.Sprint("p", i))
	}
	if n := len(l.Levels().Packages); n > maxSources+1 {
		t.Errorf("%d packages are kept", n)
	}
}

func BenchmarkALineThatIsNotWritten(b *testing.B) {
	l := New(&bytes.Buffer{}, JSON, Levels{Default: slog.LevelInfo})
	log := l.Logger("store")
	for b.Loop() {
		log.Debug("nothing", "n", 1)
	}
}
