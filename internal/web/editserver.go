package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// knownServers is what editing and deleting a server asks for.
type knownServers interface {
	ShowMember(ctx context.Context, p acl.Principal, host string) (control.Member, error)
	PreviewRemoval(ctx context.Context, p acl.Principal, host string) (control.RemovalPreview, error)
	RemoveMember(ctx context.Context, p acl.Principal, r control.RemoveRequest) (control.RemoveResult, error)
	ShowKey(ctx context.Context, p acl.Principal, ref string) (control.KeyChange, error)
	AcceptKey(ctx context.Context, p acl.Principal, ref, fingerprint string) (control.AcceptKeyResult, error)
}

// editView is the form of a server that is there.
type editView struct {
	Name, Path, Host, Port, Fingerprint string
	PortError, Problem                  string
	Trust                               chip
	Fields                              []formField
}

func editServer(v *Visit) error {
	m, err := v.server.Control.ShowMember(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	return v.showEdit(http.StatusOK, m, valuesOf(m), nil)
}

// valuesOf is a server as its form has it. The token is in none.
func valuesOf(m control.Member) map[string]string {
	return map[string]string{
		"port": strconv.Itoa(m.Port), control.FieldUsername: m.Username, control.FieldRole: string(m.Role), control.FieldZones: string(m.Zones),
		control.FieldReverseTrust: yesIf(m.Reverse), control.FieldLeaf: yesIf(!m.Relay), control.FieldDebug: yesIf(m.Debug),
	}
}

func (v *Visit) showEdit(status int, m control.Member, values map[string]string, err *control.Error) error {
	list, listErr := v.server.Control.Backends(v.Context(), v.Principal())
	if listErr != nil {
		return listErr
	}
	view := editView{Name: m.Label(), Path: memberPath(m), Host: m.Host, Port: values["port"], Fingerprint: m.Fingerprint, Trust: chip{idle, "not established"}}
	if m.Reverse {
		view.Trust = chip{good, "established"}
	}
	if err != nil {
		if view.Problem = sentence(err.Error()); err.Hint != "" {
			view.Problem += " " + sentence(err.Hint)
		}
	}
	i := slices.IndexFunc(list, func(b control.Backend) bool { return b.Name == m.Backend })
	if i < 0 {
		i = 0 // of a version that knows more kinds: the form of this one's own
	}
	for _, b := range list[i].Fields {
		switch b.Name {
		case control.FieldHost, control.FieldSyncNow, control.FieldFingerprint:
			continue
		case control.FieldToken:
			b.Hint = "leave it empty to keep the one that is there; a new one is tried before it is saved"
		case control.FieldRole:
			b.Choices = slices.DeleteFunc(slices.Clone(b.Choices), func(c control.BackendChoice) bool { return c.Value == "" })
		}
		view.Fields = append(view.Fields, formField{BackendField: b, Value: values[b.Name]})
	}
	return v.show(status, page{Title: "Edit " + view.Name, Path: "/"}, editPage(view))
}

// saveServer saves all but the role. Another role is shown first, as in the row of the table.
func saveServer(v *Visit) error {
	m, err := v.server.Control.ShowMember(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	values := map[string]string{"port": v.PostFormValue("port")}
	for _, name := range []string{control.FieldUsername, control.FieldRole, control.FieldZones, control.FieldReverseTrust, control.FieldLeaf, control.FieldDebug} {
		values[name] = v.PostFormValue(name)
	}
	edit, wrong := editOf(m, values)
	edit.Token = strings.TrimSpace(v.PostFormValue(control.FieldToken))
	if wrong != nil {
		return v.showEdit(http.StatusUnprocessableEntity, m, values, wrong)
	}
	res, err := v.server.Control.EditMember(v.Context(), v.Principal(), edit)
	var e *control.Error
	switch {
	case errors.As(err, &e) && e.Code != control.CodeDenied && e.Code != control.CodeNotFound:
		return v.showEdit(http.StatusUnprocessableEntity, m, values, e)
	case err != nil:
		return err
	}
	n := resultNotice("The settings of "+res.Member.Label()+" are saved.", control.MemberResult{Notices: res.Notices})
	if role := values[control.FieldRole]; role != "" && role != string(m.Role) {
		n.Text += " The role is not changed yet: see first what it does."
		return v.done(memberPath(res.Member)+"/role?role="+role, n)
	}
	return v.done("/", n)
}

func editOf(m control.Member, values map[string]string) (control.MemberEdit, *control.Error) {
	port, err := strconv.Atoi(strings.TrimSpace(values["port"]))
	if err != nil || port < 1 || port > 65535 {
		return control.MemberEdit{}, &control.Error{Code: control.CodeInvalid, Subject: "port", Message: "give a number from 1 to 65535"}
	}
	zones, user := cluster.Zones(values[control.FieldZones]), strings.TrimSpace(values[control.FieldUsername])
	leaf, debug, reverse := values[control.FieldLeaf] != "", values[control.FieldDebug] != "", values[control.FieldReverseTrust] != ""
	return control.MemberEdit{Host: memberRef(m), Port: &port, Username: &user, Zones: &zones, Leaf: &leaf, Debug: &debug, ReverseTrust: &reverse}, nil
}

// removalView is the page before a server is deleted.
type removalView struct {
	Name, Path, AtHome string
	Figures            []figure
	Here, There        []string
	Replace            string
	Zones              int // at home there
	Waiting, Connected bool
	Warn               []notice
}

func askRemoval(v *Visit) error { return v.showRemoval(http.StatusOK, nil) }

func (v *Visit) showRemoval(status int, warn []notice) error {
	p, err := v.server.Control.PreviewRemoval(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	view := removalView{
		Name: p.Member.Label(), Path: memberPath(p.Member), AtHome: strconv.Itoa(p.AtHome), Zones: p.AtHome, Here: sentences(p.Here), There: sentences(p.There),
		Replace: sentence(p.Replace), Waiting: p.Link.Waiting > 0, Connected: p.Link.Connected, Warn: warn,
		Figures: []figure{{number(p.Zones), "zones here"}, {number(p.AtHome), "of them at home there"}, {number(p.Link.Waiting), "changes wait for it"}},
	}
	for _, s := range p.Stays {
		view.Figures = append(view.Figures, figure{number(s.Zones), "zones stay behind there"})
	}
	return v.show(status, page{Title: "Delete " + view.Name, Path: "/"}, removalPage(view))
}

// drainTime is how long a page waits for what is on its way to a server that is deleted.
const drainTime = 20 * time.Second

func removeServer(v *Visit) error {
	r := control.RemoveRequest{Host: v.member(), Trash: v.PostFormValue("zones") == "trash"}
	r.Confirm, _ = strconv.Atoi(v.PostFormValue("at_home"))
	if v.PostFormValue("drain") != "" {
		r.Drain = drainTime
	}
	res, err := v.server.Control.RemoveMember(v.Context(), v.Principal(), r)
	var e *control.Error
	switch {
	case errors.As(err, &e) && e.Code == control.CodeStale:
		return v.showRemoval(http.StatusConflict, []notice{{Level: act, Text: sentence(e.Error())}})
	case err != nil:
		return err
	}
	n := notice{Level: good, Text: res.Member.Label() + " is deleted from your DNS cluster. " + count(res.ZonesKept, "zone stays", "zones stay") + " here.", Lines: sentences(res.Notices)}
	if res.Trashed > 0 {
		n.Lines = append(n.Lines, count(res.Trashed, "zone is", "zones are")+" in the trash, on all servers.")
	}
	if res.ZonesAtHome > 0 {
		n.Lines = append(n.Lines, count(res.ZonesAtHome, "zone has", "zones have")+" that server as home still, and can be edited here.")
	}
	return v.done("/", n)
}

// askKey shows the key that is pinned and the one that answers.
func askKey(v *Visit) error {
	k, err := v.server.Control.ShowKey(v.Context(), v.Principal(), v.member())
	if err != nil {
		return err
	}
	path := "/members/" + v.member() + "/key"
	c := confirmation{
		Title: "Accept another key of " + k.Name + "?", Post: path, Button: "Accept the new key", Danger: true, Back: "/",
		Numbers: []figure{{number(k.Rows), "entries of your DNS cluster"}, {number(k.Tokens), "tokens bound to the old key"}, {number(k.Homes), "zones at home there"}},
		Lines: []string{
			"Pinned key: " + k.Pinned + ".", "Key that answers: " + orDash(k.Shown) + ".",
			"The server with the new key takes the place of the other: its entries, tokens and zones; synchronization begins anew.",
			"Compare the new key with the one that server printed when it started. If nobody has replaced it, somebody may be in between.",
		},
		Hidden: []hidden{{"fingerprint", k.Shown}},
	}
	switch {
	case k.Shown == "":
		c.Warn = []notice{{Level: act, Text: sentence("it cannot be asked which key it shows: " + k.Why)}}
	case k.Shown == k.Pinned:
		c.Warn = []notice{{Level: good, Text: "It shows the pinned key: there is nothing to accept."}}
	}
	return v.show(http.StatusOK, page{Title: "Key of " + k.Name, Path: "/"}, confirmPage(c))
}

func acceptKey(v *Visit) error {
	r, err := v.server.Control.AcceptKey(v.Context(), v.Principal(), v.member(), v.PostFormValue("fingerprint"))
	if err != nil {
		return err
	}
	return v.done("/", notice{Level: good, Text: "The new key of " + r.Name + " is pinned. " + count(r.Moved, "zone has", "zones have") + " moved to it.", Lines: sentences(r.Notices)})
}
