package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Waiting is what a change may be asked to wait for.
type Waiting struct {
	Wait    string `query:"wait" doc:"all, or a number of servers: answer when they serve the change"`
	Timeout string `query:"timeout" doc:"how long to wait, as 30s or 2m; default 30s, at most 10m" example:"30s"`
}

const defaultWait = 30 * time.Second

// Resolve implements huma.Resolver: what cannot be waited for is refused before anything is changed.
func (w Waiting) Resolve(huma.Context) []error {
	if _, _, _, err := w.servers(); err != nil {
		return []error{err}
	}
	return nil
}

// servers is how many servers are waited for, 0 meaning all; ok is false when none are.
func (w Waiting) servers() (n int, timeout time.Duration, ok bool, err error) {
	timeout = defaultWait
	if w.Timeout != "" {
		if timeout, err = time.ParseDuration(w.Timeout); err != nil || timeout <= 0 {
			return 0, 0, false, invalid("timeout", "%q is not a duration like 30s or 2m", w.Timeout)
		}
	}
	switch w.Wait {
	case "":
		return 0, 0, false, nil
	case "all":
		return 0, timeout, true, nil
	}
	n, err = strconv.Atoi(w.Wait)
	if err != nil || n < 1 {
		return 0, 0, false, invalid("wait", "%q is neither all nor a number of servers", w.Wait)
	}
	return n, timeout, true, nil
}

// written is the answer to a change of a zone.
type written struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     api.WriteResult
}

// arrive waits as asked and completes the answer. A wait that times out does not undo the change, so that is no error:
// the answer is 202 and says who has not served it yet.
func (s *Server) arrive(ctx context.Context, p acl.Principal, w Waiting, z zone.Name, began time.Time, out *written) (*written, error) {
	out.ETag = quoted(out.Body.ETag)
	if out.Status == 0 {
		out.Status = http.StatusOK
	}
	n, timeout, ok, err := w.servers()
	if err != nil || !ok {
		return out, err
	}
	reach, err := s.await(ctx, p, began, control.WaitRequest{Zone: z, Position: store.Position(out.Body.Change), Servers: n, Timeout: timeout})
	if err != nil {
		return nil, err
	}
	out.Body.Reach = &reach
	if !reach.Complete {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

// await waits no longer than this server takes requests: the next process, which has the same changes, can be asked again.
func (s *Server) await(ctx context.Context, p acl.Principal, began time.Time, r control.WaitRequest) (api.Reach, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.Ending, cancel)()
	reached, err := s.Control.Wait(ctx, p, r)
	if err != nil {
		return api.Reach{}, err
	}
	out := s.reachOf(reached, began)
	out.Interrupted = !out.Complete && s.Ending.Err() != nil
	return out, nil
}

func (s *Server) reachOf(r control.Reached, began time.Time) api.Reach {
	out := api.Reach{Complete: r.Done, Served: r.Served, Total: r.Total, Servers: []api.ServerReach{}}
	slices.SortFunc(r.Servers, func(a, b control.ServerReach) int { return strings.Compare(a.Name, b.Name) })
	for _, server := range r.Servers {
		a := api.ServerReach{Name: server.Name, State: server.State, Reason: server.Reason}
		if server.At != 0 {
			a.MS = max(0, float64(server.At)-float64(began.UnixMilli()))
			out.MS = max(out.MS, a.MS)
		}
		out.Servers = append(out.Servers, a)
	}
	if !r.Done {
		out.MS = float64(s.Now().Sub(began).Milliseconds())
	}
	return out
}
