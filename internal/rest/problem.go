package rest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

// codePrecondition is a code that only this door has.
const (
	codePrecondition control.Code = "precondition" // If-Match or If-None-Match does not hold (RFC 9110 section 13)
)

// statusOf is the one place where codes meet the statuses of the API. A page for people has its own, in package web.
func statusOf(c control.Code) int {
	switch c {
	case control.CodeInvalid:
		return http.StatusBadRequest
	case control.CodeUnauthenticated:
		return http.StatusUnauthorized
	case control.CodeDenied:
		return http.StatusForbidden
	case control.CodeNotFound:
		return http.StatusNotFound
	case control.CodeExists, control.CodeConflict, control.CodeClusteringOff:
		return http.StatusConflict
	case control.CodeStale, codePrecondition:
		return http.StatusPreconditionFailed
	case control.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case control.CodeHeld:
		return http.StatusAccepted // RFC 9110 section 15.3.3: not acted upon yet, and it may be that it never is
	case control.CodeRefused:
		return http.StatusUnprocessableEntity
	case control.CodeUnavailable:
		return http.StatusServiceUnavailable
	case control.CodeStorageFull:
		return http.StatusInsufficientStorage
	case control.CodeThrottled:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// problem is an error on its way out through the library.
type problem struct {
	api.Problem
	again bool // nothing was done; another try in a moment may succeed
}

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.again {
		h.Set("Retry-After", "1") // RFC 9110 section 10.2.3
	}
	return h
}

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *problem) ContentType(string) string { return mediaProblem }

const mediaProblem = "application/problem+json"

func newProblem(status int, code control.Code, detail, hint string) *problem {
	return &problem{Problem: api.Problem{
		Type: problemType(string(code)), Title: http.StatusText(status), Status: status, Detail: detail,
		Code: string(code), Hint: hint,
	}}
}

// problemType is a page of the documentation, as RFC 9457 section 3.1.1 wishes.
func problemType(code string) string {
	return "https://github.com/zonefleet/zonefleet/blob/main/docs/api.md#" + code
}

// problem renders an error of a use case. What control did not return on purpose is logged under an id, and only the
// id is shown.
func (s *Server) problem(err error) *problem {
	var done *problem
	if errors.As(err, &done) {
		return done
	}
	var e *control.Error
	if errors.As(err, &e) && e.Code != control.CodeInternal {
		p := newProblem(statusOf(e.Code), e.Code, e.Error(), e.Hint)
		p.Subject, p.Details, p.Held = e.Subject, e.Details, e.Held
		p.again = e.Code == control.CodeUnavailable && s.Ending.Err() != nil
		if e.Err != nil {
			s.Logger.Debug("request refused", "code", e.Code, "subject", e.Subject, "error", e.Err)
		}
		return p
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, control.CodeTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit), "")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newProblem(http.StatusServiceUnavailable, control.CodeUnavailable, "not finished in time", "")
	}
	p := newProblem(http.StatusInternalServerError, control.CodeInternal, "internal error", "the server's log says more about this id")
	p.ID = rand.Text()[:10]
	s.Logger.Error("internal error", "id", p.ID, "error", err)
	return p
}

func invalid(subject, format string, args ...any) error {
	return &control.Error{Code: control.CodeInvalid, Subject: subject, Message: fmt.Sprintf(format, args...)}
}

// libraryProblem turns the library's own errors (a body that is no JSON, a parameter that is no number) into problems.
func libraryProblem(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := control.CodeInvalid
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		code = control.CodeTooLarge
	case http.StatusInternalServerError:
		code = control.CodeInternal
	}
	p := newProblem(m.Status, code, m.Detail, "")
	for _, d := range m.Errors {
		if d != nil {
			p.Details = append(p.Details, strings.TrimPrefix(d.Location+": ", ": ")+d.Message)
		}
	}
	return p, nil
}

func writeProblem(w http.ResponseWriter, p *problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", mediaProblem)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

func (s *Server) nothingHere(w http.ResponseWriter, r *http.Request) {
	if allowed := s.methodsOf(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, control.CodeInvalid, r.Method+" is not possible here", "possible: "+strings.Join(allowed, ", ")))
		return
	}
	writeProblem(w, newProblem(http.StatusNotFound, control.CodeNotFound, r.URL.Path+" is no call of this API", "see "+Prefix+"/openapi.json"))
}

// methodsOf are the methods that the path knows. The catch-all route answers for all others, so the mux cannot say.
func (s *Server) methodsOf(r *http.Request) []string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "/" {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out
}
