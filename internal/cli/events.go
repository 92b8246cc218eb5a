package cli

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) eventsCommand() *cobra.Command {
	return group("events", "What happened at a server apart from changes of zones", a.eventsList())
}

func (a *app) eventsList() *cobra.Command {
	var after uint64
	var limit int
	var follow bool
	var member, zone, level string
	c := &cobra.Command{
		Use: "list", Short: "List events: the newest ones, oldest first", Args: cobra.NoArgs,
		Long: "List the newest events, oldest first, or with --after those that came after an event. --follow goes on showing new\n" +
			"ones until it is interrupted; with --output json each is then one line.",
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			if c.Flags().Changed("after") {
				q.Set("after", strconv.FormatUint(after, 10))
			} else {
				q.Set("newest", "true")
			}
			for key, value := range map[string]string{"member": member, "zone": zone, "level": level} {
				if value != "" {
					q.Set(key, value)
				}
			}
			if (follow || q.Has("after")) && member+zone+level != "" {
				return usage("--member, --zone and --level choose among the newest events: leave --after and --follow out")
			}
			if follow {
				return a.followEvents(c.Context(), q)
			}
			list, err := get[api.EventList](c.Context(), a, q, "events")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) { t.events(list.Events) })
		},
	}
	f := c.Flags()
	f.Uint64Var(&after, "after", 0, "number of the last event that is known")
	f.IntVar(&limit, "limit", 100, "how many at most, up to 1000; with --follow, how many of the past")
	f.StringVar(&member, "member", "", "part of a member's name")
	f.StringVar(&zone, "zone", "", "zone")
	f.StringVar(&level, "level", "", "warning: warnings and alarms; alarm: alarms alone")
	f.BoolVarP(&follow, "follow", "f", false, "go on showing new events")
	return c
}

// followEvery is how often a follower asks: events are rare, and what they tell is minutes old at times.
const followEvery = time.Second

func (a *app) followEvents(ctx context.Context, q url.Values) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		var list api.EventList
		if err := c.Do(ctx, client.Request{Method: "GET", Path: client.Path("events"), Query: q}, &list); err != nil {
			return err
		}
		if err := a.showFollowed(list.Events); err != nil {
			return err
		}
		q = url.Values{"limit": {"1000"}, "after": {strconv.FormatUint(list.Next, 10)}}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

func (a *app) showFollowed(list []api.Event) error {
	if !a.json() {
		a.outText().events(list)
		return nil
	}
	enc := json.NewEncoder(a.Stdout)
	enc.SetEscapeHTML(false)
	for _, e := range list {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

// events shows one line for each: a follower cannot line up columns that are yet to come.
func (t *text) events(list []api.Event) {
	for _, e := range list {
		kind := clean(e.Kind)
		switch e.Severity {
		case "error", "alarm":
			kind = t.red(kind)
		case "warning":
			kind = t.yellow(kind)
		}
		by := ""
		if e.Author != "" {
			by = t.dim("  by " + clean(e.Author))
		}
		t.line("%6d  %s  %s: %s%s", e.ID, when(e.Time), kind, clean(e.Text), by)
	}
}
