// Package preflight finds out, without starting a server, what would keep it from starting or surprise its operator:
// addresses and ports, certificate and key, data folder, clock. It changes nothing, but for a file that it makes in the
// data folder and removes.
//
// It does not know how a server works. What is wrong with the configuration itself is known before, to config.
//
//	preflight.go  Check
//	ports.go      addresses and ports; holder_linux.go: whether this very server has them already
//	files.go      certificate and key, data folder
//
// It owns no goroutine.
package preflight
