package test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// A member that greets well each time, and then says what is against the protocol, is tried ever more seldom and disabled;
// that it still greets well does not enable it.
func TestAMemberThatGreetsWellAndThenTalksNonsenseIsDisabled(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	token := b.token("relay") // any token: the mad member knows its hash
	mad := play(t, token, nonsenseOf, true)
	a.run("cluster", "threshold", "3")
	a.run("member", "add", mad.address, "--api-token", token, "--role", "synchronize", "--zones", "all", "--output", "json")
	eventually(t, 20*time.Second, "it is disabled", func() error {
		if m := a.member("mad.zonefleet.test"); m.State != "disabled-failures" {
			return fmt.Errorf("%+v after %d calls", m, mad.calls.Load())
		}
		return nil
	})
	calls := mad.calls.Load()
	if calls != 3 {
		t.Errorf("it was called %d times", calls)
	}
	if out, _ := a.try("cluster", "status"); !containsAll(out, "mad.zonefleet.test is disabled after failures", "protocol violated") {
		t.Errorf("the status says %q", out)
	}
	eventually(t, 25*time.Second, "it is looked after", func() error {
		if mad.calls.Load() == calls {
			return fmt.Errorf("it is called no more")
		}
		return nil
	})
	b.set("example.com", "192.0.2.99")
	a.answers("www.example.com", dns.TypeA, "192.0.2.99")
	a.becomes("mad.zonefleet.test", "disabled-failures")
	if events := a.get("/api/v1/events"); strings.Contains(events, "member-enabled") || strings.Count(events, `"member-disabled"`) != 1 {
		t.Errorf("the events are %s", events)
	}
}

// nonsenseOf is a good greeting each time, and what is against the protocol after it.
func nonsenseOf(fingerprint string) [][]byte {
	return [][]byte{
		welcomeAnd(fingerprint, 0xff, 0xff, 0xff, 0xff, byte(wire.TypeDeltas), 0),                                  // a frame of 4 GiB
		welcomeAnd(fingerprint, 0, 0, 0, 0, byte(wire.TypeHeartbeat), 0, 0, 0, 0, 1, byte(wire.TypeWelcome), 0, 0), // no welcome has one octet
		welcomeAnd(fingerprint, 0, 0, 0, 2, byte(wire.TypeAcks), 0, 9, 0),                                          // of what was not sent
		welcomeAnd(fingerprint, 0, 0, 0, 1, 0x7f, 0, 0),                                                            // a type that nobody knows
	}
}

// A member whose connections break soon after each greeting is disabled too. It is enabled when it has done something.
func TestAMemberWhoseLinksBreakIsEnabledWhenItHasDoneSomething(t *testing.T) {
	a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	link(t, a, b, "--role", "synchronize", "--sync-now")
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	a.run("cluster", "threshold", "2")
	a.stop()
	b.stop()
	was := b.https
	b.https = freeAddr(t)
	way := breaking(t, was, b.https)
	b.start()
	a.start()
	a.becomes(b.name, "disabled-failures")
	way.whole.Store(true)
	a.set("example.com", "192.0.2.2")
	eventually(t, 25*time.Second, "it is called", func() error {
		if way.calls.Load() == 0 {
			return fmt.Errorf("nobody calls")
		}
		return nil
	})
	b.run("record", "set", "example.com", "b", "300", "A", "192.0.2.3")
	a.answers("b.example.com", dns.TypeA, "192.0.2.3")
	a.becomes(b.name, "active")
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
}

// way is how a server is reached. Until it is whole it breaks each connection after the first octets of a link.
type way struct {
	to    string
	whole atomic.Bool
	calls atomic.Int64 // since it is whole
}

// breaking opens a way from the address where a server was to where it is.
func breaking(t *testing.T, at, to string) *way {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{to: to}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return w
}

func (w *way) carry(c net.Conn) {
	defer c.Close()
	up, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer up.Close()
	if w.whole.Load() {
		w.calls.Add(1)
	} else {
		// Long enough to greet and to open a link, shorter than that anything is delivered.
		time.AfterFunc(300*time.Millisecond, func() { c.Close() })
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = io.Copy(up, c); up.Close() }()
	_, _ = io.Copy(c, up)
	c.Close()
	<-ended
}
