package serve

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// asker puts questions to a responder as packets and decodes the answers with the library.
type asker struct {
	t testing.TB
	r *responder
}

func newAsker(t testing.TB, table *Table, s settings) *asker {
	return &asker{t: t, r: newResponder(table, &s, new(counters), maxTCP)}
}

func (a *asker) exchange(q *dns.Msg, limit int) *dns.Msg {
	a.t.Helper()
	packet, err := q.Pack()
	if err != nil {
		a.t.Fatal(err)
	}
	if !a.r.read(packet, netip.MustParseAddr("192.0.2.1")) {
		return nil
	}
	if limit == 0 {
		limit = a.r.query.edns.udpLimit()
	}
	reply := a.r.reply(limit)
	if len(reply) > limit {
		a.t.Fatalf("answer has %d octets, the limit is %d", len(reply), limit)
	}
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		a.t.Fatalf("answer does not parse: %v\n%x", err, reply)
	}
	return m
}

func question(name string, qtype uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), qtype)
	m.RecursionDesired = false
	return m
}

// zones is the text of zones, each begun by a line "zone NAME".
type zones string

// exchanges maps a question "NAME TYPE" to the answer as show prints it.
type exchanges map[string]string

// answers asks each question and compares.
func (z zones) answers(t *testing.T, want exchanges) {
	t.Helper()
	a := newAsker(t, z.table(t), settings{})
	for asked, expected := range want {
		t.Run(asked, func(t *testing.T) {
			name, typ, _ := strings.Cut(asked, " ")
			got := show(a.exchange(question(name, dns.StringToType[typ]), maxTCP))
			if diff := cmp.Diff(tidy(expected), got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func (z zones) table(t testing.TB) *Table {
	t.Helper()
	var args []string
	for _, part := range strings.Split("\n"+string(z), "\nzone ")[1:] {
		origin, text, _ := strings.Cut(part, "\n")
		if !strings.Contains(text, " SOA ") {
			text = "@ 3600 SOA ns hostmaster 1 7200 3600 1209600 300\n@ 3600 NS ns\nns 3600 A 192.0.2.53\n" + text
		}
		args = append(args, origin, text)
	}
	return tableOf(t, args...)
}

// show prints an answer: the response code, flags, and the records with the letter of their section before them.
func show(m *dns.Msg) string {
	if m == nil {
		return "silence"
	}
	head := dns.RcodeToString[m.Rcode]
	if m.Authoritative {
		head += " AA"
	}
	if m.Truncated {
		head += " TC"
	}
	lines := []string{head}
	for _, s := range []struct {
		letter string
		rrs    []dns.RR
	}{{"=", m.Answer}, {"^", m.Ns}, {"+", m.Extra}} {
		for _, rr := range s.rrs {
			if rr.Header().Rrtype != dns.TypeOPT {
				lines = append(lines, s.letter+" "+strings.Join(strings.Fields(rr.String()), " "))
			}
		}
	}
	return strings.Join(lines, "\n")
}

// tidy is expected text without indentation; the class is understood.
func tidy(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if strings.ContainsAny(f[0], "=^+") && !slices.Contains(f, "CH") {
			f = slices.Insert(f, 3, "IN")
		}
		out = append(out, strings.Join(f, " "))
	}
	return strings.Join(out, "\n")
}

// soaOf is the authority of a negative answer from a zone made by zones.table.
func soaOf(origin string) string {
	return fmt.Sprintf("\n^ %[1]s 300 SOA ns.%[1]s hostmaster.%[1]s 1 7200 3600 1209600 300", origin)
}
