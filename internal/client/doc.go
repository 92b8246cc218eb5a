// Package client speaks to a server's REST API over HTTPS: it finds out whether the server may be trusted before it
// gives the token away, sends documents, streams lines, and turns problems into errors.
//
// It does not know what the documents mean, asks nobody anything (Options say beforehand what may be trusted), and
// never follows a redirect: the token is for the server that was named.
//
//	client.go  Client: requests and answers
//	again.go   asking again a server that hands over; restart.go: making it hand over
//	lines.go   NDJSON in both directions at once
//	server.go  the forms in which a server can be named
//	trust.go   whose key is accepted: pinned, given, loopback, or a known authority's certificate
//	known.go   the file of pinned keys
//
// It owns no goroutine, except one for each Lines, which Lines joins.
package client
