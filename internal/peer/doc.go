// Package peer is the door for other nodes: /peer/v1/* on the HTTPS port. It proves both sides' knowledge of a token
// before it reads a body, runs the links that members open, and passes their questions on.
//
// It knows no store, no roles and no drivers: what a caller may do and what is answered is said by the Cluster that it
// is given. It keeps no secret: a token's hash is asked for each time.
//
//	cluster.go       what the door needs from the node    authenticate.go  the proof, before any body is read
//	door.go          routes, refusals, closing            throttle.go      failed proofs per address
//	link.go          the long stream                      question.go      single questions
//
// Goroutines: per link, those of wire.Link.Run and one for Reception.Attend, joined by the request's handler; Close
// waits for all handlers of links.
package peer
