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

func (s *Server) memberRoutes(a huma.API) {
	handle(s, a, op("list-members", http.MethodGet, "/members", "members", "List the DNS cluster table"), s.listMembers)
	handle(s, a, op("add-member", http.MethodPost, "/members", "members", "Check a server and add it"), s.addMember)
	handle(s, a, op("show-member", http.MethodGet, "/members/{host}", "members", "Show one row"), s.showMember)
	handle(s, a, op("edit-member", http.MethodPatch, "/members/{host}", "members", "Change settings of a member"), s.editMember)
	handle(s, a, op("remove-member", http.MethodDelete, "/members/{host}", "members", "Remove a member; its zones stay here"), s.removeMember)
	handle(s, a, op("preview-member", http.MethodGet, "/members/{host}/preview", "members", "Show what a new role, or a synchronization from the beginning, would do"), s.previewMember)
	handle(s, a, op("show-member-nameserver", http.MethodGet, "/members/{host}/nameserver", "members", "Show the nameserver of a member, and what has to be done so that it can do DNSSEC"), s.memberNameserver)
	handle(s, a, op("list-backends", http.MethodGet, "/backends", "members", "List the kinds of servers that a member can be, with their forms"), s.listBackends)
	handle(s, a, op("preview-new-member", http.MethodPost, "/members/preview", "members", "Ask a server and say what adding it would do; nothing is saved"), s.previewNewMember)
	handle(s, a, op("preview-removal", http.MethodGet, "/members/{host}/removal", "members", "Say what removing a member would do, on each side"), s.previewRemoval)
	verb := func(id, word, summary string, f func(context.Context, acl.Principal, string) (control.MemberResult, error)) {
		handle(s, a, op(id, http.MethodPost, "/members/{host}/"+word, "members", summary), s.onMember(f))
	}
	verb("enable-member", "enable", "Let a disabled member go on where it stopped", s.Control.EnableMember)
	verb("disable-member", "disable", "Stop working with a member until it is enabled", s.Control.DisableMember)
	verb("sync-member", "sync", "Synchronize zones immediately, as the role says", s.Control.SyncMember)
}

// OneMember names the member of a call.
type OneMember struct {
	Host string `path:"host" doc:"host, as it was added, or the name that the server gives itself"`
}

func (s *Server) listMembers(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.MemberList], error) {
	list, err := s.memberStatus(ctx, p)
	if err != nil {
		return nil, err
	}
	return answer(api.MemberList{Members: list}), nil
}

func (s *Server) memberStatus(ctx context.Context, p acl.Principal) ([]api.Member, error) {
	list, err := s.Control.MemberStatus(ctx, p)
	if err != nil {
		return nil, err
	}
	return membersOf(list), nil
}

func membersOf(list []control.MemberStatus) []api.Member {
	out := make([]api.Member, 0, len(list))
	for _, m := range list {
		doc := memberOf(m.Member, m.Health, m.Link)
		doc.Drifted, doc.Compared = m.Drifted, maybeTime(m.Compared)
		if !doc.Connected {
			doc.ShownKey = m.Shown
		}
		out = append(out, doc)
	}
	return out
}

func memberOf(m control.Member, h cluster.Health, l control.LinkStatus) api.Member {
	zones := m.Zones
	if zones == "" {
		zones = cluster.Common
	}
	return api.Member{
		ID: m.Host, User: m.User, Name: m.Name, Host: m.Host, Port: m.Port, Username: m.Username, Backend: m.Backend,
		Role: string(m.Role), Zones: string(zones), Debug: m.Debug, ReverseTrust: m.Reverse, Fingerprint: m.Fingerprint,
		Version: m.Version, Software: m.Software, DNSSEC: m.DNSSEC, State: string(h.Current()), Since: maybeTime(h.Since), Connected: l.Connected,
		Failures: h.Failures, LastError: h.LastError, Waiting: l.Waiting, Oldest: maybeTime(l.Oldest),
		Exceptions: l.Exceptions, Held: l.Held, Relay: m.Relay, Added: timeOf(m.Added), Filling: m.PullAll || m.PullOthers,
	}
}

