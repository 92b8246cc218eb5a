// Package rest is the REST door: it reads requests, asks control, and renders documents of package api.
//
// It decides nothing about zones, members or permissions, opens no database, and keeps nothing between requests but
// the failed sign-ins of the last minutes. HTTP statuses are known here and nowhere else.
//
//	rest.go        Deps, Server, the routes
//	signin.go      bearer tokens; throttle.go: an address that fails too often
//	problem.go     errors to RFC 9457 problems
//	version.go     ETag and If-Match (RFC 9110 section 13)
//	wait.go        ?wait= on changes
//	render.go      values of the core as documents; parse.go: the other way
//	zones.go …     one file for each kind of thing; bulk.go and backup.go stream
//	running.go     what concerns the running process: the log's levels, the configuration read again
//	restart.go     the process, and another that takes over from it; the link to sign in with
//	health.go      /healthz, /readyz, /metrics
//	openapi.go     the OpenAPI document
//
// Goroutines: a bulk import runs a bounded number for its zones, a question to all servers one for each; the request
// joins them before it ends.
package rest
