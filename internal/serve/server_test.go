package serve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServerAnswersByUDPAndTCPOverIPv4AndIPv6(t *testing.T) {
	s := runServer(t, zones("\nzone example.\nwww 60 A 192.0.2.1\n").table(t), Options{
		Addrs: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0"), netip.MustParseAddrPort("[::1]:0"), netip.MustParseAddrPort("127.0.0.2:0")},
	})
	if len(s.Addrs()) != 3 {
		t.Fatalf("listens on %v", s.Addrs())
	}
	for _, addr := range s.Addrs() {
		for _, network := range []string{"udp", "tcp"} {
			c := dns.Client{Net: network, Timeout: 2 * time.Second}
			m, _, err := c.Exchange(question("www.example.", dns.TypeA), addr.String())
			if err != nil {
				t.Errorf("%s %s: %v", network, addr, err)
			} else if got := show(m); got != "NOERROR AA\n= www.example. 60 IN A 192.0.2.1" {
				t.Errorf("%s %s: %s", network, addr, got)
			}
		}
	}
	st := s.Stats()
	if st.UDP != 3 || st.TCP != 3 || st.Rcodes[rcodeNoError] != 6 || st.Dropped != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestServerAnswersAfterWhatGetsNoAnswer(t *testing.T) {
	s := runServer(t, zones("\nzone example.\n").table(t), Options{Workers: 1}) // one, so that they are worked in order
	conn, err := net.Dial("udp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, b := range [][]byte{{}, {1}, make([]byte, 11), packet(t, "abcd 8100 0001 0000 0000 0000")} {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	c := dns.Client{Timeout: 2 * time.Second}
	if _, _, err := c.ExchangeWithConn(question("example.", dns.TypeSOA), &dns.Conn{Conn: conn}); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().Dropped; got != 4 {
		t.Errorf("%d dropped, want 4", got)
	}
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			e, err := listen(netip.MustParseAddrPort("127.0.0.1:0"))
			if err != nil {
				t.Fatal(err)
			}
			defer e.close()
			if network == "udp" {
				e.tcp.Close()
			} else {
				e.udp.Close()
			}
			free := netip.MustParseAddrPort("127.0.0.1:0")
			err = NewServer(NewTable(), Options{Addrs: []netip.AddrPort{free, e.addr}}).Run(context.Background())
			if !errors.Is(err, syscall.EADDRINUSE) {
				t.Fatalf("got %v", err)
			}
			for _, part := range []string{e.addr.String(), network, "hint: `ss -lnp -A " + network} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestNoRightToThePortNamesTheCures(t *testing.T) {
	err := listenError("udp", netip.MustParseAddrPort("192.0.2.1:53"), os.NewSyscallError("bind", syscall.EACCES))
	for _, part := range []string{"192.0.2.1:53", "no right to port 53", "setcap 'cap_net_bind_service=+ep'", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "--dns ADDR:PORT"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if !errors.Is(err, syscall.EACCES) {
		t.Errorf("%v does not wrap the cause", err)
	}
}

func TestTheWildcardAddressIsRefused(t *testing.T) {
	for _, a := range []string{"0.0.0.0:0", "[::]:0"} {
		err := NewServer(NewTable(), Options{Addrs: []netip.AddrPort{netip.MustParseAddrPort(a)}}).Run(context.Background())
		if err == nil || !strings.Contains(err.Error(), "not one address") {
			t.Errorf("%s: got %v", a, err)
		}
	}
}

func TestAddressesThatComeAndGo(t *testing.T) {
	s := NewServer(zones("\nzone example.\n").table(t), Options{})
	g := newGroup(s)
	defer g.close()
	warned := map[netip.AddrPort]bool{}
	// Port 0 makes each bound port another one; what was asked for is still matched by address.
	first, second, none := netip.MustParseAddrPort("127.0.0.1:0"), netip.MustParseAddrPort("127.0.0.2:0"), netip.MustParseAddrPort("192.0.2.222:0")
	match := func(list ...netip.AddrPort) error {
		return s.matchHost(g, warned, func() ([]netip.AddrPort, error) { return list, nil })
	}
	answers := func(a netip.AddrPort) bool {
		c := dns.Client{Timeout: 300 * time.Millisecond}
		_, _, err := c.Exchange(question("example.", dns.TypeSOA), a.String())
		return err == nil
	}
	if err := match(first, none); err != nil {
		t.Fatalf("one address cannot be bound, one can: %v", err)
	}
	kept := s.Addrs()[0]
	if err := match(first, second); err != nil {
		t.Fatal(err)
	}
	if got := s.Addrs(); len(got) != 2 || got[0] != kept || !answers(got[1]) {
		t.Errorf("after an address came: %v, first was %s", got, kept)
	}
	if err := match(second); err != nil {
		t.Fatal(err)
	}
	if got := s.Addrs(); len(got) != 1 || answers(kept) || !answers(got[0]) {
		t.Errorf("after an address went: %v", got)
	}
	if err := match(none); err == nil {
		t.Error("no address is bound, and no error says so")
	}
}

func TestTheHostHasItsLoopback(t *testing.T) {
	addrs, err := hostAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if a == netip.MustParseAddrPort("127.0.0.1:53") {
			return
		}
	}
	t.Errorf("127.0.0.1:53 is not in %v", addrs)
}
