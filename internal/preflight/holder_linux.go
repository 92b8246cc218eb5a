package preflight

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holds reports whether the process has a socket bound to the port. Where its files cannot be seen, as another user's,
// it is believed to: who asks is about to start the same server again.
func holds(pid int, network, address string) bool {
	files := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(files)
	if err != nil {
		return true
	}
	inodes := boundTo(network, address)
	for _, e := range entries {
		target, err := os.Readlink(files + "/" + e.Name())
		if err == nil && inodes[target] {
			return true
		}
	}
	return false
}

// boundTo lists the sockets of the host that are bound to an address, or to every address, and to its port, as the links in
// /proc/PID/fd name them. Without an address it is any one.
func boundTo(network, address string) map[string]bool {
	out := map[string]bool{}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return out
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return out
	}
	want, _ := netip.ParseAddr(host) // invalid: any
	const local, inode = 1, 9        // columns of proc_net_tcp(5)
	for _, table := range []string{network, network + "6"} {
		f, err := os.Open("/proc/net/" + table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			columns := strings.Fields(lines.Text())
			if len(columns) <= inode {
				continue
			}
			at, ok := localAddress(columns[local])
			if ok && uint64(at.Port()) == port && (at.Addr().IsUnspecified() || !want.IsValid() || want.IsUnspecified() || at.Addr() == want.WithZone("").Unmap()) {
				out["socket:["+columns[inode]+"]"] = true
			}
		}
		f.Close()
	}
	return out
}

// localAddress reads an address of proc_net_tcp(5): words of 32 bits in the order of this machine, and a port.
func localAddress(text string) (netip.AddrPort, bool) {
	words, portText, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(words)
	port, portErr := strconv.ParseUint(portText, 16, 16)
	if err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(port)), ok
}

// holder names a process that has a socket bound to the port, empty if none can be seen: root sees all.
func holder(network, address string) string {
	inodes := boundTo(network, address)
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, _ := os.ReadFile("/proc/" + pid + "/comm")
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}
