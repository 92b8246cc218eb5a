package rest

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) templateRoutes(a huma.API) {
	handle(s, a, op("list-templates", http.MethodGet, "/templates", "templates", "List zone templates and their variables"), s.listTemplates)
	handle(s, a, op("show-template", http.MethodGet, "/templates/{name}", "templates", "Show a zone template"), s.showTemplate)
	handle(s, a, op("set-template", http.MethodPut, "/templates/{name}", "templates", "Write a zone template of one's own"), s.setTemplate)
	handle(s, a, op("delete-template", http.MethodDelete, "/templates/{name}", "templates", "Delete a zone template of one's own"), s.deleteTemplate)
	handle(s, a, op("preview-template", http.MethodPost, "/templates/{name}/preview", "templates", "Show what a template makes of a zone"), s.previewTemplate)
	handle(s, a, op("reset-zone", http.MethodPost, "/zones/{zone}/reset", "zones", "Make a zone anew from a template; its TXT records stay"), s.resetZone)
}

// OneTemplate names the template of a call.
type OneTemplate struct {
	Name string `path:"name" example:"standard"`
}

func templateOf(t control.Template) api.Template {
	return api.Template{Name: t.Name, Owner: t.Owner, Text: t.Text, Changed: timeOf(t.Changed)}
}

func (s *Server) listTemplates(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.TemplateList], error) {
	all, err := s.Control.Templates(ctx, p)
	if err != nil {
		return nil, err
	}
	list := api.TemplateList{Templates: []api.Template{}}
	for _, t := range all {
		list.Templates = append(list.Templates, templateOf(t))
	}
	for _, v := range zone.TemplateVariables() {
		list.Variables = append(list.Variables, api.TemplateVariable{Name: v.Name, Means: v.Means})
	}
	return answer(list), nil
}

func (s *Server) showTemplate(ctx context.Context, p acl.Principal, in *OneTemplate) (*body[api.Template], error) {
	t, err := s.Control.ShowTemplate(ctx, p, in.Name)
	if err != nil {
		return nil, err
	}
	return answer(templateOf(t)), nil
}

type setTemplate struct {
	OneTemplate
	Body api.TemplateText
}

func (s *Server) setTemplate(ctx context.Context, p acl.Principal, in *setTemplate) (*body[api.Template], error) {
	t, err := s.Control.SetTemplate(ctx, p, in.Name, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return answer(templateOf(t)), nil
}

func (s *Server) deleteTemplate(ctx context.Context, p acl.Principal, in *OneTemplate) (*struct{}, error) {
	return nil, s.Control.DeleteTemplate(ctx, p, in.Name)
}

type tryTemplate struct {
	OneTemplate
	Body api.TemplateTry
}

func (s *Server) previewTemplate(ctx context.Context, p acl.Principal, in *tryTemplate) (*body[api.TemplatePreview], error) {
	z, err := zoneName(in.Body.Zone)
	if err != nil {
		return nil, err
	}
	given, err := addresses(in.Body.IPv4, in.Body.IPv6, in.Body.FTP)
	if err != nil {
		return nil, err
	}
	text, f, err := s.Control.PreviewTemplate(ctx, p, control.TemplateRequest{
		Template: in.Name, Text: in.Body.Text, Zone: z, Owner: in.Body.Owner, Addresses: given,
	})
	if err != nil {
		return nil, err
	}
	return answer(api.TemplatePreview{Text: text, Findings: findingsOf(z, f.Findings)}), nil
}

type resetZone struct {
	OneZone
	Waiting
	IfMatch string `header:"If-Match"`
	DryRun  bool   `query:"dry_run" doc:"say what would change, change nothing"`
	Body    api.ResetZone
}

func (s *Server) resetZone(ctx context.Context, p acl.Principal, in *resetZone) (*written, error) {
	began := s.Now()
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	against, err := ifMatch(in.IfMatch, s.version(ctx, p, in.Zone))
	if err != nil {
		return nil, err
	}
	given, err := addresses(in.Body.IPv4, in.Body.IPv6, in.Body.FTP)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.ResetZone(ctx, p, control.ResetRequest{
		Zone: z, Template: in.Body.Template, Addresses: given, IfMatch: against, DryRun: in.DryRun, Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	out := &written{Body: resultOf(r.Result)}
	out.Body.RRsets = differencesOf(r.Differences)
	if in.DryRun {
		in.Wait = "" // there is nothing to wait for
	}
	return s.arrive(ctx, p, in.Waiting, z, began, out)
}

// addresses reads those that are given.
func addresses(ipv4, ipv6, ftp string) (a control.Addresses, err error) {
	for _, f := range []struct {
		name, text string
		to         *netip.Addr
	}{{"ipv4", ipv4, &a.IPv4}, {"ipv6", ipv6, &a.IPv6}, {"ftp_ip", ftp, &a.FTP}} {
		if f.text == "" {
			continue
		}
		if *f.to, err = netip.ParseAddr(f.text); err != nil {
			return a, invalid(f.name, "%q is no address", f.text)
		}
	}
	return a, nil
}
