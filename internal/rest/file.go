package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// mediaZone is the media type of zone files (RFC 4027).
const mediaZone = "text/dns"

// exportZone answers a zone as a zone file.
func (s *Server) exportZone(w http.ResponseWriter, r *http.Request) {
	z, err := zoneName(r.PathValue("zone"))
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	// The file is built whole before the first byte goes out: an error can still be a problem, and the ETag is a header.
	var text bytes.Buffer
	etag, err := s.Control.ExportZone(r.Context(), principal(r.Context()), z, &text)
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	w.Header().Set("ETag", quoted(etag))
	same, err := unchanged(r.Header.Get("If-None-Match"), etag)
	switch {
	case err != nil:
		writeProblem(w, s.problem(err))
	case same:
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("Content-Type", mediaZone+"; charset=utf-8")
		_, _ = w.Write(text.Bytes()) // the client may be gone
	}
}

// fileRequest is what can be asked for with a zone file.
type fileRequest struct {
	Waiting
	zone   zone.Name // empty: the file says it
	name   string    // of the file
	owner  string
	reason string
	mtime  zone.Millis
	dryRun bool
	// confirm is how many zones a person was shown and confirmed: so many lines of a bulk import are not counted by the
	// brake.
	confirm int
}

func readFileRequest(q url.Values) (fileRequest, error) {
	f := fileRequest{Waiting: Waiting{q.Get("wait"), q.Get("timeout")}, name: q.Get("name"), owner: q.Get("owner"), reason: q.Get("reason")}
	if _, _, _, err := f.servers(); err != nil {
		return f, err
	}
	var err error
	if f.zone, err = optionalZone(q.Get("zone")); err != nil {
		return f, err
	}
	if v := q.Get("mtime"); v != "" {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return f, invalid("mtime", "%q is not a time like 2026-01-02T15:04:05Z", v)
		}
		f.mtime = zone.Millis(t.UnixMilli())
	}
	if v := q.Get("confirm"); v != "" {
		if f.confirm, err = strconv.Atoi(v); err != nil || f.confirm < 0 {
			return f, invalid("confirm", "%q is no number of zones", v)
		}
	}
	if v := q.Get("dry_run"); v != "" {
		if f.dryRun, err = strconv.ParseBool(v); err != nil {
			return f, invalid("dry_run", "%q is neither true nor false", v)
		}
		if f.dryRun {
			f.Wait = "" // there is nothing to wait for
		}
	}
	return f, nil
}

// putZone takes one zone file: with If-Match as an edit against that version, otherwise as an import.
func (s *Server) putZone(w http.ResponseWriter, r *http.Request) {
	f, err := readFileRequest(r.URL.Query())
	if err == nil {
		f.zone, err = zoneName(r.PathValue("zone"))
	}
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	s.takeFile(w, r, f)
}

func (s *Server) takeFile(w http.ResponseWriter, r *http.Request, f fileRequest) {
	began := s.Now()
	p := principal(r.Context())
	out, z, err := s.fileWritten(w, r, p, f)
	if err == nil {
		out, err = s.arrive(r.Context(), p, f.Waiting, z, began, out)
	}
	if err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if out.ETag != "" {
		w.Header().Set("ETag", out.ETag)
	}
	w.WriteHeader(out.Status)
	_ = json.NewEncoder(w).Encode(out.Body) // the client may be gone
}

func (s *Server) fileWritten(w http.ResponseWriter, r *http.Request, p acl.Principal, f fileRequest) (*written, zone.Name, error) {
	against, err := s.filePrecondition(r, p, f.zone)
	if err != nil {
		return nil, "", err
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxZoneFile))
	if err != nil {
		return nil, "", err
	}
	if against != "" {
		e, err := s.Control.EditZone(r.Context(), p, control.EditRequest{Zone: f.zone, IfMatch: against, Text: string(text), DryRun: f.dryRun, Reason: f.reason})
		if err != nil {
			return nil, "", err
		}
		out := &written{Body: resultOf(e.Result)}
		out.Body.RRsets = differencesOf(e.Differences)
		return out, f.zone, nil
	}
	i, err := s.Control.ImportZone(r.Context(), p, control.ImportRequest{
		Zone: f.zone, Text: string(text), FileName: f.name, Modified: f.mtime, Owner: f.owner, DryRun: f.dryRun, Reason: f.reason,
	})
	if err != nil {
		return nil, "", err
	}
	return imported(i), i.Zone, nil
}

func imported(i control.ImportResult) *written {
	out := &written{Body: resultOf(i.Result)}
	out.Body.Created = i.Created
	if i.Created && i.Changed {
		out.Status = http.StatusCreated
	} else if !i.Created {
		out.Body.RRsets = differencesOf(i.Differences)
	}
	return out
}

// filePrecondition reads If-Match, and If-None-Match: *, which asks that the zone be new.
func (s *Server) filePrecondition(r *http.Request, p acl.Principal, z zone.Name) (string, error) {
	current := s.version(r.Context(), p, zoneText(z))
	if header := r.Header.Get("If-None-Match"); header != "" {
		if header != "*" {
			return "", invalid("If-None-Match", "only * is possible here: the zone must be new")
		}
		switch _, err := current(); {
		case err == nil:
			return "", precondition("If-None-Match: * does not hold: the zone exists", nil)
		case control.CodeOf(err) != control.CodeNotFound:
			return "", err
		}
	}
	return ifMatch(r.Header.Get("If-Match"), current)
}
