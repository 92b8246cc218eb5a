package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) syncCommand() *cobra.Command {
	return group("sync", "Synchronize DNS records with the members", a.syncZone(), a.syncAll(), a.syncList())
}

func (a *app) syncZone() *cobra.Command {
	var s api.Sync
	c := &cobra.Command{
		Use: "zone NAME", Short: "Bring the newest copy of a zone here, or everywhere", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s.Zone = args[0]
			return a.synchronize(c.Context(), s)
		},
	}
	syncFlags(c, &s)
	return c
}

func (a *app) syncAll() *cobra.Command {
	var s api.Sync
	c := &cobra.Command{
		Use: "all", Short: "Bring the newest copies of all zones here, or everywhere", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.synchronize(c.Context(), s) },
	}
	syncFlags(c, &s)
	c.Flags().BoolVar(&s.Others, "others", false, "also zones that are not on this server yet")
	return c
}

func syncFlags(c *cobra.Command, s *api.Sync) {
	c.Flags().StringVar(&s.To, "to", "here", "here: newest copies come to this server; everywhere: they go to all members too")
	c.Flags().BoolVar(&s.DryRun, "dry-run", false, "show what would come, go and clash, and change nothing")
}

func (a *app) syncList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the synchronizations since the server started", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.SyncJobs](c.Context(), a, nil, "sync")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				if len(list.Syncs) == 0 {
					t.line("no synchronizations")
					return
				}
				tb := t.table("ID", "STARTED", "ZONES", "TO", "STATE")
				for _, j := range list.Syncs {
					tb.row(j.ID, when(*j.Started), first(j.Zone, "all"), j.To, j.State)
				}
				tb.print()
			})
		},
	}
}

// synchronize starts it and waits for its end. It goes on when the command is interrupted.
func (a *app) synchronize(ctx context.Context, s api.Sync) error {
	j, err := send[api.SyncJob](ctx, a, http.MethodPost, s, nil, "sync")
	if err != nil {
		return err
	}
	for !s.DryRun && (j.State == "waiting" || j.State == "running") {
		select {
		case <-ctx.Done():
			a.errText().line("it goes on: zonefleet sync list")
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if j, err = get[api.SyncJob](ctx, a, nil, "sync", j.ID); err != nil {
			return err
		}
	}
	if err := a.show(j, func(t *text) { t.syncJob(j) }); err != nil {
		return err
	}
	if !s.DryRun && incomplete(j) {
		return &quietExit{exitNotServed}
	}
	return nil
}

// incomplete says that somebody should look: a member failed, or zones still differ.
func incomplete(j api.SyncJob) bool {
	for _, m := range j.Members {
		if m.Failed != "" || m.Differ > 0 {
			return true
		}
	}
	return false
}

func (t *text) syncJob(j api.SyncJob) {
	would := j.State == "preview"
	for _, m := range j.Members {
		t.line("%s  %s", t.bold(clean(m.Member)), m.Role)
		if m.Failed != "" {
			t.line("  %s", t.red(clean(m.Failed)))
		}
		t.syncZones(would, "come here", "came here", m.Come)
		t.syncZones(would, "are changed on both and brought together", "were changed on both and brought together", m.Clash)
		t.syncZones(would, "go there", "went there", m.Go)
		t.syncZones(would, "replace something newer there", "replaced something newer there", m.Overwrite)
		for _, l := range m.Left {
			t.line("  left alone: %s", clean(l))
		}
		switch {
		case m.More:
			t.line("  there are more: synchronize again")
		case m.Failed == "" && m.Come.Count+m.Go.Count == 0:
			t.line("  nothing has to move")
		case !would:
			t.line("  %d done, %d refused, %d still differ", m.Done, m.Refused, m.Differ)
		}
	}
}

func (t *text) syncZones(would bool, future, past string, l api.SyncList) {
	if l.Count == 0 {
		return
	}
	if !would {
		future = past
	}
	t.line("  %s", fmt.Sprintf("%s %s", plural(l.Count, "zone", "zones"), future))
	for _, z := range l.Zones {
		t.line("    %s", clean(z))
	}
	if rest := l.Count - len(l.Zones); rest > 0 {
		t.line("    and %d more", rest)
	}
}
