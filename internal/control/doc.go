// Package control is the one way in: every use case of ZoneFleet is a method of Control, one file per verb, and
// whatever changes goes through store.Commit from here and from nowhere else. A method authorises (acl, cluster.Grant),
// validates, builds a zone.Change or a record, commits it, and returns plain values.
//
// It does not know HTTP, the wire formats, WHM, drivers or who is connected. It owns no goroutine: what it runs in
// parallel is joined before the method returns. It computes no view for others: who follows the feed derives its own.
// What it must ask of other servers goes through the ports that it declares (ports.go); package node implements them.
//
//	control.go, error.go, result.go, ports.go   the type, the coded error, what writes return, what it needs
//	write.go, base.go, ident.go                 the way of every zone write; imports' bases; short ids
//	createzone … choose, receive, report        the use cases on zones
//	addmember … syncmember, trust, leave        the use cases on members
//	createtoken … firsttoken, settings, events  the rest
//
// Every method may be called concurrently.
package control
