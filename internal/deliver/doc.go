// Package deliver brings targets to the feed: one worker and one cursor per target. The local nameserver, members and
// provider accounts are targets alike. The first synchronization, catching up after an outage and live delivery are
// one loop, with new changes before the backlog. The Tracker knows which server has which change, answers those who
// wait for that, and passes reports on to the link that a change came from.
//
// It does not know which targets exist, what roles and permissions are, or in which form content travels.
//
//	feed.go       what is needed of the store
//	target.go     what a target is: Target, Session, Item, Outcome
//	worker.go     run.go batch.go: from the worker's life to one batch
//	cursor.go     exceptions.go: what is kept of a target's progress
//	health.go     when a target is tried
//	tracker.go    progress.go memory.go: who has what
//	wait.go       reach.go: how far is a change
//	steps.go      how many servers have a zone, which zones some server has not
//	forward.go    reports up the chain
//	resend.go     what a comparison asks, and has sent again
//	status.go     how each target stands
//
// Goroutines: Worker.Run is its caller's; for each session it starts one that reads the feed ahead and one that
// watches the connection, and joins both before the session is closed. The Tracker has none.
package deliver
