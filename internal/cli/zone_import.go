package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneImport() *cobra.Command {
	var w writeFlags
	var owner, name string
	var dry bool
	var confirm int
	c := &cobra.Command{
		Use: "import PATH...", Short: "Import zone files", Args: cobra.MinimumNArgs(1),
		Long: "Import zone files: files, folders (their .db and .zone files), patterns, or - for standard input with --zone.\n" +
			"A zone becomes what its file says; what did not change is left alone. A file that is refused does not stop the others.",
		RunE: func(c *cobra.Command, args []string) error {
			q := w.query()
			for key, value := range map[string]string{"owner": owner, "reason": w.reason} {
				if value != "" {
					q.Set(key, value)
				}
			}
			if dry {
				q.Set("dry_run", "true")
			}
			if len(args) == 1 && args[0] == "-" {
				if name == "" {
					return usage("standard input has no name: give --zone")
				}
				return a.importInput(c.Context(), client.Request{
					Method: http.MethodPut, Path: client.Path("zones", name, "file"), Query: q, ContentType: "text/dns",
				})
			}
			if name != "" {
				return usage("--zone goes with standard input (-) only: files name their zones")
			}
			paths, err := findFiles(args)
			if err != nil {
				return err
			}
			if confirm != 0 && confirm != len(paths) {
				return usage("%d files are confirmed, %d are there", confirm, len(paths))
			}
			if confirm != 0 {
				q.Set("confirm", strconv.Itoa(confirm))
			}
			i := &importer{app: a, paths: paths, warned: map[string]int{}}
			return i.run(c.Context(), client.Path("import"), q)
		},
	}
	w.add(c)
	f := c.Flags()
	f.StringVar(&owner, "owner", "", "account that owns zones that are new")
	f.StringVar(&name, "zone", "", "name of the zone on standard input")
	f.IntVar(&confirm, "confirm", 0, "number of the files, which a person was shown: the brake does not count zones that lose records")
	f.BoolVar(&dry, "dry-run", false, "say what would change, change nothing")
	return c
}

func (a *app) importInput(ctx context.Context, r client.Request) error {
	text, err := io.ReadAll(io.LimitReader(a.Stdin, maxZoneFile+1))
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if len(text) > maxZoneFile {
		return fmt.Errorf("standard input is larger than %d MiB", maxZoneFile>>20)
	}
	r.Raw = bytes.NewReader(text)
	return a.write(ctx, r)
}

// importer sends zone files as lines and reads the results, which come in the order in which they are done.
type importer struct {
	*app
	paths   []string
	left    []string // that were not read yet, or not answered for when a server ended
	ended   bool     // the server ended before it had answered for everything
	bar     *progress
	created int
	changed int
	same    int
	refused int
	held    int
	reach   *api.Reach
	warned  map[string]int // how often each warning was given: a member that is down is one for every new zone

	mu         sync.Mutex // files are read while results come
	sent       []string   // by line
	answered   []bool     // by line
	unreadable []error
}

func (i *importer) run(ctx context.Context, path string, q map[string][]string) error {
	c, err := i.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	i.bar = i.progress("importing", len(i.paths))
	began := time.Now()
	err = i.send(ctx, c, path, q)
	i.bar.end()
	if err == nil {
		err = goOn(ctx, c, i.reach, q, "", 0, began)
	}
	if err != nil {
		return err
	}
	for _, err := range i.unreadable {
		i.refused++
		t := i.errText()
		t.line("%s %v", t.red("refused:"), err)
	}
	return i.sum(len(q["dry_run"]) > 0)
}

// endedFor is how long no server may answer for a file until it is given up: a process that hands over is followed by one
// that has to load its zones.
const endedFor = 5 * time.Minute

