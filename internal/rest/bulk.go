package rest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// mediaLines is newline-delimited JSON.
const mediaLines = "application/x-ndjson"

// Bounds of a bulk import: at either, reading stops until a zone is done, and the sender waits.
const (
	inFlight      = 64        // zones worked on at once; their commits share synced batches
	inFlightBytes = 128 << 20 // of their lines
)

// importZones takes zone files: one as text/dns, any number as lines of JSON.
func (s *Server) importZones(w http.ResponseWriter, r *http.Request) {
	f, err := readFileRequest(r.URL.Query())
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch media {
	case mediaZone, "text/plain":
		s.takeFile(w, r, f)
	case mediaLines, "application/ndjson", "application/jsonl":
		s.importLines(w, r, f)
	default:
		writeProblem(w, newProblem(http.StatusUnsupportedMediaType, control.CodeInvalid,
			"an import is "+mediaLines+" or "+mediaZone, "set Content-Type"))
	}
}

// lines writes an answer line by line, for several goroutines.
type lines struct {
	mu  sync.Mutex
	enc *json.Encoder
	rc  *http.ResponseController
}

func newLines(w http.ResponseWriter) *lines {
	w.Header().Set("Content-Type", mediaLines)
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex() // HTTP/1.1 only: answer while the body is still read
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &lines{enc: enc, rc: rc}
}

// write sends one line at once: the other side may wait for it before it sends more.
func (l *lines) write(doc any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.enc.Encode(doc); err != nil {
		return err
	}
	return l.rc.Flush()
}

func (s *Server) importLines(w http.ResponseWriter, r *http.Request, f fileRequest) {
	began := s.Now()
	p := principal(r.Context())
	out := newLines(w)
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(inFlight)
	bytes := semaphore.NewWeighted(inFlightBytes)

	in := bufio.NewScanner(r.Body)
	in.Buffer(make([]byte, 0, 64<<10), maxZoneFile)
	number, more := 0, true
	for ctx.Err() == nil && s.Ending.Err() == nil {
		if more = s.nextLine(out, in); !more {
			break
		}
		if len(strings.TrimSpace(in.Text())) == 0 {
			continue
		}
		number++
		line, n := append([]byte(nil), in.Bytes()...), number
		if bytes.Acquire(ctx, int64(len(line))) != nil {
			break // the other side is gone
		}
		group.Go(func() error {
			defer bytes.Release(int64(len(line)))
			return out.write(s.importLine(ctx, p, f, n, line))
		})
	}
	if err := group.Wait(); err != nil || r.Context().Err() != nil {
		return // nobody listens any more; what is committed stays, and an import can be repeated
	}
	if s.Ending.Err() != nil && (more || in.Err() != nil) {
		_ = out.write(api.ImportResult{Problem: &s.problem(errEnding).Problem})
		return
	}
	if err := in.Err(); err != nil {
		_ = out.write(api.ImportResult{Line: number + 1, Problem: &s.lineProblem(err).Problem})
		return
	}
	s.finishImport(r.Context(), p, f, began, out)
}

// errEnding ends the answer to many lines when the server does: each line that was read has its own answer before that.
var errEnding = &control.Error{
	Code: control.CodeUnavailable, Message: "this server ends: what has no answer above was not done", Hint: "send the rest again, to the next process",
}

// nextLine gives a sender that says nothing a minute; it is not the one that is waited for while zones are committed.
func (s *Server) nextLine(out *lines, in *bufio.Scanner) bool {
	_ = out.rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer context.AfterFunc(s.Ending, func() { _ = out.rc.SetReadDeadline(time.Now()) })()
	ok := in.Scan()
	_ = out.rc.SetReadDeadline(time.Time{})
	return ok
}

