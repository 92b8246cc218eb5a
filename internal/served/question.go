package served

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Answer is what a server said to one question, as people read it.
type Answer struct {
	Rcode         string
	Authoritative bool
	Records       []Record
}

// Record is one record of an answer, in presentation form.
type Record struct {
	Name string
	TTL  uint32
	Type string
	Data string
}

// Question asks a server one question: by UDP, and by TCP what does not fit, or with tcp at once by TCP.
func Question(ctx context.Context, at netip.AddrPort, name zone.Name, t zone.Type, tcp bool) (Answer, error) {
	q := new(dns.Msg)
	q.SetQuestion(name.String(), uint16(t))
	q.RecursionDesired = false
	q.SetEdns0(udpBytes, false)
	networks := []string{"udp", "tcp"}
	if tcp {
		networks = networks[1:]
	}
	for _, network := range networks {
		c := dns.Client{Net: network, Timeout: timeout, UDPSize: udpBytes}
		msg, _, err := c.ExchangeContext(ctx, q.Copy(), at.String())
		if err != nil {
			return Answer{}, err
		}
		if !msg.Truncated {
			return answerOf(msg), nil
		}
	}
	return Answer{}, errors.New("truncated over TCP")
}

func answerOf(msg *dns.Msg) Answer {
	a := Answer{Rcode: dns.RcodeToString[msg.Rcode], Authoritative: msg.Authoritative}
	for _, rr := range msg.Answer {
		h := rr.Header()
		a.Records = append(a.Records, Record{h.Name, h.Ttl, dns.Type(h.Rrtype).String(), strings.TrimPrefix(rr.String(), h.String())})
	}
	return a
}
