package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8/cwriter"
)

// text writes for people. Colours are used on a terminal only.
type text struct {
	w        io.Writer
	coloured bool
}

func (a *app) outText() *text { return a.textOn(a.Stdout) }
func (a *app) errText() *text { return a.textOn(a.Stderr) }

func (a *app) textOn(w io.Writer) *text {
	// NO_COLOR and a dumb terminal are the two customs for switching colours off.
	return &text{w, isTerminal(w) && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb"}
}

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && cwriter.IsTerminal(int(f.Fd()))
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(t.w, format+"\n", args...) }

func (t *text) paint(code, s string) string {
	if !t.coloured || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *text) red(s string) string    { return t.paint("31", s) }
func (t *text) green(s string) string  { return t.paint("32", s) }
func (t *text) yellow(s string) string { return t.paint("33", s) }
func (t *text) dim(s string) string    { return t.paint("2", s) }
func (t *text) bold(s string) string   { return t.paint("1", s) }

// json says whether the answer is wanted as JSON.
func (a *app) json() bool { return a.output == "json" }

// show writes a document: as it is with --output json, otherwise as people says it.
func (a *app) show(doc any, people func(t *text)) error {
	if !a.json() {
		people(a.outText())
		return nil
	}
	enc := json.NewEncoder(a.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// clean makes what came from elsewhere safe for a terminal: control characters could move the cursor or worse.
func clean(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return '?'
		}
		return r
	}, s)
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 }

// when is a time as people read it, in their own zone.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
