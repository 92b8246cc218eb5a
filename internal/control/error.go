package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// Code says what kind of failure an Error is; doors map it to their own numbers.
type Code string

// Codes.
const (
	CodeInvalid         Code = "invalid"         // the request makes no sense
	CodeUnauthenticated Code = "unauthenticated" // nobody is signed in
	CodeDenied          Code = "denied"          // signed in, not allowed
	CodeNotFound        Code = "not-found"
	CodeExists          Code = "exists"
	CodeStale           Code = "stale"    // made against a version that has changed since
	CodeConflict        Code = "conflict" // contradicts something else that holds
	CodeTooLarge        Code = "too-large"
	CodeHeld            Code = "held"        // kept, and done when a person releases it
	CodeRefused         Code = "refused"     // understood and not done: lint errors, a remote said no
	CodeUnavailable     Code = "unavailable" // cannot be done now: no answer, shutting down
	CodeStorageFull     Code = "storage-full"
	CodeClusteringOff   Code = "clustering-off"
	CodeThrottled       Code = "throttled" // failed too often
	CodeInternal        Code = "internal"
)

// Error is the only error that control's methods return on purpose. Message and Hint are for people (lower case, no full
// stop), Code and Subject for programs. Whatever is not an Error is shown as "internal error" by the doors.
type Error struct {
	Code    Code
	Subject string        // what it is about: a zone, a member, a field
	Message string        // without the subject
	Hint    string        // what to do, may be empty
	Details []string      // lines: lint findings, what changed since
	Held    uint64        // number of the held change, with CodeHeld
	After   time.Duration // with CodeThrottled: how long to wait
	Err     error         // cause, for the log
}

func (e *Error) Error() string {
	if e.Subject == "" {
		return e.Message
	}
	return e.Subject + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of err: CodeInternal for what is not an Error, empty for nil.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	}
	return CodeInternal
}

func fail(code Code, subject, format string, args ...any) *Error {
	return &Error{Code: code, Subject: subject, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) details(lines []string) *Error {
	e.Details = lines
	return e
}

func (e *Error) because(err error) *Error {
	e.Err = err
	return e
}

// allow is the first statement of every use case.
func allow(p acl.Principal, v acl.Verb, o acl.Object) error {
	return denial(p, o.Name, acl.Allow(p, v, o))
}

// allowed is allow about nothing in particular.
func allowed(p acl.Principal, v acl.Verb) error { return allow(p, v, acl.Object{}) }

// denial gives a refusal of acl its code.
func denial(p acl.Principal, subject string, err error) error {
	switch {
	case err == nil:
		return nil
	case p.Kind == "":
		return fail(CodeUnauthenticated, subject, "sign in first").because(err)
	}
	return fail(CodeDenied, "", "%v", err).because(err)
}

// unavailable wraps what a cancelled or expired context means to a caller.
func unavailable(ctx context.Context, subject string, err error) error {
	if ctx.Err() != nil {
		return fail(CodeUnavailable, subject, "not finished in time").because(errors.Join(ctx.Err(), err))
	}
	return err
}
