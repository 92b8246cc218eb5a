package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) joinRoutes(a huma.API) {
	handle(s, a, op("create-invite", http.MethodPost, "/invites", "members", "Make a one-time code with which a new server joins; it is shown once"), s.createInvite)
	handle(s, a, op("list-invites", http.MethodGet, "/invites", "members", "List join codes, without their secrets"), s.listInvites)
	handle(s, a, op("revoke-invite", http.MethodDelete, "/invites/{id}", "members", "Make a join code worthless"), s.revokeInvite)
	handle(s, a, op("join-cluster", http.MethodPost, "/cluster/join", "cluster", "Let this server join a cluster with a code"), s.joinCluster)
	handle(s, a, op("show-member-key", http.MethodGet, "/members/{host}/key", "members", "Ask a member which key it shows now"), s.showKey)
	handle(s, a, op("accept-member-key", http.MethodPost, "/members/{host}/accept-key", "members", "Let the server with another key take the member's place"), s.acceptKey)
}

func (s *Server) createInvite(ctx context.Context, p acl.Principal, in *struct{ Body api.NewInvite }) (*body[api.CreatedInvite], error) {
	b := in.Body
	r := control.InviteRequest{Name: b.Name, Leaf: b.Kind == string(cluster.Leaf), Replaces: b.Replaces, Addresses: b.Addresses}
	var err error
	if b.Role != "" {
		if r.Role, err = cluster.ParseRole(b.Role); err != nil {
			return nil, invalid("role", "%v", err)
		}
	}
	if b.ExpiresIn != "" {
		if r.Expires, err = time.ParseDuration(b.ExpiresIn); err != nil {
			return nil, invalid("expires_in", "%q is not a duration", b.ExpiresIn)
		}
	}
	made, err := s.Control.CreateInvite(ctx, p, r)
	if err != nil {
		return nil, err
	}
	return answer(api.CreatedInvite{Code: made.Text, Info: s.inviteOf(made.Invite)}), nil
}

func (s *Server) inviteOf(i control.Invite) api.Invite {
	out := api.Invite{
		ID: i.ID, Name: i.Name, Role: string(i.Role), Kind: kindOf(i.Relay), Replaces: i.Replaces, Created: i.Created.UTC(), Expires: i.Expires.UTC(),
		State: "open", UsedBy: homeName(i.UsedBy),
	}
	switch {
	case i.UsedBy != "":
		used := i.Used.UTC()
		out.State, out.Used = "used", &used
	case i.Revoked:
		out.State = "revoked"
	case !s.Now().Before(i.Expires):
		out.State = "expired"
	}
	return out
}

func kindOf(relay bool) string {
	if relay {
		return string(cluster.Relay)
	}
	return string(cluster.Leaf)
}

func (s *Server) listInvites(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.InviteList], error) {
	list, err := s.Control.ListInvites(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.InviteList{Invites: make([]api.Invite, 0, len(list))}
	for _, i := range list {
		out.Invites = append(out.Invites, s.inviteOf(i))
	}
	return answer(out), nil
}

func (s *Server) revokeInvite(ctx context.Context, p acl.Principal, in *struct {
	ID string `path:"id"`
},
) (*struct{}, error) {
	return nil, s.Control.RevokeInvite(ctx, p, in.ID)
}

func (s *Server) joinCluster(ctx context.Context, p acl.Principal, in *struct{ Body api.Join }) (*body[api.Joined], error) {
	r, err := s.Control.JoinCluster(ctx, p, control.JoinRequest{Code: in.Body.Code, DryRun: in.Body.DryRun, Confirmed: in.Body.Yes})
	if err != nil {
		return nil, err
	}
	out := api.Joined{
		Server: r.Server, Address: r.Address, Fingerprint: r.Fingerprint, Role: string(r.Role), Kind: kindOf(r.Relay), Zones: r.Zones, Own: r.Own,
		Replaces: r.Replaces, Resumed: r.Resumed, Done: !in.Body.DryRun, Does: r.Does, Notices: r.Notices,
	}
	for _, o := range r.Others {
		out.Others = append(out.Others, api.OtherServer{Name: o.Name, Fingerprint: o.Key})
	}
	if len(out.Others) > 0 {
		out.AddCommand = s.Control.AddCommand()
	}
	return answer(out), nil
}

func keyChangeOf(k control.KeyChange) api.KeyChange {
	return api.KeyChange{Name: k.Name, Pinned: k.Pinned, Shown: k.Shown, Why: k.Why, Rows: k.Rows, Tokens: k.Tokens, Homes: k.Homes, Left: k.Left}
}

func (s *Server) showKey(ctx context.Context, p acl.Principal, in *OneMember) (*body[api.KeyChange], error) {
	k, err := s.Control.ShowKey(ctx, p, in.Host)
	if err != nil {
		return nil, err
	}
	return answer(keyChangeOf(k)), nil
}

type acceptKey struct {
	OneMember
	Body api.AcceptKey
}

func (s *Server) acceptKey(ctx context.Context, p acl.Principal, in *acceptKey) (*body[api.KeyChange], error) {
	key, err := fingerprint(in.Body.Fingerprint)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.AcceptKey(ctx, p, in.Host, key)
	if err != nil {
		return nil, err
	}
	out := keyChangeOf(r.KeyChange)
	out.Moved, out.Done, out.Notices = r.Moved, true, r.Notices
	return answer(out), nil
}
