package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// newServers is what adding a server asks for.
type newServers interface {
	Backends(ctx context.Context, p acl.Principal) ([]control.Backend, error)
	PreviewNewMember(ctx context.Context, p acl.Principal, r control.MemberRequest) (control.NewMemberPreview, error)
	AddMember(ctx context.Context, p acl.Principal, r control.MemberRequest) (control.MemberResult, error)
}

const addPath = "/members/add"

// serverForm is the form of a backend, as it is filled in.
type serverForm struct {
	Backend control.Backend
	Values  map[string]string
	Errors  map[string]string // by field
	Problem string            // of no field
	Hint    string
	Kept    string // the box with the token that was typed in before
}

func (f serverForm) value(name string) string { return f.Values[name] }

func (f serverForm) field(b control.BackendField) formField {
	return formField{BackendField: b, Value: f.Values[b.Name], Error: f.Errors[b.Name], Kept: b.Type == control.FieldSecret && f.Kept != ""}
}

// formField is one field of a backend's form as it is shown.
type formField struct {
	control.BackendField
	Value, Error string
	Kept         bool // a secret that was typed in before, and need not be again
}

func (f formField) id() string { return "f-" + f.Name }

func (f formField) describedBy() string {
	return field{Name: f.Name, Error: f.Error, Hint: f.Hint}.describedBy()
}

// fieldAttributes tells a screen reader what explains a field.
func fieldAttributes(f formField) templ.Attributes {
	a := templ.Attributes{}
	if by := f.describedBy(); by != "" {
		a["aria-describedby"] = by
	}
	if f.Error != "" {
		a["aria-invalid"], a["autofocus"] = "true", true
	}
	return a
}

