package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// members is what the rows of the table do.
type members interface {
	PreviewMember(ctx context.Context, p acl.Principal, r control.PreviewRequest) (control.MemberPreview, error)
	EditMember(ctx context.Context, p acl.Principal, e control.MemberEdit) (control.MemberResult, error)
	EnableMember(ctx context.Context, p acl.Principal, host string) (control.MemberResult, error)
	DisableMember(ctx context.Context, p acl.Principal, host string) (control.MemberResult, error)
	SyncMember(ctx context.Context, p acl.Principal, host string) (control.MemberResult, error)
}

// member is what the path of the request names.
func (v *Visit) member() string { return v.PathValue("member") }

// status finds the member's line of the cluster's status.
func (v *Visit) memberStatus() (control.MemberStatus, error) {
	st, err := v.server.Control.Status(v.Context(), v.Principal())
	if err != nil {
		return control.MemberStatus{}, err
	}
	for _, m := range st.Members {
		if m.User == v.Principal().Account() && memberRef(m.Member) == v.member() {
			return m, nil
		}
	}
	return control.MemberStatus{}, &control.Error{Code: control.CodeNotFound, Subject: v.member(), Message: "is not a member here"}
}

// askRole is the first click of a new role: what it would do, in numbers.
func askRole(v *Visit) error {
	return v.showRole(http.StatusOK, cluster.Role(v.FormValue("role")), nil)
}

func (v *Visit) showRole(status int, role cluster.Role, warn []notice) error {
	p, err := v.server.Control.PreviewMember(v.Context(), v.Principal(), control.PreviewRequest{Host: v.member(), Role: role})
	if err != nil {
		return err
	}
	name := p.Member.Label()
	c := confirmation{
		Title: "Change the role of " + name + "?",
		Lead:  "From " + string(p.Member.Role) + " to " + string(p.Role) + ".",
		Lines: sentences(p.Does), Warn: warn,
		Post: memberPath(p.Member) + "/role", Back: "/", Button: "Save role " + string(p.Role),
		Hidden:  []hidden{{"role", string(p.Role)}, {"from", string(p.Member.Role)}},
		Numbers: []figure{{number(p.Zones), "zones on this server"}, {number(p.Link.Waiting), "changes wait for it"}},
	}
	if p.Role == p.Member.Role {
		c.Lead = name + " is " + string(p.Role) + " already: saving changes nothing."
	}
	c.compared(p)
	for _, s := range p.Stops {
		c.Lines = append(c.Lines, "No longer: "+s+".")
	}
	for _, s := range p.Stays {
		c.Numbers = append(c.Numbers, figure{number(s.Zones), "zones stay behind there"})
		c.Warn = append(c.Warn, notice{Level: act, Text: sentence(s.Text())})
	}
	for _, n := range p.Notices {
		c.Warn = append(c.Warn, notice{Level: act, Text: sentence(n)})
	}
	return v.show(status, page{Title: "Role of " + name, Path: "/"}, confirmPage(c))
}

func sentences(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, sentence(l))
	}
	return out
}

// setRole is the second click. If somebody else has changed the role meanwhile, the preview is shown once more.
func setRole(v *Visit) error {
	role := cluster.Role(v.PostFormValue("role"))
	p, err := v.server.Control.PreviewMember(v.Context(), v.Principal(), control.PreviewRequest{Host: v.member(), Role: role})
	if err != nil {
		return err
	}
	if from := v.PostFormValue("from"); from != string(p.Member.Role) {
		return v.showRole(http.StatusConflict, role, []notice{{Level: act, Text: "Somebody else has changed the role meanwhile, to " + string(p.Member.Role) + "."}})
	}
	res, err := v.server.Control.EditMember(v.Context(), v.Principal(), control.MemberEdit{Host: v.member(), Role: &role})
	if err != nil {
		return err
	}
	return v.done("/", resultNotice("The role of "+res.Member.Label()+" is "+string(res.Member.Role)+" now.", res))
}

