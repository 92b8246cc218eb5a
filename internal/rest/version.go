package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
)

// quoted is a version as an entity-tag. Versions name content exactly, so all of ours are strong (RFC 9110 section 8.8.3).
func quoted(etag string) string {
	if etag == "" {
		return ""
	}
	return `"` + etag + `"`
}

// tags reads a list of entity-tags. With strong, weak ones are left out: they never match in the strong comparison that
// If-Match asks for (RFC 9110 section 8.8.3.2).
func tags(header string, strong bool) (list []string, any bool, err error) {
	rest := strings.TrimSpace(header)
	if rest == "*" {
		return nil, true, nil
	}
	for rest != "" {
		tag, weak := strings.CutPrefix(rest, "W/")
		if !strings.HasPrefix(tag, `"`) {
			return nil, false, invalid("", "%q is not an entity-tag: give the ETag with its quotes", header)
		}
		value, after, closed := strings.Cut(tag[1:], `"`)
		if !closed {
			return nil, false, invalid("", "%q is not an entity-tag: a quote is missing", header)
		}
		if !weak || !strong {
			list = append(list, value)
		}
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(after), ","))
	}
	return list, false, nil
}

// ifMatch is the version that an edit was made against, "" for none given or for *. The current version is asked for only
// when the header names several.
func ifMatch(header string, current func() (string, error)) (string, error) {
	list, any, err := tags(header, true)
	if err != nil || header == "" {
		return "", err
	}
	if any {
		if _, err := current(); err != nil {
			return "", precondition("If-Match: * does not hold", err)
		}
		return "", nil
	}
	switch len(list) {
	case 0:
		return "", precondition("If-Match names weak tags only, which never match", nil)
	case 1:
		return list[0], nil
	}
	now, err := current()
	if err != nil {
		return "", err
	}
	if slices.Contains(list, now) {
		return now, nil
	}
	return list[0], nil
}

// unchanged says whether If-None-Match holds the current version: then there is nothing to send.
func unchanged(header, current string) (bool, error) {
	if header == "" {
		return false, nil
	}
	list, any, err := tags(header, false)
	return any || slices.Contains(list, current), err
}

func precondition(detail string, cause error) error {
	if cause != nil && control.CodeOf(cause) != control.CodeNotFound {
		return cause
	}
	if cause != nil {
		detail += ": " + cause.Error()
	}
	return newProblem(http.StatusPreconditionFailed, codePrecondition, detail, "")
}
