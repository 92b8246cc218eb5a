// Command storm proves on real processes that a cluster loses nothing. It runs 3 to 5 `zonefleet serve` processes, lets
// clients edit at all of them while they are killed, stopped, cut off, run out of disk, get a wrong clock or an older
// folder, and afterwards asks of every acknowledged change what became of it. `make storm` runs it; docs/storm.md tells
// how to read what it prints.
//
// It trusts nobody's word: what the servers serve is read through their doors (REST, AXFR), and what replaced what is
// read from the history in the folders of the stopped servers, change by change.
//
//	main.go options.go       flags; one run from its start to its verdict
//	topology.go server.go    who is linked with whom; one process
//	proxy.go                 the way to each server, which can be cut or garbled
//	space.go                 as root: namespaces, a switch and cables
//	faults.go fault_*.go     what happens to servers, and when; registers.go what they claim to have
//	impostor.go babble.go    members that answer garbage, or acknowledge and forget
//	client.go edits.go ...   the clients and what they do
//	reader.go                readers of whole zones, who must never see half a change
//	ledger.go report.go      what was acknowledged; lines and the table
//	history.go               what the folders tell of who replaced what
//	final.go verdict.go      are all servers equal; what became of each change
//
// The seed decides the links, the faults and the edits; times are the machine's, so two runs of a seed are alike, not
// equal. Every goroutine ends with the run's context, and the run waits for it.
package main
