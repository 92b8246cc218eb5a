// Package zone is the pure core: what a zone is. Its text half knows names, types, rdata, RRsets and zone files; its
// state half knows the replicated form of a zone (changes, dots, lives), how two states join, and what is served.
//
// It does not know where zones live, who may write them, members, networks, clocks or logs: time comes in as an
// argument, files through an fs.FS. It owns no goroutine and has no lock; a State belongs to its caller, everything
// else is immutable once made.
//
//	name*.go, type.go, rrset.go                  Name and its text form, Type, RRset, canonical order, stored value
//	rdata.go, layout.go, field.go, foreign.go    rdata: text <-> wire, by a row of fields or through the DNS library
//	scan.go, parse*.go, ttl.go                   zone file text -> File: entries, records, $ directives
//	print.go, stamp.go, lint*.go, finding.go     View -> zone file text; cPanel's stamp; what is wrong or odd
//	state.go, version.go, vector.go, lives.go    the replicated types and their order
//	apply.go, join.go, delta.go, drop.go         how a state changes, alone and with others; what it forgets
//	view*.go, cell.go, conflict.go, serial.go    what is served and under which number, and what is not
//	change.go, build.go                          Change, and a new zone
//	template.go                                  zone templates: variables, the built-in ones, what a reset writes
//	swap.go                                      a value by another one wherever it stands
//	edit.go, undo.go, restore.go, ...            builders of a Change, one verb one file
//	codec*.go, digest.go                         binary form and digest of states and deltas
package zone
