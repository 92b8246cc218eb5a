package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// Exit codes; docs/cli.md has the table. cluster status has its own three.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitDenied      = 3 // not signed in, or not allowed
	exitNotFound    = 4
	exitConflict    = 5 // exists already, or changed meanwhile
	exitNotServed   = 6 // done, but not everywhere in the time given
	exitUnreachable = 7 // no answer, or the server's key is not accepted
	exitHeld        = 8 // held by the brake until a person decides
	exitInterrupted = 130
)

// usageError says that the command line makes no sense.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// quietExit ends the program with a code after everything was said.
type quietExit struct{ code int }

func (e *quietExit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func exitCode(err error) int {
	var p *api.Problem
	var u *usageError
	var unknown *client.UnknownKeyError
	var changed *client.ChangedKeyError
	var absent *missing
	switch {
	case errors.As(err, &absent):
		return exitNotFound
	case errors.As(err, &u):
		return exitUsage
	case errors.As(err, &p):
		return exitOfStatus(p.Status)
	case errors.Is(err, client.ErrUnreachable), errors.As(err, &unknown), errors.As(err, &changed):
		return exitUnreachable
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitError
}

func exitOfStatus(status int) int {
	switch status {
	case http.StatusAccepted:
		return exitHeld
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return exitDenied
	case http.StatusNotFound:
		return exitNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return exitConflict
	}
	return exitError
}