func (s *Server) importLine(ctx context.Context, p acl.Principal, f fileRequest, number int, line []byte) api.ImportResult {
	var doc api.ImportLine
	res := api.ImportResult{Line: number}
	if err := json.Unmarshal(line, &doc); err != nil {
		res.Problem = &s.problem(invalid("", "line %d is not {name, text, mtime}: %v", number, err)).Problem
		return res
	}
	res.Name = doc.Name
	req := control.ImportRequest{
		Text: doc.Text, FileName: doc.Name, Owner: f.owner, DryRun: f.dryRun, Reason: f.reason,
		Meant: f.confirm > 1 && number <= f.confirm,
	}
	if !doc.MTime.IsZero() {
		req.Modified = zone.Millis(doc.MTime.UnixMilli())
	}
	i, err := s.Control.ImportZone(ctx, p, req)
	if err != nil {
		res.Problem = &s.problem(err).Problem
		return res
	}
	done := imported(i).Body
	if !f.dryRun {
		done.RRsets = nil // thousands of zones with all their differences would drown the answer
	}
	res.Result = &done
	return res
}

func (s *Server) lineProblem(err error) *problem {
	if errors.Is(err, bufio.ErrTooLong) {
		return newProblem(http.StatusRequestEntityTooLarge, control.CodeTooLarge, "the line is larger than 64 MiB; nothing after it was read", "")
	}
	return newProblem(http.StatusBadRequest, control.CodeInvalid, "the request broke off: "+err.Error(), "")
}

// finishImport waits as asked for everything that was imported and says so in a last line.
func (s *Server) finishImport(ctx context.Context, p acl.Principal, f fileRequest, began time.Time, out *lines) {
	n, timeout, ok, err := f.servers()
	if err != nil || !ok || f.dryRun {
		return
	}
	reach, err := s.await(ctx, p, began, control.WaitRequest{Servers: n, Timeout: timeout})
	if err != nil {
		_ = out.write(api.ImportResult{Problem: &s.problem(err).Problem})
		return
	}
	_ = out.write(api.ImportResult{Reach: &reach})
}

// eachZone calls f for every zone that matches, page by page, so that no page is held while it is worked on.
func (s *Server) eachZone(r *http.Request, f func(zone.Name) error) error {
	q := r.URL.Query()
	req := control.ListRequest{Search: q.Get("q"), Owner: q.Get("owner"), Limit: 1000}
	for {
		page, err := s.Control.ListZones(r.Context(), principal(r.Context()), req)
		if err != nil {
			return err
		}
		for _, h := range page.Zones {
			if err := f(h.Zone); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		req.After = page.Next
	}
}

// exportZones answers a line of JSON for each zone. A zone that is deleted meanwhile is left out.
func (s *Server) exportZones(w http.ResponseWriter, r *http.Request) {
	out := newLines(w)
	err := s.eachZone(r, func(z zone.Name) error {
		var text strings.Builder
		_, err := s.Control.ExportZone(r.Context(), principal(r.Context()), z, &text)
		if control.CodeOf(err) == control.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return out.write(api.ExportLine{Name: z.Text(), Text: text.String()})
	})
	if err != nil && r.Context().Err() == nil {
		_ = out.write(api.ExportLine{Problem: &s.problem(err).Problem})
	}
}

// checkedAtOnce is how many zones a line of a check of all zones is about.
const checkedAtOnce = 500

// checkZones checks every zone and answers a line each time some are done, so that a large server shows progress.
func (s *Server) checkZones(w http.ResponseWriter, r *http.Request) {
	out := newLines(w)
	sum := api.CheckResult{Findings: []api.Finding{}}
	err := s.eachZone(r, func(name zone.Name) error {
		z, err := s.Control.ShowZone(r.Context(), principal(r.Context()), name)
		if control.CodeOf(err) == control.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		sum.Zones++
		sum.Findings = append(sum.Findings, checkResult(z).Findings...)
		if sum.Zones < checkedAtOnce {
			return nil
		}
		err = out.write(sum)
		sum = api.CheckResult{Findings: []api.Finding{}}
		return err
	})
	if err != nil {
		sum.Problem = &s.problem(err).Problem
	}
	_ = out.write(sum) // also when nothing is left: an answer without a line would look broken off
}
