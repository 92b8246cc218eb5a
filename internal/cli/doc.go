// Package cli is the command line: one file for each verb, which reads arguments, makes one call of the REST API, and
// shows the answer as a table, or as JSON with --output json.
//
// It does not know how a server works: what it can do, any client of the API can. Exceptions are `zone check` of files
// and `restore`, which need no server. `serve` and `demo` are handed in by main.
//
//	program.go  Program: what main hands in, Run, exit codes
//	root.go     the tree of commands and the flags of all of them
//	connect.go  which server, whose token, whose key
//	errors.go   errors for people; exit.go: their numbers
//	table.go, text.go, progress.go  what is shown, and on what
//	data.go     record data as people type it
//	files.go    zone files on disk
//	NOUN_VERB.go  one command each
//
// Goroutines: a progress bar draws in its own, which ends with the command.
package cli
