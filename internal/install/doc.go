// Package install makes this program a service of the host, upgrades it there, goes back, and removes it.
//
// What is checked is checked before anything is changed. A file is replaced by renaming, so that a power failure leaves the
// old one or the new one. The data folder and a configuration that exists are never touched, but for uninstall --purge.
//
// It does not know how a server works: what it asks of a running one is asked over the REST API, as by any client.
//
//	install.go    Host; Install: the first time, and again as an upgrade
//	upgrade.go    the program file: in, handed over to, and back
//	uninstall.go  Uninstall
//	files.go      files and folders; account.go: the account that the server runs as
//	systemd.go    systemctl, where systemd runs
//	server.go     the running server: handed over, reached
//	health.go     is it healthy: does it answer what it answered before
//
// It owns no goroutine.
package install
