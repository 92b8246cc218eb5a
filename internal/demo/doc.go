// Package demo runs a whole cluster on one machine: a web server and two nameservers, each a child process with its own
// name, data folder and ports, linked with each other, holding the zone files that it is given.
//
// It sets the cluster up with the command line that people use, and does not know the packages that a server is made
// of: what it can do, a person can type.
//
// Files: demo.go (Run: start, set up, stay, clean up), server.go (one child process), setup.go (tokens, members, zones),
// tour.go (the one-minute tour), ports.go (which ports, and who holds them), command.go (running the command line),
// zones/ (the zones to start with).
//
// Goroutines: Run owns one for each child, which waits for the process to end; all are joined before Run returns.
package demo
