// Package served asks one nameserver over DNS what it serves of a zone, to be compared with what it should.
//
// It knows no members, no store and no cluster: an address and a content come in, the content that was found goes out. A
// zone is transferred (AXFR, RFC 5936) where that is allowed; otherwise each RRset that should be there is asked for, at a
// bounded pace, so that records which should not be there are found by a transfer only.
//
// It owns no goroutine.
package served
