package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// question reads a body and returns how to write the answer. It is called after authentication.
type question func(ctx context.Context, a Answers, c Caller, body io.Reader) (write func(io.Writer) error, err error)

// ask makes a question a handler: time limits, proof, bound of the body, coded refusals.
func (d *Door) ask(q question) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		now := time.Now()
		err := errors.Join(control.SetReadDeadline(now.Add(questionReadTimeout)), control.SetWriteDeadline(now.Add(questionTimeout)))
		if err != nil {
			d.refuse(w, r, fmt.Errorf("limit the time of a request: %w", err))
			return
		}
		caller, answers, err := d.authenticate(w, r)
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), questionTimeout)
		defer cancel()
		select {
		case d.questions <- struct{}{}:
			defer func() { <-d.questions }()
		case <-ctx.Done():
			return
		}
		write, err := q(ctx, answers, caller, http.MaxBytesReader(w, r.Body, wire.MaxQuestion))
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		if err := write(w); err != nil {
			d.opt.Logger.Debug("answer to a member not sent", "path", r.URL.Path, "from", r.RemoteAddr, "err", err)
		}
	}
}

func introduce(ctx context.Context, a Answers, _ Caller, _ io.Reader) (func(io.Writer) error, error) {
	i, err := a.Introduce(ctx)
	return inJSON(i), err
}

func exists(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	names, err := wire.ReadNames(ctx, body)
	if err != nil {
		return nil, badInput(err)
	}
	known, err := a.Exists(ctx, names)
	return func(w io.Writer) error { return wire.WriteNames(w, known) }, err
}

func compare(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	q, err := wire.ReadBranches(ctx, body)
	if err != nil {
		return nil, badInput(err)
	}
	parts, err := a.Compare(ctx, q)
	return func(w io.Writer) error { return wire.WriteParts(w, parts) }, err
}

func stand(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	names, err := wire.ReadNames(ctx, body)
	if err != nil {
		return nil, badInput(err)
	}
	if len(names) > wire.MaxStandings {
		return nil, problem(wire.CodeBadInput, fmt.Sprintf("more than %d names", wire.MaxStandings))
	}
	standings, err := a.Stand(ctx, names)
	return func(w io.Writer) error { return wire.WriteStandings(w, standings) }, err
}

func fetch(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	names, err := wire.ReadNames(ctx, body)
	if err != nil {
		return nil, badInput(err)
	}
	if len(names) != 1 {
		return nil, problem(wire.CodeBadInput, "one zone is fetched at a time")
	}
	it, err := a.Fetch(ctx, names[0])
	return func(w io.Writer) error { return wire.WriteState(w, it) }, err
}

func trust(ctx context.Context, a Answers, c Caller, body io.Reader) (func(io.Writer) error, error) {
	var r wire.TrustRequest
	if err := fromJSON(body, &r); err != nil {
		return nil, err
	}
	answer, err := a.Trust(ctx, r, c)
	return inJSON(answer), err
}

func untrust(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	var r wire.UntrustRequest
	if err := fromJSON(body, &r); err != nil {
		return nil, err
	}
	return inJSON(struct{}{}), a.Untrust(ctx, r)
}

func leaveCluster(ctx context.Context, a Answers, _ Caller, body io.Reader) (func(io.Writer) error, error) {
	var r wire.LeaveRequest
	if err := fromJSON(body, &r); err != nil {
		return nil, err
	}
	answer, err := a.Leave(ctx, r)
	return inJSON(answer), err
}

func join(ctx context.Context, a Answers, c Caller, body io.Reader) (func(io.Writer) error, error) {
	var r wire.JoinRequest
	if err := fromJSON(body, &r); err != nil {
		return nil, err
	}
	answer, err := a.Join(ctx, r, c)
	return inJSON(answer), err
}

func inJSON(v any) func(io.Writer) error {
	return func(w io.Writer) error { return json.NewEncoder(w).Encode(v) }
}

func fromJSON(body io.Reader, v any) error {
	text, err := io.ReadAll(io.LimitReader(body, wire.MaxGreeting+1))
	if err == nil && len(text) > wire.MaxGreeting {
		err = fmt.Errorf("%d octets are too many", len(text))
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	return badInput(err)
}

// badInput is the caller's fault, whatever failed while its body was read.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return problem(wire.CodeBadInput, err.Error())
}