func (s *Server) showMember(ctx context.Context, p acl.Principal, in *OneMember) (*body[api.Member], error) {
	m, err := s.Control.ShowMember(ctx, p, in.Host)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.MemberStatus(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, known := range list {
		if known.Target == m.Target {
			return answer(membersOf([]control.MemberStatus{known})[0]), nil
		}
	}
	return answer(memberOf(m, m.Health, control.LinkStatus{})), nil
}

func (s *Server) addMember(ctx context.Context, p acl.Principal, in *struct{ Body api.NewMember }) (*body[api.MemberResult], error) {
	q, err := newMember(in.Body)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.AddMember(ctx, p, q)
	return memberResult(r, err)
}

func memberResult(r control.MemberResult, err error) (*body[api.MemberResult], error) {
	if err != nil {
		return nil, err
	}
	doc := memberOf(r.Member, r.Member.Health, control.LinkStatus{})
	return answer(api.MemberResult{Member: doc, Notices: r.Notices, Does: r.Does}), nil
}

// newMember reads a document into a request.
func newMember(b api.NewMember) (r control.MemberRequest, err error) {
	r = control.MemberRequest{
		Backend: b.Backend, Username: b.Username, Token: b.Token, ReverseTrust: b.ReverseTrust, SyncNow: b.SyncNow, Debug: b.Debug,
		Fingerprint: b.Fingerprint, Leaf: b.Leaf,
	}
	if r.Host, r.Port, err = control.ParseHost(b.Host); err != nil {
		return r, err
	}
	if b.Role != "" {
		if r.Role, err = cluster.ParseRole(b.Role); err != nil {
			return r, invalid("role", "%v", err)
		}
	}
	if r.Zones, err = cluster.ParseZones(b.Zones); err != nil {
		return r, invalid("zones", "%v", err)
	}
	return r, nil
}

type editMember struct {
	OneMember
	Body api.MemberEdit
}

func (s *Server) editMember(ctx context.Context, p acl.Principal, in *editMember) (*body[api.MemberResult], error) {
	b := in.Body
	e := control.MemberEdit{Host: in.Host, Port: b.Port, Username: b.Username, Debug: b.Debug, Leaf: b.Leaf, ReverseTrust: b.ReverseTrust}
	if b.Token != nil {
		e.Token = *b.Token
	}
	if b.Role != nil {
		role, err := cluster.ParseRole(*b.Role)
		if err != nil {
			return nil, invalid("role", "%v", err)
		}
		e.Role = &role
	}
	if b.Zones != nil {
		zones, err := cluster.ParseZones(*b.Zones)
		if err != nil {
			return nil, invalid("zones", "%v", err)
		}
		e.Zones = &zones
	}
	r, err := s.Control.EditMember(ctx, p, e)
	return memberResult(r, err)
}

type removeMember struct {
	OneMember
	Trash   bool   `query:"trash" doc:"move the zones whose home it is to the trash, on all servers"`
	Confirm int    `query:"confirm" doc:"with trash: how many zones that are; with another number nothing is done"`
	Drain   string `query:"drain" example:"30s" doc:"wait so long at most until it has what waits for it"`
}

func (s *Server) removeMember(ctx context.Context, p acl.Principal, in *removeMember) (*body[api.RemoveResult], error) {
	r := control.RemoveRequest{Host: in.Host, Trash: in.Trash, Confirm: in.Confirm}
	if in.Drain != "" {
		var err error
		if r.Drain, err = time.ParseDuration(in.Drain); err != nil || r.Drain < 0 || r.Drain > longestDrain {
			return nil, invalid("drain", "%q is not a duration of at most %s", in.Drain, longestDrain)
		}
	}
	res, err := s.Control.RemoveMember(ctx, p, r)
	if err != nil {
		return nil, err
	}
	return answer(api.RemoveResult{Host: res.Member.Host, ZonesKept: res.ZonesKept, ZonesAtHome: res.ZonesAtHome, Trashed: res.Trashed, Notices: res.Notices}), nil
}

// longestDrain is as long as other calls may wait.
const longestDrain = 5 * time.Minute

func (s *Server) previewRemoval(ctx context.Context, p acl.Principal, in *OneMember) (*body[api.RemovalPreview], error) {
	v, err := s.Control.PreviewRemoval(ctx, p, in.Host)
	if err != nil {
		return nil, err
	}
	return answer(api.RemovalPreview{
		Member: memberOf(v.Member, v.Member.Health, v.Link), Zones: v.Zones, ZonesAtHome: v.AtHome, Here: v.Here, There: v.There, Stays: staysOf(v.Stays), Replacement: v.Replace,
	}), nil
}

func (s *Server) onMember(f func(context.Context, acl.Principal, string) (control.MemberResult, error)) func(context.Context, acl.Principal, *OneMember) (*body[api.MemberResult], error) {
	return func(ctx context.Context, p acl.Principal, in *OneMember) (*body[api.MemberResult], error) {
		return memberResult(f(ctx, p, in.Host))
	}
}
