package cli

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) clusterCommand() *cobra.Command {
	return group("cluster", "The state of the cluster, and what concerns all members",
		a.clusterStatus(), a.clusterSteps(),
		a.clusterSwitch("enable", "Switch clustering on at this server"),
		a.clusterSwitch("disable", "Switch clustering off at this server; nothing is sent or followed until it is on again"),
		a.clusterDrift(), a.clusterRepair(), a.clusterComparing(), a.clusterThreshold(), a.clusterLeave())
}

// exitUnknownState is cluster status's code when it cannot find out: somebody must look.
const exitUnknownState = 2

func (a *app) clusterStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say whether all servers are in step", Args: cobra.NoArgs,
		Long: "Say whether all servers are in step, as this one sees it.\n" +
			"Exit code 0: in step; 1: catching up; 2: someone must act, or the state cannot be found out.",
		RunE: func(c *cobra.Command, _ []string) error {
			st, err := get[api.Cluster](c.Context(), a, nil, "cluster")
			if err != nil {
				a.showError(err)
				return &quietExit{exitUnknownState}
			}
			if err := a.show(st, func(t *text) { t.status(st) }); err != nil {
				return err
			}
			if st.Code != 0 {
				return &quietExit{st.Code}
			}
			return nil
		},
	}
}

func (t *text) status(st api.Cluster) {
	colour := t.green
	switch st.Code {
	case 0:
	case 1:
		colour = t.yellow
	default:
		colour = t.red
	}
	t.line("%s", colour(clean(st.Sentence)))
	t.line("%s: %s, %s, waiting: %d", t.bold(clean(st.Server)), plural(st.Zones, "zone", "zones"), plural(st.Conflicts, "conflict", "conflicts"), st.Waiting)
	if !st.Clustering {
		t.line("%s", t.yellow("clustering is off at this server"))
	}
	if st.Foreign > 0 {
		t.line("%s", t.yellow(plural(st.Foreign, "foreign write was", "foreign writes were")+" refused in the last day"))
	}
	if st.Held > 0 {
		t.line("%s", t.red(plural(st.Held, "change is", "changes are")+" held until a person decides: zonefleet change held"))
	}
	if b := st.Backup; b != nil && (b.Late || b.Error != "") {
		t.line("%s", t.red("backup: "+clean(first(b.Error, "the last good one is older than two days"))))
	}
	if st.DNSSEC.Warning != "" {
		t.line("%s", t.yellow("DNSSEC: "+clean(st.DNSSEC.Warning)))
	}
	if len(st.Members) > 0 {
		t.line("")
		t.members(st.Members)
	}
}

func (a *app) clusterSwitch(verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, err := send[api.Cluster](c.Context(), a, http.MethodPost, nil, nil, "cluster", verb)
			if err != nil {
				return err
			}
			return a.show(st, func(t *text) { t.status(st) })
		},
	}
}

func (a *app) clusterThreshold() *cobra.Command {
	var keep, notify bool
	var reenable string
	c := &cobra.Command{
		Use: "threshold [FAILURES]", Short: "Show or change when a member that fails is disabled", Args: cobra.MaximumNArgs(1),
		Long: "Show or change after how many consecutive failed attempts (1 to 10000) a member is disabled; what is not given stays.",
		RunE: func(c *cobra.Command, args []string) error {
			th, err := get[api.Threshold](c.Context(), a, nil, "cluster", "threshold")
			if err != nil {
				return err
			}
			before := th
			if len(args) == 1 {
				if th.Count, err = strconv.Atoi(args[0]); err != nil {
					return usage("%q is not a number of failures", args[0])
				}
				th.KeepOnline = false
			}
			if c.Flags().Changed("keep-online") {
				th.KeepOnline = keep
			}
			if c.Flags().Changed("notify") {
				th.Notify = notify
			}
			if reenable != "" {
				th.Reenable = reenable
			}
			if th != before {
				if th, err = send[api.Threshold](c.Context(), a, http.MethodPut, th, nil, "cluster", "threshold"); err != nil {
					return err
				}
			}
			return a.show(th, func(t *text) { t.threshold(th) })
		},
	}
	f := c.Flags()
	f.BoolVar(&keep, "keep-online", false, "never disable a member")
	f.BoolVar(&notify, "notify", false, "tell when a member is disabled (--notify=false: do not)")
	f.StringVar(&reenable, "reenable", "", "auto: when it answers again; by-hand: when a person enables it")
	return c
}

func (t *text) threshold(th api.Threshold) {
	if th.KeepOnline {
		t.line("a member is never disabled for failures")
		return
	}
	back := "when it answers again"
	if th.Reenable == "by-hand" {
		back = "when a person enables it"
	}
	t.line("a member is disabled after %s in a row, and comes back %s", plural(th.Count, "failed attempt", "failed attempts"), back)
	if !th.Notify {
		t.line("nobody is notified")
	}
}

func (a *app) clusterLeave() *cobra.Command {
	var timeout time.Duration
	c := &cobra.Command{
		Use: "leave", Short: "Deliver what waits, and leave the table of every member", Args: cobra.NoArgs,
		Long: "Deliver what waits, switch clustering off here, and remove this server from every member that lists it.\nAll zones stay here.",
		RunE: func(c *cobra.Command, _ []string) error {
			res, err := send[api.LeaveResult](c.Context(), a, http.MethodPost, nil, url.Values{"timeout": {timeout.String()}}, "cluster", "leave")
			if err != nil {
				return err
			}
			err = a.show(res, func(t *text) { t.left(res) })
			if err == nil && (!res.Delivered || len(res.Unreached) > 0) {
				return &quietExit{exitError}
			}
			return err
		},
	}
	c.Flags().DurationVar(&timeout, "timeout", time.Minute, "how long to deliver what waits")
	return c
}

func (t *text) left(res api.LeaveResult) {
	if !res.Delivered {
		t.line("%s", t.yellow("not everything that waited was delivered in time"))
	}
	for _, name := range res.Removed {
		t.line("%s no longer lists this server", clean(name))
	}
	for _, u := range res.Unreached {
		t.line("%s %s", t.yellow("not told:"), clean(u.Name+": "+u.Reason))
		t.line("  run there: %s", clean(u.Command))
	}
}
