package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// Call asks a server over the API, as client.Client.Do does.
type Call func(ctx context.Context, r client.Request, into any) error

const (
	// look is how often a server is looked at until it is as it should be.
	look = 300 * time.Millisecond
	// unhealthyFor is how long a server may be unwell once it has said that it is ready. Questions are answered badly
	// meanwhile, so it is short, and long enough for a machine that is busy with the start itself.
	unhealthyFor = 20 * time.Second
	// sampled is how many of its zones a server is asked for by DNS.
	sampled = 10
)

// Answering lists those of a few zones that the server answers for by DNS now, for AwaitHealthy to ask again. It is empty
// where the server cannot be asked.
func Answering(ctx context.Context, call Call) (names []string) {
	zones, err := sample(ctx, call)
	if err != nil {
		return nil
	}
	for _, name := range zones {
		if rcodes, err := askFor(ctx, call, name); err == nil && !slices.ContainsFunc(rcodes, func(r string) bool { return r != rcodeGood }) {
			names = append(names, name)
		}
	}
	return names
}

// AwaitHealthy returns when the server is ready, as that version unless it is empty, answers for those zones of answered that
// there still are, and fails for none: not every zone that is there is served, so of the others a refusal is right.
func AwaitHealthy(ctx context.Context, call Call, version string, answered []string) error {
	for deadline := time.Now().Add(unhealthyFor); ; {
		select { // also at first: the process before it still takes connections for a moment
		case <-time.After(look):
		case <-ctx.Done():
		}
		err := healthy(ctx, call, version, answered)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("the server is not healthy: %w", err)
		}
	}
}

func healthy(ctx context.Context, call Call, version string, answered []string) error {
	var p api.Process
	err := get(ctx, call, &p, nil, "process")
	var problem *api.Problem
	if version == "" && errors.As(err, &problem) && problem.Status == http.StatusNotFound {
		err = nil // a release before it could say
	}
	if err != nil {
		return err
	}
	if p.Restarting {
		return errors.New("it is still starting")
	}
	if version != "" && p.Version != version {
		return fmt.Errorf("it is zonefleet %s, not %s", p.Version, version)
	}
	if err := call(ctx, client.Request{Method: http.MethodGet, Path: "/readyz"}, nil); err != nil {
		return err
	}
	zones, err := sample(ctx, call)
	if err != nil {
		return err
	}
	for _, name := range zones {
		rcodes, err := askFor(ctx, call, name)
		if err != nil {
			return err
		}
		for _, r := range rcodes {
			if r != rcodeGood && (r != rcodeRefused || slices.Contains(answered, name)) {
				return fmt.Errorf("asked for %s by DNS it answers %s", name, r)
			}
		}
	}
	return nil
}

const rcodeGood, rcodeRefused = "NOERROR", "REFUSED"

// askFor asks the server itself for a zone's SOA by DNS. By TCP: a process that has handed over answers packets beside the new
// one for as long as connections to it are used, and takes no new ones.
func askFor(ctx context.Context, call Call, name string) (rcodes []string, err error) {
	var asked api.AskResult
	err = get(ctx, call, &asked, url.Values{"name": {name}, "type": {"SOA"}, "tcp": {"true"}}, "ask")
	if problem := (*api.Problem)(nil); errors.As(err, &problem) && problem.Code == "invalid" { // release 0.1.0 does not know tcp
		err = get(ctx, call, &asked, url.Values{"name": {name}, "type": {"SOA"}}, "ask")
	}
	if err != nil {
		return nil, err
	}
	for _, a := range asked.Answers {
		if a.Error != "" {
			return nil, fmt.Errorf("asked for %s by DNS it does not answer: %s", name, a.Error)
		}
		rcodes = append(rcodes, a.Rcode)
	}
	return rcodes, nil
}

func sample(ctx context.Context, call Call) (names []string, err error) {
	var zones api.ZoneList
	if err := get(ctx, call, &zones, url.Values{"limit": {strconv.Itoa(sampled)}}, "zones"); err != nil {
		return nil, err
	}
	for _, z := range zones.Zones {
		names = append(names, z.Name)
	}
	return names, nil
}

func get(ctx context.Context, call Call, into any, query url.Values, path ...string) error {
	return call(ctx, client.Request{Method: http.MethodGet, Path: client.Path(path...), Query: query}, into)
}