// addServer is the menu of backend types, and with one chosen its form.
func addServer(v *Visit) error {
	list, err := v.server.Control.Backends(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	name := v.FormValue("backend")
	if name == "" {
		return v.show(http.StatusOK, page{Title: "Add a server", Path: "/"}, backendPage(list))
	}
	b, err := chosen(list, name)
	if err != nil {
		return err
	}
	f := serverForm{Backend: b, Values: map[string]string{}}
	for _, field := range b.Fields {
		f.Values[field.Name] = field.Default
	}
	f.Values[control.FieldHost] = v.FormValue("host")
	return v.showServerForm(http.StatusOK, f)
}

func chosen(list []control.Backend, name string) (control.Backend, error) {
	i := slices.IndexFunc(list, func(b control.Backend) bool { return b.Name == name })
	if i < 0 || !list[i].Available {
		return control.Backend{}, &control.Error{Code: control.CodeNotFound, Subject: name, Message: "is no backend type that this version can work with", Hint: "zonefleet backend list"}
	}
	return list[i], nil
}

func (v *Visit) showServerForm(status int, f serverForm) error {
	return v.show(status, page{Title: "Add a server", Path: "/"}, serverFormPage(f))
}

// readServerForm reads what was sent. What was typed in as the token before comes back in its box.
func (v *Visit) readServerForm() (serverForm, control.MemberRequest, error) {
	list, err := v.server.Control.Backends(v.Context(), v.Principal())
	if err != nil {
		return serverForm{}, control.MemberRequest{}, err
	}
	b, err := chosen(list, v.PostFormValue("backend"))
	if err != nil {
		return serverForm{}, control.MemberRequest{}, err
	}
	f := serverForm{Backend: b, Values: map[string]string{}, Errors: map[string]string{}}
	for _, field := range b.Fields {
		f.Values[field.Name] = v.PostFormValue(field.Name)
	}
	now := v.server.Now()
	if f.Values[control.FieldToken] == "" {
		f.Values[control.FieldToken] = v.server.sealer.open(v.session.ID, v.PostFormValue("kept"), now)
	}
	f.Kept = v.server.sealer.seal(v.session.ID, f.Values[control.FieldToken], now)
	r, err := control.MemberForm(b.Name, f.Values)
	f.Values[control.FieldToken] = ""
	return f, r, err
}

// refuseServer shows the form again with what was wrong, beside its field where it has one.
func (v *Visit) refuseServer(f serverForm, r control.MemberRequest, err error) error {
	var e *control.Error
	if f.Backend.Name == "" || !errors.As(err, &e) || e.Code == control.CodeDenied || e.Code == control.CodeInternal {
		return err
	}
	at := e.Subject
	switch {
	case errors.Is(err, control.ErrTokenRefused), errors.Is(err, control.ErrNotAllowed):
		at = control.FieldToken
	case errors.Is(err, control.ErrPinChanged):
		at = control.FieldFingerprint
	case at == cluster.NormalizeHost(r.Host), at == "member":
		at = control.FieldHost
	}
	text := sentence(strings.TrimPrefix(e.Error(), at+": "))
	if e.Hint != "" {
		text += " " + sentence(e.Hint)
	}
	if slices.ContainsFunc(f.Backend.Fields, func(b control.BackendField) bool { return b.Name == at }) {
		f.Errors[at] = text
	} else {
		f.Problem = text
	}
	if at == control.FieldToken {
		f.Kept = ""
	}
	return v.showServerForm(http.StatusUnprocessableEntity, f)
}

// reviewView is what adding the server would do.
type reviewView struct {
	Form     serverForm
	Name     string
	Facts    []fact
	Figures  []figure
	Moves    []string
	Does     []string
	Warn     []notice
	Suggests string // in words, where something else was chosen
	Role     string
	Reverse  bool
	Sync     bool
	Shown    string // what was chosen when this was shown: adding something else is shown first
	Examples []examples
	Danger   bool
}

// fact is one line of what a server says of itself.
type fact struct{ Label, Value string }

// examples are some names of one kind.
type examples struct {
	Title string
	Names []string
	More  bool
}

func reviewServer(v *Visit) error {
	f, r, err := v.readServerForm()
	if err != nil {
		return v.refuseServer(f, r, err)
	}
	return v.showReview(http.StatusOK, f, r, nil)
}

func (v *Visit) showReview(status int, f serverForm, r control.MemberRequest, warn []notice) error {
	p, err := v.server.Control.PreviewNewMember(v.Context(), v.Principal(), r)
	if err != nil {
		return v.refuseServer(f, r, err)
	}
	view := reviewOf(f, p, r.SyncNow)
	view.Warn = append(warn, view.Warn...)
	return v.show(status, page{Title: "Add " + view.Name, Path: "/"}, reviewPage(view))
}

// reviewOf makes the view. The form goes on with what the preview has found out: role, reverse trust and key.
func reviewOf(f serverForm, p control.NewMemberPreview, syncNow bool) reviewView {
	m := p.Member
	f.Values[control.FieldRole], f.Values[control.FieldFingerprint] = string(m.Role), m.Fingerprint
	f.Values[control.FieldReverseTrust] = yesIf(m.ReverseTrust)
	view := reviewView{
		Form: f, Name: m.Label(), Moves: sentences(p.Moves), Does: sentences(p.Does), Role: string(m.Role), Reverse: m.ReverseTrust, Sync: syncNow, Danger: p.Overwrites,
		Facts: []fact{
			{"Fingerprint of its key", m.Fingerprint},
			{"Version", m.Version},
			{"Nameserver software", orDash(m.Software)},
			{"Profile", profileName(p.Remote) + "; this server: " + profileName(p.Own)},
			{"It answers DNS at", orDash(strings.Join(p.Facts.Addresses, ", "))},
		},
	}
	view.Shown = chosenOf(f.Values)
	if s := p.Suggested; s.Role != m.Role || s.ReverseTrust != m.ReverseTrust {
		view.Suggests = sentence("for these two servers " + string(s.Role) + ", " + withReverse(s.ReverseTrust) + ", is suggested: " + s.Why)
	}
	if view.Suggests == "" {
		view.Suggests = sentence("suggested for these two servers: " + p.Suggested.Why)
	}
	view.numbers(p)
	if p.Writers != "" {
		view.Warn = append(view.Warn, notice{Level: act, Text: sentence(p.Writers)})
	}
	for _, n := range p.Notices {
		if n != p.Writers {
			view.Warn = append(view.Warn, notice{Level: busy, Text: sentence(n)})
		}
	}
	for _, n := range p.Advice {
		view.Warn = append(view.Warn, notice{Level: idle, Text: sentence(n)})
	}
	return view
}

func (view *reviewView) numbers(p control.NewMemberPreview) {
	view.Figures = []figure{{number(p.Zones), "zones here"}}
	o := p.Overlap
	if o == nil {
		view.Warn = append(view.Warn, notice{Level: busy, Text: sentence("it is not known what it has: " + p.Unknown)})
		return
	}
	view.Figures = append(view.Figures, figure{number(o.There), "zones there"}, figure{number(o.Same), "alike on both"}, figure{number(o.OnlyHere), "only here"},
		figure{number(o.OnlyThere), "only there"}, figure{number(o.NewerHere), "newer here"}, figure{number(o.NewerThere), "newer there"}, figure{number(o.Apart), "changed on both"})
	view.Examples = append(view.Examples, examples{"Newer there", names(o.Newer), o.NewerThere > len(o.Newer)}, examples{"Changed on both", names(o.Both), o.Apart > len(o.Both)})
	if o.More {
		view.Warn = append(view.Warn, notice{Level: idle, Text: "More zones differ than were looked at: the numbers are at least these."})
	}
}

func names(zones []zone.Name) (list []string) {
	for _, z := range zones {
		list = append(list, z.Text())
	}
	return list
}

func profileName(p cluster.Profile) string {
	if p == cluster.ProfileNameserver {
		return "nameserver only"
	}
	return "standard"
}

func withReverse(with bool) string {
	if with {
		return "with reverse trust"
	}
	return "without reverse trust"
}

func yesIf(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// chosenOf is what a person can change on the review, in one text.
func chosenOf(values map[string]string) string {
	return strings.Join([]string{values[control.FieldRole], values[control.FieldReverseTrust], values[control.FieldSyncNow]}, "/")
}

// addServerNow is the second click. What was not shown as it is chosen now is shown first.
func addServerNow(v *Visit) error {
	f, r, err := v.readServerForm()
	if err != nil {
		return v.refuseServer(f, r, err)
	}
	if chosenOf(f.Values) != v.PostFormValue("shown") || r.Fingerprint == "" {
		return v.showReview(http.StatusOK, f, r, []notice{{Level: idle, Text: "This is what the new choice does. Nothing is saved yet."}})
	}
	res, err := v.server.Control.AddMember(v.Context(), v.Principal(), r)
	if err != nil {
		return v.refuseServer(f, r, err)
	}
	return v.done(memberPath(res.Member)+"/added", resultNotice(res.Member.Label()+" is in your DNS cluster now, as "+string(res.Member.Role)+".", res))
}

// addedView is the page after adding.
type addedView struct {
	Name, Path string
	Facts      []fact
	Trust      chip
	Progress   progress
}

func serverAdded(v *Visit) error {
	m, err := v.memberStatus()
	if err != nil {
		return err
	}
	p, err := v.lookProgress()
	if err != nil {
		return err
	}
	view := addedView{
		Name: m.Label(), Path: memberPath(m.Member), Progress: p, Trust: chip{idle, "not asked for"},
		Facts: []fact{{"DNS role", string(m.Role)}, {"Fingerprint of its key", m.Fingerprint}, {"Version", m.Version}, {"Port", strconv.Itoa(m.Port)}},
	}
	switch {
	case m.Reverse:
		view.Trust = chip{good, "established: this server is registered there, as standalone"}
	case m.ReverseTrust:
		view.Trust = chip{act, "not established: add this server there by hand"}
	}
	return v.show(http.StatusOK, page{Title: m.Label() + " is added", Path: "/", Live: p.Live}, addedPage(view))
}
