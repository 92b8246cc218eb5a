// Package metrics counts for Prometheus. What is known elsewhere is read at each scrape through Sources; what happens at
// a moment (a change arrived, a batch was synced) is told by Propagated and Synced.
//
// It knows none of the packages that it counts, and keeps no name of a zone: that many series would be a load of their
// own.
//
//	metrics.go  Sources, Metrics
//	collect.go  the series that are read at each scrape
//
// It owns no goroutine.
package metrics
