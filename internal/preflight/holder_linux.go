package preflight

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holds reports whether the process has a socket bound to the port. Where its files cannot be seen, as another user's,
// it is believed to: who asks is about to start the same server again.
func holds(pid int, network, address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	files := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(files)
	if err != nil {
		return true
	}
	inodes := boundTo(network, port)
	for _, e := range entries {
		target, err := os.Readlink(files + "/" + e.Name())
		if err == nil && inodes[target] {
			return true
		}
	}
	return false
}

// boundTo lists the sockets of the host that are bound to a port, as the links in /proc/PID/fd name them.
func boundTo(network, port string) map[string]bool {
	out := map[string]bool{}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return out
	}
	const local, inode = 1, 9 // columns of proc_net_tcp(5)
	suffix := fmt.Sprintf(":%04X", n)
	for _, table := range []string{network, network + "6"} {
		f, err := os.Open("/proc/net/" + table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if columns := strings.Fields(lines.Text()); len(columns) > inode && strings.HasSuffix(columns[local], suffix) {
				out["socket:["+columns[inode]+"]"] = true
			}
		}
		f.Close()
	}
	return out
}

// holder names a process that has a socket bound to the port, empty if none can be seen: root sees all.
func holder(network, address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	inodes := boundTo(network, port)
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
