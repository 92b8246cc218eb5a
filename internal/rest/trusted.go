package rest

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) trustedRoutes(a huma.API) {
	handle(s, a, op("list-trusted-ips", http.MethodGet, "/trusted-ips", "cluster", "List the addresses to which zones should be delegated"), s.listTrusted)
	handle(s, a, op("add-trusted-ip", http.MethodPost, "/trusted-ips", "cluster", "Keep an address by hand"), s.addTrusted)
	handle(s, a, op("remove-trusted-ip", http.MethodDelete, "/trusted-ips/{address}", "cluster", "Forget an address that is kept by hand"), s.removeTrusted)
	handle(s, a, op("set-delegation-rule", http.MethodPut, "/trusted-ips/rule", "cluster", "Say what becomes of new zones that are delegated elsewhere"), s.setDelegationRule)
}

func (s *Server) listTrusted(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.TrustedIPs], error) {
	list, err := s.Control.TrustedIPs(ctx, p)
	if err != nil {
		return nil, err
	}
	rule, err := s.Control.DelegationRule(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.TrustedIPs{Addresses: []api.TrustedIP{}, Rule: api.DelegationRule{AllowRemote: !rule.RefuseRemote, AllowUnregistered: !rule.RefuseUnregistered}}
	for _, t := range list {
		out.Addresses = append(out.Addresses, api.TrustedIP{Address: t.Address.String(), Sources: t.Sources, ByHand: t.ByHand, Note: t.Note})
	}
	return answer(out), nil
}

func (s *Server) addTrusted(ctx context.Context, p acl.Principal, in *struct{ Body api.NewTrustedIP }) (*body[api.TrustedIPs], error) {
	a, err := netip.ParseAddr(in.Body.Address)
	if err != nil {
		return nil, invalid("address", "%q is not an address", in.Body.Address)
	}
	if err := s.Control.AddTrustedIP(ctx, p, a, in.Body.Note); err != nil {
		return nil, err
	}
	return s.listTrusted(ctx, p, nil)
}

func (s *Server) removeTrusted(ctx context.Context, p acl.Principal, in *struct {
	Address string `path:"address"`
},
) (*body[api.TrustedIPs], error) {
	a, err := netip.ParseAddr(in.Address)
	if err != nil {
		return nil, invalid("address", "%q is not an address", in.Address)
	}
	if err := s.Control.RemoveTrustedIP(ctx, p, a); err != nil {
		return nil, err
	}
	return s.listTrusted(ctx, p, nil)
}

func (s *Server) setDelegationRule(ctx context.Context, p acl.Principal, in *struct{ Body api.DelegationRule }) (*body[api.TrustedIPs], error) {
	err := s.Control.SetDelegationRule(ctx, p, control.DelegationRule{RefuseRemote: !in.Body.AllowRemote, RefuseUnregistered: !in.Body.AllowUnregistered})
	if err != nil {
		return nil, err
	}
	return s.listTrusted(ctx, p, nil)
}
