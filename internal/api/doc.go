// Package api holds the documents of the REST API as they travel: JSON with snake_case names, times in RFC 3339 UTC,
// zone names without the final dot, names of records absolute with it (so that what is shown can be given back), rdata
// in presentation form. The server (rest) renders them, the command line reads them; neither defines its own.
//
// It does not know how a request is served, what a value means to the cluster, or how it looks on a terminal.
//
//	zone.go     zones, records, edits, checks
//	change.go   changes, differences, conflicts
//	trash.go    deleted zones
//	changeset.go acts on many zones
//	template.go zone templates
//	held.go     held changes, deletions of several zones
//	reach.go    where a change is served
//	member.go   members, the state of the cluster, the threshold
//	access.go   tokens, events, the server itself
//	ask.go      a question put to every server
//	bulk.go     the lines of a bulk import and export
//	problem.go  errors (RFC 9457)
//
// It owns no goroutine.
package api
