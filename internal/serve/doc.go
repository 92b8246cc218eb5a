// Package serve is the embedded authoritative nameserver: it answers DNS questions from a Table of zones, by UDP and TCP,
// and lets allowed clients fetch whole zones.
//
//	packet -> query.parse -> resolve -> answer -> encode -> packet
//
// It does not know where zones come from, members, roles or users: it is given a *zone.View to answer from, or the name of
// a zone to forget. It keeps nothing on disk, asks no other server, signs nothing, and takes no message that changes a zone.
//
//	table.go content.go build.go   the zones: finding one, its layout, making it from a view
//	query.go edns.go rrtype.go     reading a packet; what the types' rdata looks like
//	answer.go additional.go        deciding the answer, one function for each outcome that the RFCs name
//	message.go name.go respond.go  writing it: compression, truncation, header
//	chaos.go transfer.go           questions about the server itself; AXFR and IXFR
//	server.go group.go             Options and Run; the sockets that are open and their goroutines
//	listen.go socket_*.go follow.go  binding an address; keeping up with the host's addresses
//	udp.go tcp.go streams.go       the transports and their bounds
//	sockets.go drain.go            sockets of an earlier and for a later process; ending without losing what has come in
//	stats.go                       counters
//
// Goroutines, all started and joined by Server.Run: Options.Workers for each UDP socket, one for each TCP listener, one for
// each TCP connection. Each has a responder of its own while it answers. A Table has none.
//
// Choices where the RFCs leave one, each a named exception in the comparison with BIND and Knot:
//
//   - ANY is answered with one RRset, that of the lowest type (RFC 8482 section 4.1).
//   - CNAME and DNAME are followed through every hosted zone, at most 16 times; a loop ends the answer and is no error.
//   - A positive answer has no authority section. Additional addresses are taken from the same zone only.
//   - Glue without which a delegation cannot be reached sets TC when it does not fit; other additional records do not.
//   - Class CHAOS is refused unless the operator gave a name or a version; NOTIFY and UPDATE are NOTIMP.
package serve
