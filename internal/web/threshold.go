package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// switches is what the options of the page change.
type switches interface {
	EnableClustering(ctx context.Context, p acl.Principal) error
	DisableClustering(ctx context.Context, p acl.Principal) error
	SetThreshold(ctx context.Context, p acl.Principal, t cluster.Threshold) error
	Unheard(p acl.Principal) string
}

// The choices of the failure threshold.
const (
	limitDefault = "default"
	limitCustom  = "custom"
	limitNever   = "never"
)

// thresholdForm is the options as they are, or as they were typed in.
type thresholdForm struct {
	Limit, Count string
	Notify       bool
	ByHand       bool
	Error        string
	Unheard      string // why nobody would be told; empty if somebody would be
}

// notifyHint says what the box does, and why it may do nothing.
func (f thresholdForm) notifyHint() string {
	if f.Unheard == "" {
		return "By mail or webhook, as the settings say. The event log has it either way."
	}
	return sentence(f.Unheard) + " See Settings, Notification. The event log has it either way."
}

func thresholdFormOf(t cluster.Threshold) thresholdForm {
	f := thresholdForm{Limit: limitCustom, Count: strconv.Itoa(t.Limit()), Notify: !t.Quiet, ByHand: t.Reenable == cluster.ReenableByHand}
	switch {
	case t.KeepOnline:
		f.Limit = limitNever
	case t.Limit() == cluster.DefaultThreshold:
		f.Limit = limitDefault
	}
	return f
}

// read makes the rule of the form; a number that cannot be is said beside its field.
func (f *thresholdForm) read() (cluster.Threshold, bool) {
	t := cluster.Threshold{Count: cluster.DefaultThreshold, Quiet: !f.Notify, Reenable: cluster.ReenableAuto}
	if f.ByHand {
		t.Reenable = cluster.ReenableByHand
	}
	switch f.Limit {
	case limitNever:
		t.KeepOnline = true
	case limitCustom:
		n, err := strconv.Atoi(f.Count)
		if err != nil || n < 1 || n > cluster.MaxThreshold {
			f.Error = "Give a number from 1 to " + number(cluster.MaxThreshold) + "."
			return t, false
		}
		t.Count = n
	}
	return t, true
}

func setThreshold(v *Visit) error {
	f := thresholdForm{
		Limit: v.PostFormValue("limit"), Count: v.PostFormValue("count"),
		Notify: v.PostFormValue("notify") != "", ByHand: v.PostFormValue("reenable") == string(cluster.ReenableByHand),
	}
	t, ok := f.read()
	if !ok {
		view, err := v.lookHome()
		if err != nil {
			return err
		}
		f.Unheard = view.Threshold.Unheard
		view.Threshold = f
		return v.showHome(http.StatusUnprocessableEntity, view)
	}
	if err := v.server.Control.SetThreshold(v.Context(), v.Principal(), t); err != nil {
		return err
	}
	return v.done("/", notice{Level: good, Text: "The failure threshold is saved."})
}

// askClustering says what stops before clustering is switched off. Switching it on takes nothing away and is not asked.
func askClustering(v *Visit) error {
	st, err := v.server.Control.Status(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	waiting := 0
	for _, m := range st.Members {
		waiting = max(waiting, m.Link.Waiting)
	}
	return v.show(http.StatusOK, page{Title: "Disable DNS clustering", Path: "/"}, confirmPage(confirmation{
		Title: "Disable DNS clustering on " + st.Self.Name + "?",
		Numbers: []figure{
			{number(len(st.Members)), "members this server stops working with"},
			{number(waiting), "changes that wait to be sent"},
			{number(st.Zones), "zones that stay here and are answered"},
		},
		Lines: []string{
			"Nothing is sent to the members or taken from them.",
			"Members that call are answered “clustering is off here”; they do not count it as a failure.",
			"Edits and answers on this server go on.",
			"When it is enabled again, every member goes on from where it stopped: nothing is synchronized by hand.",
		},
		Post: "/cluster/clustering", Hidden: []hidden{{"to", "off"}}, Button: "Disable clustering", Danger: true, Back: "/",
	}))
}

func setClustering(v *Visit) error {
	c := v.server.Control
	switch v.PostFormValue("to") {
	case "on":
		if err := c.EnableClustering(v.Context(), v.Principal()); err != nil {
			return err
		}
		return v.done("/", notice{Level: good, Text: "DNS clustering is enabled. Every member goes on from where it stopped."})
	case "off":
		if err := c.DisableClustering(v.Context(), v.Principal()); err != nil {
			return err
		}
		return v.done("/", notice{Level: idle, Text: "DNS clustering is disabled. Zones are still answered here."})
	}
	return &control.Error{Code: control.CodeInvalid, Subject: "to", Message: "is on or off"}
}
