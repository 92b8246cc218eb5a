package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// invites is what join codes ask for.
type invites interface {
	CreateInvite(ctx context.Context, p acl.Principal, r control.InviteRequest) (control.NewInvite, error)
	ListInvites(ctx context.Context, p acl.Principal) ([]control.Invite, error)
	RevokeInvite(ctx context.Context, p acl.Principal, id string) error
}

const invitePath = "/members/invite"

// inviteView is the page of join codes.
type inviteView struct {
	Form    inviteForm
	Code    string // just made; shown this once
	Expires instant
	Rows    []inviteRow
}

type inviteForm struct {
	Name, Role, Hours, Replaces string
	Leaf                        bool
	Problem                     string
	Members                     []string // whose place the new server may take
}

type inviteRow struct {
	ID, Name, Role, Kind, By string
	Created, Expires         instant
	State                    chip
	Open                     bool
}

func showInvites(v *Visit) error {
	return v.showInvites(http.StatusOK, inviteView{Form: inviteForm{Role: string(cluster.Synchronize), Hours: "24"}})
}

func (v *Visit) showInvites(status int, view inviteView) error {
	list, err := v.server.Control.ListInvites(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	st, err := v.server.Control.Status(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	for _, m := range st.Members {
		view.Form.Members = append(view.Form.Members, m.Label())
	}
	now := v.server.Now()
	for _, i := range list {
		view.Rows = append(view.Rows, inviteRowOf(i, now))
	}
	return v.show(status, page{Title: "Join codes", Path: "/"}, invitePage(view))
}

func inviteRowOf(i control.Invite, now time.Time) inviteRow {
	r := inviteRow{
		ID: i.ID, Name: orDash(i.Name), Role: string(i.Role), Kind: string(cluster.Leaf), Created: instant{i.Created}, Expires: instant{i.Expires},
		State: chip{good, "open"}, Open: true,
	}
	if i.Relay {
		r.Kind = string(cluster.Relay)
	}
	switch {
	case i.UsedBy != "":
		r.By, _, _ = strings.Cut(i.UsedBy, " ")
		r.State, r.Open = chip{idle, "used by " + r.By}, false
	case i.Revoked:
		r.State, r.Open = chip{idle, "revoked"}, false
	case !now.Before(i.Expires):
		r.State, r.Open = chip{idle, "expired"}, false
	}
	return r
}

// createInvite answers with the page that has the code: it is kept nowhere, so there is nothing to redirect to.
func createInvite(v *Visit) error {
	f := inviteForm{
		Name: v.PostFormValue("name"), Role: v.PostFormValue("role"), Hours: v.PostFormValue("hours"), Replaces: v.PostFormValue("replaces"), Leaf: v.PostFormValue("leaf") != "",
	}
	hours, err := strconv.Atoi(f.Hours)
	if err != nil || hours < 1 || hours > 720 {
		f.Problem = "Give a number of hours from 1 to 720."
		return v.showInvites(http.StatusUnprocessableEntity, inviteView{Form: f})
	}
	made, err := v.server.Control.CreateInvite(v.Context(), v.Principal(), control.InviteRequest{
		Name: f.Name, Role: cluster.Role(f.Role), Leaf: f.Leaf, Replaces: f.Replaces, Expires: time.Duration(hours) * time.Hour,
	})
	var wrong *control.Error
	switch {
	case errors.As(err, &wrong) && wrong.Code == control.CodeInvalid:
		f.Problem = sentence(wrong.Error())
		return v.showInvites(http.StatusUnprocessableEntity, inviteView{Form: f})
	case err != nil:
		return err
	}
	return v.showInvites(http.StatusOK, inviteView{Form: inviteForm{Role: f.Role, Hours: f.Hours}, Code: made.Text, Expires: instant{made.Invite.Expires}})
}

func revokeInvite(v *Visit) error {
	id := v.PathValue("invite")
	if err := v.server.Control.RevokeInvite(v.Context(), v.Principal(), id); err != nil {
		return err
	}
	return v.done(invitePath, notice{Level: idle, Text: "The join code " + id + " is worthless now."})
}
