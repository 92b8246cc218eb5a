package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// hinted is an error of the command line itself that knows what to do.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

func withHint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// showError says on standard error what went wrong, what belongs to it, and what to do.
func (a *app) showError(err error) {
	t := a.errText()
	if errors.Is(err, context.Canceled) {
		t.line("interrupted")
		return
	}
	t.line("%s %s", t.red("zonefleet:"), err)
	var p *api.Problem
	if errors.As(err, &p) {
		for _, d := range p.Details {
			if strings.HasSuffix(err.Error(), d) {
				continue // said already
			}
			t.line("  %s", strings.ReplaceAll(d, "\n", "\n  "))
		}
		if p.ID != "" {
			t.line("  id %s", p.ID)
		}
	}
	if hint := a.hintFor(err); hint != "" {
		t.line("%s %s", t.dim("hint:"), hint)
	}
}

func (a *app) hintFor(err error) string {
	var h *hinted
	var p *api.Problem
	var u *usageError
	var unknown *client.UnknownKeyError
	var changed *client.ChangedKeyError
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &p):
		return p.Hint
	case errors.As(err, &unknown):
		return "compare it with what `zonefleet version --server …` or the start of serve says on the server itself, then give " +
			"--fingerprint " + unknown.Fingerprint + ", or --accept-new-key to keep it unseen"
	case errors.As(err, &changed):
		return "the server may have been installed anew, or somebody is in between; nothing was sent. To accept the new key give --fingerprint " + changed.Got
	case errors.Is(err, client.ErrUnreachable):
		return "is the server running, and is that its HTTPS port? --server or ZONEFLEET_SERVER names another"
	case errors.As(err, &u):
		return "add --help to see how the command is used"
	}
	return ""
}
