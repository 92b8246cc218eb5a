package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// ownSignIn is what somebody does with the own sign-in.
type ownSignIn interface {
	ChangePassword(ctx context.Context, secret, old, password string) error
	ShowSignIn(ctx context.Context, p acl.Principal, user string) (control.SignInState, error)
	OfferTOTP(ctx context.Context, p acl.Principal) (control.TOTPOffer, error)
	ConfirmTOTP(ctx context.Context, p acl.Principal, secret, code string) ([]string, error)
	RemoveTOTP(ctx context.Context, p acl.Principal, user, code string) error
	Sessions(ctx context.Context, p acl.Principal, user string) ([]control.Session, error)
	EndSessions(ctx context.Context, p acl.Principal, user, session string) (int, error)
}

// accountView is the page My account.
type accountView struct {
	User     string
	State    control.SignInState
	Sessions []sessionRow
	Problem  string
	Offer    *control.TOTPOffer
	Picture  qrCode   // of the offer
	Recovery []string // shown once
}

type sessionRow struct {
	ID, From, Means    string
	Opened, Seen, Ends instant
	This               bool
}

func account(v *Visit) error { return v.showAccount(http.StatusOK, accountView{}) }

func (v *Visit) showAccount(status int, view accountView) error {
	c, ctx, p := v.server.Control, v.Context(), v.Principal()
	view.User = p.User
	var err error
	if view.State, err = c.ShowSignIn(ctx, p, p.User); err != nil {
		return err
	}
	list, err := c.Sessions(ctx, p, p.User)
	if err != nil {
		return err
	}
	for _, s := range list {
		view.Sessions = append(view.Sessions, sessionRow{s.ID, s.From, s.Means, instantOf(s.Opened), instantOf(s.Seen), instantOf(s.Until), s.ID == v.session.ID})
	}
	return v.show(status, page{Title: "My account", Path: "/account"}, accountPage(view))
}

func endSession(v *Visit) error {
	id := v.PostFormValue("session")
	if id == "" {
		return &control.Error{Code: control.CodeInvalid, Subject: "session", Message: "which session?"}
	}
	if _, err := v.server.Control.EndSessions(v.Context(), v.Principal(), v.Principal().User, id); err != nil {
		return err
	}
	return v.done("/account", notice{Level: good, Text: "The session is ended."})
}

func setUpCode(v *Visit) error {
	o, err := v.server.Control.OfferTOTP(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	return v.showAccount(http.StatusOK, accountView{Offer: &o, Picture: qrOf(o.URI)})
}

// confirmCode carries the secret in the form until a code proves that the authenticator has it.
func confirmCode(v *Visit) error {
	secret, uri := v.PostFormValue("secret"), v.PostFormValue("uri")
	codes, err := v.server.Control.ConfirmTOTP(v.Context(), v.Principal(), secret, v.PostFormValue("code"))
	if m := mistake(err); m != nil {
		return v.showAccount(http.StatusUnprocessableEntity, accountView{Problem: sentence(m.Error()), Offer: &control.TOTPOffer{Secret: secret, URI: uri}, Picture: qrOf(uri)})
	}
	if err != nil {
		return err
	}
	return v.showAccount(http.StatusOK, accountView{Recovery: codes})
}

func removeCode(v *Visit) error {
	err := v.server.Control.RemoveTOTP(v.Context(), v.Principal(), v.Principal().User, strings.TrimSpace(v.PostFormValue("code")))
	if m := mistake(err); m != nil {
		return v.showAccount(http.StatusUnprocessableEntity, accountView{Problem: sentence(m.Error())})
	}
	if err != nil {
		return err
	}
	return v.done("/account", notice{Level: good, Text: "You sign in without a code from now on."})
}

// passwordView is the page that asks for a password: after a link, or on wish.
type passwordView struct {
	User, Problem string
	NeedsOld      bool
}

func askPassword(v *Visit) error { return v.showPassword(http.StatusOK, "") }

func (v *Visit) showPassword(status int, problem string) error {
	st, err := v.server.Control.ShowSignIn(v.Context(), v.Principal(), v.Principal().User)
	if err != nil {
		return err
	}
	view := passwordView{User: v.Principal().User, Problem: problem, NeedsOld: st.Password}
	return v.show(status, page{Title: "Set a password", Path: "/account"}, passwordPage(view))
}

func setPassword(v *Visit) error {
	password := v.PostFormValue("password")
	if password != v.PostFormValue("again") {
		return v.showPassword(http.StatusUnprocessableEntity, "The two passwords are not the same.")
	}
	err := v.server.Control.ChangePassword(v.Context(), secretOf(v.Request), v.PostFormValue("old"), password)
	if m := mistake(err); m != nil {
		return v.showPassword(http.StatusUnprocessableEntity, sentence(m.Error()))
	}
	if errors.Is(err, control.ErrThrottled) {
		return v.showPassword(http.StatusTooManyRequests, sentence(ErrThrottled.Error()))
	}
	if err != nil {
		return err
	}
	return v.done("/", notice{Level: good, Text: "The password is set. Other sessions have ended."})
}
