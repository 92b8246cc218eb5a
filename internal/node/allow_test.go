package node

import (
	"errors"
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/zonefleet/zonefleet/internal/config"
)

// arriving is a listener at which connections come in from the addresses.
type arriving struct{ from []string }

type arrived struct {
	net.Conn
	from string
}

func (c arrived) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from))
}

func (l *arriving) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, net.ErrClosed
	}
	c := arrived{from: l.from[0]}
	l.from = l.from[1:]
	c.Conn, _ = net.Pipe()
	return c, nil
}
func (l *arriving) Close() error   { return nil }
func (l *arriving) Addr() net.Addr { return nil }

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, s := range texts {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

func TestConnectionsFromOtherAddressesAreClosedUnread(t *testing.T) {
	n := new(Node)
	n.live.Store(&config.Config{AllowHTTPS: prefixes("192.0.2.0/24", "2001:db8::/32")})
	l := allowListener{&arriving{[]string{
		"198.51.100.1:1", "192.0.2.7:1", "[2001:db9::1]:1", "[2001:db8::1]:1", "[::ffff:192.0.2.8]:1", "127.0.0.1:1", "[::1]:1", "[fe80::1]:1",
	}}, n}
	var taken []string
	for {
		c, err := l.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				t.Fatal(err)
			}
			break
		}
		taken = append(taken, c.RemoteAddr().String())
		c.Close()
	}
	want := []string{"192.0.2.7:1", "[2001:db8::1]:1", "192.0.2.8:1", "127.0.0.1:1", "[::1]:1"}
	if len(taken) != len(want) {
		t.Fatalf("accepted %v", taken)
	}
	for i := range want {
		if taken[i] != want[i] {
			t.Errorf("accepted %s, want %s", taken[i], want[i])
		}
	}
}

func TestTheAPICanBeForFewerAddressesThanMembersHave(t *testing.T) {
	n := new(Node)
	for _, c := range []struct {
		https, api []netip.Prefix
		from, path string
		allowed    bool
	}{
		{nil, nil, "198.51.100.1:1", "/api/v1/zones", true},
		{nil, prefixes("192.0.2.0/24"), "198.51.100.1:1", "/api/v1/zones", false},
		{nil, prefixes("192.0.2.0/24"), "198.51.100.1:1", "/", false},
		{nil, prefixes("192.0.2.0/24"), "198.51.100.1:1", "/metrics", false},
		{nil, prefixes("192.0.2.0/24"), "198.51.100.1:1", "/peer/v1/hello", true},
		{nil, prefixes("192.0.2.0/24"), "192.0.2.1:1", "/api/v1/zones", true},
		{nil, prefixes("192.0.2.0/24"), "127.0.0.1:1", "/api/v1/zones", true},
		{prefixes("192.0.2.0/24"), nil, "198.51.100.1:1", "/peer/v1/hello", false}, // accepted before the list was shorter
		{prefixes("192.0.2.0/24"), prefixes("198.51.100.0/24"), "198.51.100.1:1", "/api/v1/zones", false},
		{prefixes("192.0.2.0/24"), nil, "no address", "/peer/v1/hello", false},
	} {
		n.live.Store(&config.Config{AllowHTTPS: c.https, AllowAPI: c.api})
		r := httptest.NewRequest("GET", c.path, nil)
		r.RemoteAddr = c.from
		if n.allows(r) != c.allowed {
			t.Errorf("https %v, api %v: %s from %s is allowed: %v", c.https, c.api, c.path, c.from, !c.allowed)
		}
	}
}
