// Package wire is the native protocol between two nodes: its frames, its messages, and Link, the engine that both sides
// of a link run over one stream of octets.
//
// It knows no sockets and no TLS (peer and remote/zonefleet bring the stream), of HTTP only the names in http.go, no
// store and no roles: a position is a number that the other side gives back.
//
// Every stream starts with a Hello that names the lowest and highest protocol version its sender speaks; the highest
// that both speak is used. A frame whose type has the highest bit set may be skipped by who does not know it, any other
// unknown frame ends the link. Frames in testdata/golden must decode for ever.
//
//	frame.go     octets: header, bounds, compression     message.go  parts of a long message, put together again
//	octets.go    decoding of small pieces with bounds    facts.go    who a node is; Hello, Welcome
//	deltas.go    zone changes                            acks.go     what became of them
//	news.go      reports, topology, bye                  question.go compare.go  single questions
//	join.go      a new server's place in the cluster, and the secrets that come out of a session
//	proof.go     both sides prove a token                problem.go  coded refusals; http.go paths, headers
//	greet.go     Hello and Welcome                       link.go     the engine; its goroutines are in read.go,
//	deliver.go   the sending side; window.go its bound               write.go and apply.go
//
// Goroutines: Link.Run owns four (reader, writer, applier, watcher) and joins them before it returns.
package wire
