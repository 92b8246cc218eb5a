package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// writeFlags are the flags of every command that changes a zone.
type writeFlags struct {
	wait    string
	timeout time.Duration
	reason  string
}

func (w *writeFlags) add(c *cobra.Command) {
	w.addWait(c)
	c.Flags().StringVar(&w.reason, "reason", "", "why, kept in the history")
}

func (w *writeFlags) addWait(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&w.wait, "wait", "", "wait until all servers, or N of them, serve it: --wait, --wait=all, --wait=N")
	f.Lookup("wait").NoOptDefVal = "all"
	f.DurationVar(&w.timeout, "timeout", 30*time.Second, "how long to wait")
}

func (w *writeFlags) query() url.Values {
	q := url.Values{}
	if w.wait != "" {
		q.Set("wait", w.wait)
		q.Set("timeout", w.timeout.String())
	}
	return q
}

// write sends a change and shows its result.
func (a *app) write(ctx context.Context, r client.Request) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var res api.WriteResult
	began := time.Now()
	if err := c.Do(ctx, r, &res); err != nil {
		return err
	}
	if err := goOn(ctx, c, res.Reach, r.Query, res.Zone, res.Change, began); err != nil {
		return err
	}
	return a.showWritten(res, r.Query.Get("dry_run") != "")
}

func (a *app) showWritten(res api.WriteResult, dry bool) error {
	err := a.show(res, func(t *text) {
		t.writeResult(res, dry)
		if res.Reach != nil {
			t.reach(*res.Reach)
		}
	})
	if err == nil && res.Reach != nil && !res.Reach.Complete {
		return &quietExit{exitNotServed}
	}
	return err
}

func (t *text) writeResult(res api.WriteResult, dry bool) {
	switch {
	case dry:
		t.line("%s: would change %s", res.Zone, plural(len(res.RRsets), "RRset", "RRsets"))
	case !res.Changed:
		t.line("%s: nothing to change, serial %d", res.Zone, res.Serial)
	default:
		t.line("%s: change %d, serial %d", res.Zone, res.Change, res.Serial)
	}
	if dry {
		t.deltas(res.RRsets)
	}
	t.warnings(res.Warnings)
	t.findings(res.Findings)
	if len(res.Left) > 0 {
		t.line("left as it is, because it was edited since:")
		t.deltas(res.Left)
	}
}

func (t *text) warnings(list []string) {
	for _, w := range list {
		t.line("%s %s", t.yellow("warning:"), clean(w))
	}
}

// reach says in one line how many servers serve it, and in one each which.
func (t *text) reach(r api.Reach) {
	sum := fmt.Sprintf("%d/%d serve it, %s", r.Served, r.Total, ms(r.MS))
	if r.Complete {
		t.line("%s", t.green(sum))
	} else {
		t.line("%s", t.yellow(sum+", not waiting longer"))
	}
	for _, s := range r.Servers {
		line := "  " + clean(s.Name) + " " + s.State
		if s.MS > 0 || s.State == "served" {
			line += ", " + ms(s.MS)
		}
		if s.Reason != "" {
			line += ": " + clean(s.Reason)
		}
		t.line("%s", line)
	}
}

func ms(v float64) string {
	if v >= 10 || v == 0 {
		return strconv.FormatFloat(v, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " ms"
}

// deltas shows RRsets before and after, as diff does.
func (t *text) deltas(list []api.RRsetDelta) {
	for _, d := range list {
		if d.Meta != "" {
			t.delta("-", d.BeforeMeta != "", d.Meta+" = "+d.BeforeMeta)
			t.delta("+", d.AfterMeta != "", d.Meta+" = "+d.AfterMeta)
			continue
		}
		after := map[api.Record]bool{}
		for _, r := range d.After {
			after[r] = true
		}
		before := map[api.Record]bool{}
		for _, r := range d.Before {
			before[r] = true
			t.delta("-", !after[r], recordLine(r))
		}
		for _, r := range d.After {
			t.delta("+", !before[r], recordLine(r))
		}
	}
}

func (t *text) delta(sign string, differs bool, what string) {
	if !differs {
		return
	}
	line := sign + " " + clean(what)
	if sign == "-" {
		t.line("%s", t.red(line))
	} else {
		t.line("%s", t.green(line))
	}
}

func recordLine(r api.Record) string {
	return fmt.Sprintf("%s %d %s %s", r.Name, r.TTL, r.Type, r.Data)
}

func (t *text) findings(list []api.Finding) {
	for _, f := range list {
		word := t.yellow("warning:")
		if f.Severity == "error" {
			word = t.red("error:")
		}
		place := ""
		switch {
		case f.File != "" && f.Line > 0:
			place = fmt.Sprintf("%s:%d: ", f.File, f.Line)
		case f.File != "":
			place = f.File + ": "
		case f.Line > 0:
			place = fmt.Sprintf("line %d: ", f.Line)
		case f.Zone != "":
			place = f.Zone + ": "
		}
		// The message names the record itself.
		t.line("%s %s%s", word, clean(place), clean(f.Message))
	}
}

// get reads a document.
func get[T any](ctx context.Context, a *app, query url.Values, path ...string) (T, error) {
	var doc T
	c, err := a.connect(ctx)
	if err != nil {
		return doc, err
	}
	defer c.Close()
	err = c.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path(path...), Query: query}, &doc)
	return doc, err
}

// send sends a document and reads the answer.
func send[T any](ctx context.Context, a *app, method string, body any, query url.Values, path ...string) (T, error) {
	var doc T
	c, err := a.connect(ctx)
	if err != nil {
		return doc, err
	}
	defer c.Close()
	err = c.Do(ctx, client.Request{Method: method, Path: client.Path(path...), Query: query, Body: body}, &doc)
	return doc, err
}
