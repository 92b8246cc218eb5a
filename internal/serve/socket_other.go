//go:build !linux

package serve

import "syscall"

// ignorePathMTU is Linux's; elsewhere the system's own rule stays.
func ignorePathMTU(_, _ string, _ syscall.RawConn) error { return nil }
