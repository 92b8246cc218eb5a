package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) askRoutes(a huma.API) {
	handle(s, a, op("ask", http.MethodGet, "/ask", "cluster", "Ask this or every server a DNS question, over DNS, and compare the answers"), s.ask)
}

type ask struct {
	Name string `query:"name" required:"true" example:"www.example.com"`
	Type string `query:"type" default:"A"`
	All  bool   `query:"all" doc:"every server that is known; otherwise this one"`
	TCP  bool   `query:"tcp" doc:"by TCP at once; otherwise by UDP, and by TCP what does not fit"`
}

func (s *Server) ask(ctx context.Context, p acl.Principal, in *ask) (*body[api.AskResult], error) {
	name, err := zoneName(in.Name)
	if err != nil {
		return nil, err
	}
	t, err := zone.ParseType(in.Type)
	if err != nil {
		return nil, invalid("type", "%v", err)
	}
	answers, same, err := s.Control.Ask(ctx, p, control.AskRequest{Name: name, Type: t, All: in.All, TCP: in.TCP})
	if err != nil {
		return nil, err
	}
	out := api.AskResult{Name: name.Text(), Type: t.String(), Same: same, Answers: make([]api.Answer, len(answers))}
	for i, a := range answers {
		out.Answers[i] = answerOf(a)
	}
	return answer(out), nil
}

func answerOf(a control.ServerAnswer) api.Answer {
	out := api.Answer{
		Server: a.Server, Address: a.Address, Rcode: a.Rcode, Authoritative: a.Authoritative, Records: []api.Record{},
		MS: float64(a.Took.Microseconds()) / 1000, Error: a.Error,
	}
	for _, r := range a.Records {
		out.Records = append(out.Records, api.Record{Name: r.Name, TTL: r.TTL, Type: r.Type, Data: r.Data})
	}
	return out
}
