package zonefleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// What can be wrong with a member, each to be told apart by whoever adds it.
var (
	ErrAddress      = errors.New("not an address of a server (HOST or HOST:PORT)")
	ErrResolve      = errors.New("the host name does not resolve")
	ErrConnect      = errors.New("no connection")
	ErrNotAllowed   = errors.New("connections to that address are not allowed")
	ErrNotZoneFleet = errors.New("no zonefleet server answers there")
	ErrToken        = errors.New("the token is not accepted there")
	ErrForbidden    = errors.New("the token is not allowed to cluster")
	ErrNotProved    = errors.New("the server does not prove that it knows the token, it may be another one in between")
	ErrOff          = errors.New("clustering is off there")
	ErrDisabled     = errors.New("this server is disabled there by hand")
	ErrNotFound     = errors.New("no such zone there")
	ErrBusy         = errors.New("the server is at a limit")
	ErrNotKnown     = errors.New("the server is of a release that does not know this question")
)

// KeyChangedError says that a member shows another key than the pinned one. It is never accepted silently.
type KeyChangedError struct{ Old, New string }

func (e *KeyChangedError) Error() string {
	return fmt.Sprintf("the server's key changed: pinned is %s, shown is %s; hint: if it was installed anew or replaced: zonefleet member accept-key", e.Old, e.New)
}

// refusal is the sentinel of a coded refusal, which it wraps with the server's own words.
func refusal(p *wire.Problem) error {
	sentinels := map[wire.Code]error{
		wire.CodeToken:     ErrToken,
		wire.CodeForbidden: ErrForbidden,
		wire.CodeOff:       ErrOff,
		wire.CodeDisabled:  ErrDisabled,
		wire.CodeNotFound:  ErrNotFound,
		wire.CodeBusy:      ErrBusy,
	}
	if s := sentinels[p.Code]; s != nil {
		return fmt.Errorf("%w: %w", s, p)
	}
	return p
}

// IsFailure says whether an error counts for a member's threshold: no answer, time-out, TLS, its internal errors. What
// the member refused in so many words, and what this side cancelled, does not.
func IsFailure(err error) bool {
	var p *wire.Problem
	var bye *wire.ByeError
	switch {
	case err == nil, errors.Is(err, ErrOff), errors.Is(err, ErrDisabled), errors.Is(err, ErrNotKnown),
		errors.Is(err, wire.ErrClosed), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &bye):
		return bye.Reason == wire.ReasonVersion || bye.Reason == wire.ReasonFailed || bye.Reason == wire.ReasonRemoved
	case errors.As(err, &p):
		return p.Code == wire.CodeInternal || p.Code == wire.CodeToken || p.Code == wire.CodeVersion
	}
	return true
}
