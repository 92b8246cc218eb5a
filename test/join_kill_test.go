package test

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// passage passes connections on to an address, counts them, and says when each begins. While it is slow, answers take their
// time, so that a process can be killed between what it asked for and the answer.
type passage struct {
	addr string
	to   string

	mu    sync.Mutex
	n     int
	begin func(n int) // called before the connection is passed on
	slow  bool
}

func newPassage(t *testing.T, to string) *passage {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &passage{addr: l.Addr().String(), to: to}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.pass(c) })
		}
	})
	return p
}

func (p *passage) pass(c net.Conn) {
	defer c.Close()
	p.mu.Lock()
	p.n++
	if p.begin != nil {
		p.begin(p.n)
	}
	p.mu.Unlock()
	behind, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer behind.Close()
	go func() {
		p.copy(c, behind, true)
		c.Close()
	}()
	p.copy(behind, c, false)
}

func (p *passage) copy(to, from net.Conn, answers bool) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.mu.Lock()
		wait := answers && p.slow
		p.mu.Unlock()
		if wait {
			time.Sleep(300 * time.Millisecond)
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

// at calls f once when the nth connection begins, before it is passed on.
func (p *passage) at(n int, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin = func(i int) {
		if i == n {
			f()
		}
	}
}

// The connections that a join opens, in their order.
const (
	callShown  = iota + 1 // what would happen is shown
	callOffer             // and looked at once more
	callUse               // the code is used
	callProbe             // the new token is tried
	callTrust             // the way back
	callOpened            // the link
)

// free lets pass whatever comes from now on.
func (p *passage) free() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin, p.slow = nil, false
}

// killPoint is where one of the two is killed: when a connection begins, or, with seen, once that is so, before it is told.
type killPoint struct {
	name string
	call int
	seen func(inviter, joiner *server) bool
}

func killPoints() []killPoint {
	used := func(a, _ *server) bool {
		var list struct{ Invites []struct{ State string } }
		out, _ := a.try("member", "invites", "--output", "json")
		return json.Unmarshal([]byte(out), &list) == nil && len(list.Invites) == 1 && list.Invites[0].State == "used"
	}
	trusted := func(a, c *server) bool {
		out, _ := a.try("member", "list")
		return strings.Contains(out, c.name)
	}
	return []killPoint{
		{"before anything", callShown, nil},
		{"before the code is used", callUse, nil},
		{"when the code is used and the answer lost", callUse, used},
		{"before the link is noted", callProbe, nil},
		{"before the way back", callTrust, nil},
		{"when the way back is there and the answer lost", callTrust, trusted},
		{"when the link opens", callOpened, nil},
	}
}

func TestAJoinThatIsCutOffAnywhereIsFinishedByRepeatingIt(t *testing.T) {
	for _, victim := range []string{"the joining server", "the inviting server"} {
		for _, at := range killPoints() {
			t.Run(victim+" dies "+at.name, func(t *testing.T) {
				t.Parallel()
				joinCutOff(t, victim == "the joining server", at)
			})
		}
	}
}

func joinCutOff(t *testing.T, joiner bool, at killPoint) {
	a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test")
	a.has("example.com")
	p := newPassage(t, a.https)
	code := a.invite("--address", p.addr)
	victim := a
	if joiner {
		victim = c
	}
	ended, reached := make(chan error, 1), make(chan struct{})
	p.at(at.call, func() {
		if at.seen == nil {
			_ = victim.cmd.Process.Kill()
		} else {
			p.slow = true
		}
		close(reached)
	})
	go func() {
		_, err := c.try("join", code, "--timeout", "3s")
		ended <- err
	}()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("it never came so far: %v", err)
	}
	if at.seen != nil {
		eventually(t, 10*time.Second, at.name, func() error {
			if !at.seen(a, c) {
				return fmt.Errorf("not yet")
			}
			return nil
		})
		_ = victim.cmd.Process.Kill()
	}
	<-victim.done
	victim.cmd = nil
	<-ended
	p.free()
	victim.start()
	c.run("join", code)
	joinedWhole(t, a, c)
	if out := c.run("join", code); !strings.Contains(out, "joined "+a.name) { // once more does no harm
		t.Error(out)
	}
	joinedWhole(t, a, c)
}

// joinedWhole says that both have a link that works, and nothing of an earlier try.
func joinedWhole(t *testing.T, a, c *server) {
	t.Helper()
	a.connected(c.name)
	c.connected(a.name)
	if m := c.member(a.name); m.Role != "synchronize" || !m.ReverseTrust {
		t.Errorf("the joining server has %+v", m)
	}
	if m := a.member(c.name); m.Role != "standalone" {
		t.Errorf("the inviting server has %+v", m)
	}
	now := fmt.Sprintf("192.0.2.%d", time.Now().UnixMilli()%200+10)
	a.set("example.com", now, "--wait=all")
	c.answers("www.example.com", dns.TypeA, now)
	c.set("example.com", "192.0.2.9", "--wait=all")
	a.answers("www.example.com", dns.TypeA, "192.0.2.9")
	for _, s := range []*server{a, c} {
		var list struct {
			Tokens []struct {
				Name    string
				Revoked bool
			}
		}
		s.json(&list, "token", "list")
		var live []string
		for _, tk := range list.Tokens {
			if !tk.Revoked && (strings.HasPrefix(tk.Name, "reverse trust") || strings.HasPrefix(tk.Name, "joined:")) {
				live = append(live, tk.Name)
			}
		}
		if slices.Sort(live); len(live) != 1 {
			t.Errorf("%s has the tokens %q", s.name, live)
		}
	}
}
