// Package systemd tells systemd how this process is, with the datagrams of sd_notify(3), and keeps sockets with it over a
// restart (its file descriptor store).
//
// It is a few lines of its own: the protocol is text over one socket. It does not know what the process does, and where
// there is no systemd every call does nothing.
//
//	notify.go    Notifier: state, watchdog, the descriptor store
//
// It owns no goroutine.
package systemd
