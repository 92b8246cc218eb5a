package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// trustedAddresses is what the page Remote service IPs asks for.
type trustedAddresses interface {
	TrustedIPs(ctx context.Context, p acl.Principal) ([]control.TrustedIP, error)
	AddTrustedIP(ctx context.Context, p acl.Principal, a netip.Addr, note string) error
	RemoveTrustedIP(ctx context.Context, p acl.Principal, a netip.Addr) error
	DelegationRule(ctx context.Context, p acl.Principal) (control.DelegationRule, error)
	SetDelegationRule(ctx context.Context, p acl.Principal, r control.DelegationRule) error
}

const trustedPath = "/trusted-ips"

type trustedView struct {
	Rows                 []trustedRow
	Address, Note, Error string
	Remote, Unregistered bool // are allowed
}

type trustedRow struct {
	Address, Source, Note string
	ByHand                bool
}

func showTrusted(v *Visit) error {
	return v.showTrusted(http.StatusOK, trustedView{Address: v.FormValue("address")})
}

func (v *Visit) showTrusted(status int, view trustedView) error {
	list, err := v.server.Control.TrustedIPs(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	rule, err := v.server.Control.DelegationRule(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	view.Remote, view.Unregistered = !rule.RefuseRemote, !rule.RefuseUnregistered
	for _, t := range list {
		from := t.Sources
		if t.ByHand {
			from = append(from, "by hand")
		}
		view.Rows = append(view.Rows, trustedRow{t.Address.String(), strings.Join(from, ", "), orDash(t.Note), t.ByHand})
	}
	return v.show(status, page{Title: "Remote service IPs", Path: trustedPath}, trustedPage(view))
}

func addTrusted(v *Visit) error {
	view := trustedView{Address: strings.TrimSpace(v.PostFormValue("address")), Note: v.PostFormValue("note")}
	a, err := netip.ParseAddr(view.Address)
	if err != nil {
		view.Error = "Give an IPv4 or IPv6 address."
		return v.showTrusted(http.StatusUnprocessableEntity, view)
	}
	err = v.server.Control.AddTrustedIP(v.Context(), v.Principal(), a, view.Note)
	var wrong *control.Error
	switch {
	case errors.As(err, &wrong) && wrong.Code == control.CodeInvalid:
		view.Error = sentence(wrong.Message)
		return v.showTrusted(http.StatusUnprocessableEntity, view)
	case err != nil:
		return err
	}
	return v.done(trustedPath, notice{Level: good, Text: a.String() + " is trusted."})
}

func removeTrusted(v *Visit) error {
	a, err := netip.ParseAddr(v.PostFormValue("address"))
	if err != nil {
		return &control.Error{Code: control.CodeInvalid, Subject: "address", Message: "is no address"}
	}
	if err := v.server.Control.RemoveTrustedIP(v.Context(), v.Principal(), a); err != nil {
		return err
	}
	return v.done(trustedPath, notice{Level: idle, Text: a.String() + " is not kept by hand any more."})
}

func setDelegationRule(v *Visit) error {
	r := control.DelegationRule{RefuseRemote: v.PostFormValue("remote") == "", RefuseUnregistered: v.PostFormValue("unregistered") == ""}
	if err := v.server.Control.SetDelegationRule(v.Context(), v.Principal(), r); err != nil {
		return err
	}
	return v.done(trustedPath, notice{Level: good, Text: "What becomes of new zones that are delegated elsewhere is saved."})
}
