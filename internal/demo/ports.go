package demo

import (
	"fmt"
	"net"
	"strconv"
)

// checkPorts says which of the ports that the demo wants is taken, and by which flag to change it.
func checkPorts(o Options) error {
	for i := range o.Servers {
		if err := portFree("DNS", o.DNSPort+i, "--dns-port", true); err != nil {
			return err
		}
		if err := portFree("HTTPS", o.HTTPPort+i, "--http-port", false); err != nil {
			return err
		}
	}
	return nil
}

func portFree(what string, port int, flag string, udp bool) error {
	addr := loopback(port)
	taken := func(err error) error {
		return fmt.Errorf("%s port %d is taken (%w)\nhint: choose other ports with %s", what, port, err, flag)
	}
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return taken(err)
	}
	defer tcp.Close()
	if !udp {
		return nil
	}
	packets, err := net.ListenPacket("udp", addr)
	if err != nil {
		return taken(err)
	}
	return packets.Close()
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
