package preflight

import (
	"net"
	"testing"
)

// Two programs may have one port, at two addresses: a resolver on loopback is not in the way of a nameserver elsewhere.
func TestTheHolderOfAPortIsThatOfItsAddress(t *testing.T) {
	one, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	_, port, _ := net.SplitHostPort(one.Addr().String())
	two, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	for address, want := range map[string]int{"127.0.0.1": 1, "127.0.0.2": 1, "127.0.0.3": 0, "0.0.0.0": 2, "": 2, "::": 2} {
		if got := boundTo("tcp", net.JoinHostPort(address, port)); len(got) != want {
			t.Errorf("%q: %d sockets, not %d", address, len(got), want)
		}
	}
	six, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	defer six.Close()
	if got := boundTo("tcp", six.Addr().String()); len(got) != 1 {
		t.Errorf("%s: %d sockets", six.Addr(), len(got))
	}
}
