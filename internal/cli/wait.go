package cli

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) waitCommand() *cobra.Command {
	var zone string
	var change uint64
	var servers int
	var timeout time.Duration
	c := &cobra.Command{
		Use: "wait", Short: "Wait until changes are served", Args: cobra.NoArgs,
		Long: "Wait until everything that was changed at this server up to now, one zone, or up to one change, is served by all\n" +
			"servers, or by --servers of them. Exit code 6 if that takes longer than --timeout.",
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{}
			if zone != "" {
				q.Set("zone", zone)
			}
			if change > 0 {
				q.Set("change", strconv.FormatUint(change, 10))
			}
			if servers > 0 {
				q.Set("wait", strconv.Itoa(servers))
			}
			server, err := a.connect(c.Context())
			if err != nil {
				return err
			}
			defer server.Close()
			r, err := await(c.Context(), server, q, timeout)
			if err != nil {
				return err
			}
			if err := a.show(r, func(t *text) { t.reach(r) }); err != nil {
				return err
			}
			if !r.Complete {
				return &quietExit{exitNotServed}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&zone, "zone", "", "only this zone")
	f.Uint64Var(&change, "seq", 0, "up to the change with this number")
	f.IntVar(&servers, "servers", 0, "by so many servers (default: all)")
	f.DurationVar(&timeout, "timeout", 30*time.Second, "how long")
	return c
}

// waitPause is how long a server that hands over is left alone before it is asked again.
const waitPause = 200 * time.Millisecond

// await waits for what q names. A wait that the server breaks off, because it hands over to a new process, goes on there.
func await(ctx context.Context, server *client.Client, q url.Values, timeout time.Duration) (r api.Reach, err error) {
	for end := time.Now().Add(timeout); ; {
		q.Set("timeout", max(time.Until(end), time.Millisecond).String())
		r = api.Reach{}
		err = server.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path("wait"), Query: q}, &r)
		if err != nil || !r.Interrupted || time.Now().After(end) {
			return r, err
		}
		select {
		case <-time.After(waitPause):
		case <-ctx.Done():
			return r, context.Cause(ctx)
		}
		server.Close()
	}
}

// goOn continues a wait that was broken off, for a change that was made with the query q.
func goOn(ctx context.Context, server *client.Client, r *api.Reach, q url.Values, zone string, change uint64, began time.Time) error {
	if r == nil || !r.Interrupted {
		return nil
	}
	timeout, err := time.ParseDuration(q.Get("timeout"))
	if err != nil {
		return nil // nothing was to be waited for
	}
	rest := url.Values{"wait": {q.Get("wait")}}
	if zone != "" {
		rest.Set("zone", zone)
	}
	if change > 0 {
		rest.Set("change", strconv.FormatUint(change, 10))
	}
	*r, err = await(ctx, server, rest, timeout-time.Since(began))
	return err
}
