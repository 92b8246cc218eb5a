package zonefleet

import (
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// FuzzAddress reads what people give as a member's address. What is taken can be dialled, and reads as the same.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ns1.example.net", "192.0.2.1:2087", "[2001:db8::1]:1", "2001:db8::1", "[fe80::1%eth0]:1", "::%[", "a:b:c", ":1", "a:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := splitAddress(s)
		if err != nil {
			if !errors.Is(err, ErrAddress) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || host == "" {
			t.Fatalf("%q is %q, %q", s, host, port)
		}
		again, samePort, err := splitAddress(net.JoinHostPort(host, port))
		if err != nil || again != host || samePort != port {
			t.Fatalf("%q is %q, %q, which is %q, %q, %v", s, host, port, again, samePort, err)
		}
	})
}

// FuzzAnswer reads an answer of a server that may be anybody. Nothing but a proof makes a good one of it, and every
// other is an error that says whether it counts as a failure.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "1", "", `{"name":"ns1"}`)
	f.Add(404, "1", "", "404 page not found")
	f.Add(401, "1", "", `{"code":"token","message":"no"}`)
	f.Add(409, "1-2", "00", `{"code":"off"}`)
	f.Add(503, "9", "zz", strings.Repeat("x", 70000))
	expected := sha256.Sum256([]byte("proof"))
	f.Fuzz(func(t *testing.T, status int, protocol, proof, body string) {
		c := conn{client: &Client{}, expected: expected[:], address: netip.AddrPort{}}
		res := &http.Response{StatusCode: status, Status: strconv.Itoa(status), Header: http.Header{}, Body: closer{strings.NewReader(body)}}
		res.Header.Set(wire.HeaderProtocol, protocol)
		res.Header.Set(wire.HeaderProof, proof)
		err := c.check(res)
		if err == nil {
			t.Fatalf("%d %q %q is taken for the server that knows the token", status, protocol, proof)
		}
		_ = IsFailure(err)
		var p *wire.Problem
		if errors.As(err, &p) && p.Code == wire.CodeOff {
			t.Fatalf("believed without a proof: %v", err)
		}
		_ = errors.Is(err, ErrOff)
	})
}

type closer struct{ *strings.Reader }

func (closer) Close() error { return nil }
