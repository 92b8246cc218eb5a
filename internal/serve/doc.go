// Package serve is the embedded authoritative nameserver: it answers DNS questions from a table of zones.
//
// It does not know where zones come from, members, roles or users; it is given a *zone.View to answer from, or the
// name of a zone to forget.
package serve
