package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/install"
)

func (a *app) restartCommand() *cobra.Command {
	var standstill, timeout time.Duration
	c := &cobra.Command{
		Use: "restart", Short: "Hand over to a new process without losing a query", Args: cobra.NoArgs,
		Long: "Start the program file on disk, which may be a newer one, and let it take over from the running process: its sockets,\n" +
			"then the data folder, then all the work. Queries are answered all the while; writes wait for the moment. If the new\n" +
			"process does not become ready, the old one goes on as before and this command says why; if it does not answer over DNS for\n" +
			"the zones for which the old one did, this command says so.",
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeoutCause(c.Context(), timeout, errors.New("the new process is not ready yet"))
			defer cancel()
			server, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer server.Close()
			q := url.Values{}
			if standstill > 0 {
				q.Set("standstill", standstill.String())
			}
			answered := install.Answering(ctx, server.Do)
			now, err := client.Restart(ctx, server, q)
			if err != nil {
				return err
			}
			if err := install.AwaitHealthy(ctx, server.Do, "", answered); err != nil {
				return fmt.Errorf("process %d (zonefleet %s) has taken over, but %w", now.PID, clean(now.Version), err)
			}
			return a.show(now, func(t *text) { t.line("process %d (zonefleet %s) has taken over", now.PID, clean(now.Version)) })
		},
	}
	f := c.Flags()
	f.DurationVar(&standstill, "standstill", 0, "how long the new process may load no further zone (default 20s)")
	f.DurationVar(&timeout, "timeout", 5*time.Minute, "how long to wait")
	return c
}
