package serve

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// ignorePathMTU keeps the kernel from learning path MTUs for UDP: a forged ICMP message could otherwise make it fragment
// answers, and fragments can be forged (RFC 9715 section 3.1). Our answers fit every path without that.
func ignorePathMTU(network, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		switch network { // best effort: an old kernel answers all the same
		case "udp4":
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_OMIT)
		case "udp6":
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_OMIT)
		}
	})
}