func resultNotice(text string, r control.MemberResult) notice {
	n := notice{Level: good, Text: text, Lines: sentences(r.Does)}
	if len(r.Notices) > 0 {
		n.Level = busy
		n.Lines = append(n.Lines, sentences(r.Notices)...)
	}
	return n
}

func askDisable(v *Visit) error {
	m, err := v.memberStatus()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Disable " + m.Label(), Path: "/"}, confirmPage(confirmation{
		Title:   "Disable " + m.Label() + "?",
		Numbers: []figure{{number(m.Link.Waiting), "changes wait for it now"}},
		Lines: []string{
			"Nothing is sent to it, taken from it or answered to it until a person enables it.",
			"It keeps the zones that it has and answers them as they are.",
			"Changes that are made meanwhile wait here; when it is enabled it goes on from where it stopped.",
		},
		Post: memberPath(m.Member) + "/disable", Button: "Disable", Danger: true, Back: "/",
	}))
}

func disableMember(v *Visit) error {
	res, err := v.server.Control.DisableMember(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	return v.done("/", notice{Level: idle, Text: res.Member.Label() + " is disabled until a person enables it."})
}

func enableMember(v *Visit) error {
	res, err := v.server.Control.EnableMember(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	return v.done("/", resultNotice(res.Member.Label()+" is enabled.", res))
}

// compared adds what the last comparison found, where there was one.
func (c *confirmation) compared(p control.MemberPreview) {
	if p.Compared == 0 {
		return
	}
	c.Numbers = append(c.Numbers,
		figure{number(p.Differ), "zones differ there"}, figure{number(p.OnlyHere), "zones only here"}, figure{number(p.OnlyThere), "zones only there"})
	c.AsOf = instantOf(p.Compared)
}

func askSync(v *Visit) error {
	p, err := v.server.Control.PreviewMember(v.Context(), v.Principal(), control.PreviewRequest{Host: v.member(), Sync: true})
	if err != nil {
		return err
	}
	name := p.Member.Label()
	c := confirmation{
		Title:   "Synchronize with " + name + " from the beginning?",
		Lead:    "As its role says: " + string(p.Member.Role) + ".",
		Numbers: []figure{{number(p.Zones), "zones on this server"}},
		Lines:   sentences(append(p.Starts, p.Does...)),
		Post:    memberPath(p.Member) + "/synchronize", Button: "Synchronize", Back: "/", Danger: p.Overwrites,
	}
	c.compared(p)
	return v.show(http.StatusOK, page{Title: "Synchronize with " + name, Path: "/"}, confirmPage(c))
}

func syncMember(v *Visit) error {
	res, err := v.server.Control.SyncMember(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	return v.done(memberPath(res.Member)+"/progress", notice{Level: good, Text: "Synchronization with " + res.Member.Label() + " has started.", Lines: sentences(res.Does)})
}

// lookProgress is how far a member has caught up. What there was at the start comes with the address of the page, so that
// the page can be left and come back to.
func (v *Visit) lookProgress() (progress, error) {
	m, err := v.memberStatus()
	if err != nil {
		return progress{}, err
	}
	start, _ := strconv.Atoi(v.FormValue("of"))
	start = max(start, m.Link.Waiting)
	state := memberState(m, true)
	path := memberPath(m.Member)
	of := "?of=" + strconv.Itoa(start)
	return progress{
		Title: "Synchronize with " + m.Label(), Words: state.Text, Level: state.Level,
		Done: start - m.Link.Waiting, Total: start, Ended: m.Link.Connected && m.Link.Waiting == 0,
		Live: "/live" + path + "/progress" + of, Reload: path + "/progress" + of, Back: "/",
	}, nil
}

func memberProgress(v *Visit) error {
	p, err := v.lookProgress()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: p.Title, Path: "/", Live: p.Live}, progressPage(p))
}

func liveProgress(v *Visit) error {
	return v.live(func() (templ.Component, error) {
		p, err := v.lookProgress()
		if err != nil {
			return nil, err
		}
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		return templ.Join(liveProgressPart(p), liveStatusPart(statusChip(st))), err
	})
}
