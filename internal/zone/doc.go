// Package zone is the pure core: what a zone is. Its text half knows names, types, rdata, RRsets and zone files; its
// state half knows the replicated form of a zone (changes, dots, lives), how two states join, and what is served.
//
// It does not know where zones live, who may write them, members, networks, clocks or logs: time comes in as an
// argument, files through an fs.FS. It owns no goroutine and has no lock; a State belongs to its caller, everything
// else is immutable once made.
//
//	name.go, name_text.go       Name: wire form, order; text form, IDNA
//	type.go, rrset.go           Type, RRset, canonical order, the stored value of an RRset
//	rdata.go, layout.go,        rdata: text <-> wire by a row of fields per type,
//	  field.go, foreign.go      and through the DNS library or as octets where there is none
//	scan.go, parse*.go, ttl.go  zone file text -> File: entries, records, $ directives
//	print.go, stamp.go          View -> zone file text; cPanel's comment at its head
//	lint.go, finding.go         what is wrong or odd in a zone
//	state.go, view.go           the replicated types: Change, Version, State, Delta, View, Conflict;
//	                            the files beside them named for a verb (apply, join, ...) are their rules
package zone
