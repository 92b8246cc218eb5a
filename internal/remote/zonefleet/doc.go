// Package zonefleet is the client of another ZoneFleet server: it opens links to it and asks it single questions, both
// on one HTTP/2 connection that it dials, proves and pins.
//
// It knows no store and no roles: what is delivered is given to it, positions are numbers. The token never leaves it: a
// proof made with it, worth something in this TLS session only, does.
//
//	client.go  Client, its one connection      link.go      the long stream
//	dial.go    resolve, connect, TLS, pin      question.go  Exists, List, Heads, Fetch, Trust, Untrust, Leave
//	join.go    a place in the cluster
//	conn.go    proofs, requests, refusals      errors.go    what can be wrong with a member
//
// Goroutines: a Session owns the one that runs its link and joins it in Close; those of the HTTP/2 connection end with
// Client.Close.
package zonefleet
