package control

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// NameserverAt is where one server of the cluster answers DNS.
type NameserverAt struct {
	Name  string
	Addrs []netip.AddrPort // any of them; the first that answers counts
}

// Answer is what a nameserver said to a question.
type Answer struct {
	Rcode         string
	Authoritative bool
	Records       []AnswerRecord
}

// AnswerRecord is one record of an answer, in presentation form.
type AnswerRecord struct {
	Name, Type, Data string
	TTL              uint32
}

// Question is the port to ask one nameserver over DNS. It bounds its own time.
type Question func(ctx context.Context, at netip.AddrPort, name zone.Name, t zone.Type, tcp bool) (Answer, error)

// AskRequest is a question to servers of the cluster.
type AskRequest struct {
	Name zone.Name
	Type zone.Type
	All  bool // every server that is known; otherwise this one
	TCP  bool
}

// ServerAnswer is what one server said.
type ServerAnswer struct {
	Answer
	Server  string
	Address string
	Took    time.Duration
	Error   string // instead of an answer
}

// maxAskedAtOnce bounds the servers that are asked at the same time; the others wait.
const maxAskedAtOnce = 32

// Ask asks this or every server a question over DNS. What is answered is public; which servers there are is for whoever
// may read zones. same says that all answered, and the same.
func (c *Control) Ask(ctx context.Context, p acl.Principal, r AskRequest) (answers []ServerAnswer, same bool, err error) {
	if err := c.mayAsk(p, r.Name); err != nil {
		return nil, false, err
	}
	var servers []NameserverAt
	if c.Nameservers != nil && c.Question != nil {
		servers = c.Nameservers(ctx)
	}
	if len(servers) == 0 {
		return nil, false, fail(CodeUnavailable, "", "no server answers DNS here")
	}
	if !r.All || allowed(p, acl.ReadMembers) != nil { // who may not see members asks this server
		servers = servers[:1]
	}
	answers = make([]ServerAnswer, len(servers))
	var asked sync.WaitGroup
	free := make(chan struct{}, maxAskedAtOnce)
	for i, n := range servers {
		free <- struct{}{}
		asked.Go(func() {
			answers[i] = c.askServer(ctx, n, r)
			<-free
		})
	}
	asked.Wait()
	if same = sameAnswers(answers); same && len(answers) > 1 {
		c.noteTest(len(answers))
	}
	return answers, same, nil
}

// askServer asks at the server's addresses until one answers.
func (c *Control) askServer(ctx context.Context, n NameserverAt, r AskRequest) ServerAnswer {
	out := ServerAnswer{Server: n.Name, Error: "its address is not known"}
	for _, addr := range n.Addrs {
		began := time.Now()
		out.Address = addr.String()
		a, err := c.Question(ctx, addr, r.Name, r.Type, r.TCP)
		if err != nil {
			out.Error = err.Error()
			continue
		}
		out.Answer, out.Error, out.Took = a, "", time.Since(began)
		return out
	}
	return out
}

// sameAnswers compares what the servers said, whatever the order of the records.
func sameAnswers(answers []ServerAnswer) bool {
	for _, a := range answers {
		if a.Error != "" || a.Said() != answers[0].Said() {
			return false
		}
	}
	return true
}

// Said is an answer as one text: equal for equal answers.
func (a Answer) Said() string {
	var lines []string
	for _, r := range a.Records {
		lines = append(lines, strings.Join([]string{strings.ToLower(r.Name), r.Type, r.Data, strconv.FormatUint(uint64(r.TTL), 10)}, " "))
	}
	slices.Sort(lines)
	return a.Rcode + " " + strconv.FormatBool(a.Authoritative) + "\n" + strings.Join(lines, "\n")
}
