package rest

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

const (
	askTimeout  = 2 * time.Second // for each address and transport
	askAtOnce   = 32
	askUDPBytes = 1232 // EDNS(0) size that passes everywhere unfragmented
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
	if err := may(p, acl.ReadZone); err != nil {
		return nil, err
	}
	name, err := zoneName(in.Name)
	if err != nil {
		return nil, err
	}
	t, err := zone.ParseType(in.Type)
	if err != nil {
		return nil, invalid("type", "%v", err)
	}
	servers := s.nameservers(ctx)
	if len(servers) == 0 {
		return nil, &control.Error{Code: control.CodeUnavailable, Message: "no server answers DNS here"}
	}
	if !in.All {
		servers = servers[:1]
	}
	out := api.AskResult{Name: name.Text(), Type: t.String(), Answers: make([]api.Answer, len(servers))}
	networks := []string{"udp", "tcp"}
	if in.TCP {
		networks = networks[1:]
	}
	var group errgroup.Group
	group.SetLimit(askAtOnce)
	for i, server := range servers {
		group.Go(func() error {
			out.Answers[i] = askServer(ctx, server, question(name, t), networks)
			return nil
		})
	}
	_ = group.Wait() // answers carry their own errors
	out.Same = same(out.Answers)
	return answer(out), nil
}

func (s *Server) nameservers(ctx context.Context) []Nameserver {
	if s.Nameservers == nil {
		return nil
	}
	return s.Nameservers(ctx)
}

func question(name zone.Name, t zone.Type) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name.String(), uint16(t))
	m.RecursionDesired = false
	m.SetEdns0(askUDPBytes, false)
	return m
}

// askServer asks at the server's addresses until one answers.
func askServer(ctx context.Context, n Nameserver, q *dns.Msg, networks []string) api.Answer {
	out := api.Answer{Server: n.Name, Records: []api.Record{}, Error: "its address is not known"}
	for _, addr := range n.Addrs {
		began := time.Now()
		out.Address = addr.String()
		msg, err := exchange(ctx, addr, q.Copy(), networks)
		if err != nil {
			out.Error = err.Error()
			continue
		}
		out.Error = ""
		out.MS = float64(time.Since(began).Microseconds()) / 1000
		out.Rcode = dns.RcodeToString[msg.Rcode]
		out.Authoritative = msg.Authoritative
		for _, rr := range msg.Answer {
			out.Records = append(out.Records, recordOf(rr))
		}
		return out
	}
	return out
}

// exchange asks by one network after the other until an answer fits.
func exchange(ctx context.Context, addr netip.AddrPort, q *dns.Msg, networks []string) (*dns.Msg, error) {
	for _, network := range networks {
		c := dns.Client{Net: network, Timeout: askTimeout, UDPSize: askUDPBytes}
		msg, _, err := c.ExchangeContext(ctx, q, addr.String())
		if err != nil {
			return nil, err
		}
		if !msg.Truncated {
			return msg, nil
		}
	}
	return nil, errors.New("truncated over TCP")
}

func recordOf(rr dns.RR) api.Record {
	h := rr.Header()
	return api.Record{
		Name: h.Name, TTL: h.Ttl, Type: dns.Type(h.Rrtype).String(),
		Data: strings.TrimPrefix(rr.String(), h.String()),
	}
}

// same compares what the servers said, whatever the order of the records.
func same(answers []api.Answer) bool {
	for _, a := range answers {
		if a.Error != "" || !slices.Equal(said(a), said(answers[0])) {
			return false
		}
	}
	return true
}

func said(a api.Answer) []string {
	out := []string{a.Rcode}
	if a.Authoritative {
		out[0] += " authoritative"
	}
	for _, r := range a.Records {
		out = append(out, strings.Join([]string{strings.ToLower(r.Name), r.Type, r.Data, time.Duration(r.TTL).String()}, " "))
	}
	slices.Sort(out[1:])
	return out
}