// send sends the files. A server that ends says so after its answers, and the next process gets the rest.
func (i *importer) send(ctx context.Context, c *client.Client, path string, q map[string][]string) error {
	i.left = i.paths
	for giveUp := time.Now().Add(endedFor); ; {
		before := len(i.left)
		i.ended, i.sent, i.answered = false, nil, nil
		err := c.Lines(ctx, path, q, i.next, i.take)
		i.keepUnanswered()
		if len(i.left) < before {
			giveUp = time.Now().Add(endedFor)
		}
		var p *api.Problem
		if !i.ended && !(errors.As(err, &p) && p.Code == codeUnavailable) || time.Now().After(giveUp) {
			if err != nil && len(i.left) < len(i.paths) {
				err = fmt.Errorf("%w (%d of %d files are answered for; the import can be repeated)", err, len(i.paths)-len(i.left), len(i.paths))
			}
			return err
		}
		select {
		case <-time.After(waitPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		c.Close()
	}
}

const codeUnavailable = "unavailable"

// next reads the next file; one that cannot be read is left out and told of at the end.
func (i *importer) next() (any, error) {
	for len(i.left) > 0 {
		path := i.left[0]
		i.left = i.left[1:]
		f, err := readZoneFile(path)
		i.mu.Lock()
		if err != nil {
			i.unreadable = append(i.unreadable, err)
		} else {
			i.sent, i.answered = append(i.sent, path), append(i.answered, false)
		}
		i.mu.Unlock()
		if err == nil {
			return api.ImportLine{Name: filepath.Base(path), Text: f.text, MTime: f.mtime}, nil
		}
	}
	return nil, io.EOF
}

// keepUnanswered puts the files that nobody has answered for before those that were not read.
func (i *importer) keepUnanswered() {
	var again []string
	for n, path := range i.sent {
		if !i.answered[n] {
			again = append(again, path)
		}
	}
	i.left = append(again, i.left...)
}

// take counts one result and says what is wrong with it at once.
func (i *importer) take(line []byte) error {
	var res api.ImportResult
	if err := json.Unmarshal(line, &res); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if res.Line == 0 && res.Problem != nil && res.Problem.Code == codeUnavailable {
		i.ended = true
		return nil
	}
	if i.json() {
		if _, err := fmt.Fprintf(i.Stdout, "%s\n", line); err != nil {
			return err
		}
	}
	if res.Reach != nil {
		i.reach = res.Reach
		return nil
	}
	i.mu.Lock()
	if res.Line >= 1 && res.Line <= len(i.answered) {
		i.answered[res.Line-1] = true
	}
	i.mu.Unlock()
	switch {
	case res.Problem != nil && res.Problem.Code == "held":
		if i.held++; i.held == 1 { // the others are held for the same reason
			i.bar.end()
			t := i.errText()
			t.line("%s %s", t.yellow("brake:"), clean(res.Problem.Error()))
			t.line("%s %s", t.dim("hint:"), clean(res.Problem.Hint))
		}
	case res.Problem != nil:
		i.refused++
		i.bar.end()
		i.complain(res)
	case res.Result.Created:
		i.created++
	case res.Result.Changed || len(res.Result.RRsets) > 0:
		i.changed++
	default:
		i.same++
	}
	if res.Result != nil && !i.json() {
		i.warn(res)
	}
	i.bar.add(1)
	return nil
}

func (i *importer) pathOf(res api.ImportResult) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if res.Line >= 1 && res.Line <= len(i.sent) {
		return i.sent[res.Line-1]
	}
	return res.Name
}

func (i *importer) complain(res api.ImportResult) {
	t := i.errText()
	t.line("%s %s: %s", t.red("refused:"), i.pathOf(res), clean(res.Problem.Error()))
	for i, d := range res.Problem.Details {
		if i == 0 && d == res.Problem.Error() {
			continue // said above
		}
		t.line("  %s", clean(d))
	}
	if res.Problem.Hint != "" {
		t.line("  %s %s", t.dim("hint:"), clean(res.Problem.Hint))
	}
}

func (i *importer) warn(res api.ImportResult) {
	t := i.errText()
	for _, w := range res.Result.Warnings {
		if i.warned[w]++; i.warned[w] == 1 {
			t.line("%s %s: %s", t.yellow("warning:"), i.pathOf(res), clean(w))
		}
	}
	for n := range res.Result.Findings {
		if res.Result.Findings[n].File == "" {
			res.Result.Findings[n].File = i.pathOf(res)
		}
	}
	t.findings(res.Result.Findings)
}

func (i *importer) sum(dry bool) error {
	done := i.created + i.changed + i.same + i.refused + i.held
	for _, w := range slices.Sorted(maps.Keys(i.warned)) {
		if more := i.warned[w] - 1; more > 0 {
			t := i.errText()
			t.line("%s the same for %s: %s", t.yellow("warning:"), plural(more, "more zone", "more zones"), clean(w))
		}
	}
	if !i.json() {
		t := i.outText()
		word := "imported"
		if dry {
			word = "would import"
		}
		line := fmt.Sprintf("%s %s: %d new, %d changed, %d as they were, %d refused", word, plural(done-i.refused-i.held, "zone", "zones"), i.created, i.changed, i.same, i.refused)
		if i.held > 0 {
			line += fmt.Sprintf(", %d held", i.held)
		}
		t.line("%s", line)
		if i.reach != nil {
			t.reach(*i.reach)
		}
	}
	switch {
	case done < len(i.paths):
		return fmt.Errorf("the answer broke off: %d of %d files are answered for; the import can be repeated", done, len(i.paths))
	case i.refused > 0:
		return &quietExit{exitError}
	case i.held > 0:
		return &quietExit{exitHeld}
	case i.reach != nil && !i.reach.Complete:
		return &quietExit{exitNotServed}
	}
	return nil
}
