// Package store keeps what a node knows: the state of each zone, the feed that targets follow, the history of changes,
// events, records (members, tokens, settings) and registers (cursors, counters).
//
// One committer (Run) takes all waiting requests, runs them one after the other over one batch, syncs it once,
// publishes a new snapshot and only then answers. All reads go through the published snapshot, so nothing that is not
// synced is ever seen outside: the database itself shows a batch before its sync.
//
// It does not know permissions, members, roles, wire formats or what a record means. It never reads the clock for
// what it stores: times come with the entry.
//
//	store.go options.go lock.go identity.go  open, close, budget, whose data folder this is
//	commit.go tx.go publish.go               the committer, one request, what readers see
//	keys.go rows.go                          row layout
//	head.go state.go facts.go heads.go page.go count.go holding.go  zones, and what a list shows of them
//	owned.go homed.go                        the same in the order of owners and of homes
//	feed.go entry.go delta.go                follow, history, travel
//	trim.go compact.go                       retention, and the room that it gives back
//	digests.go                               what other servers compare
//	event.go record.go register.go           the companions
//	errors.go failure.go logfs.go room.go    what can happen; a disk that fails or is full
//	seal.go                                  secrets at rest
//	dump.go assemble.go                      all rows out and in, zones out of rows: backup, restore
//
// Memory: 32 MiB of blocks and memtables together, of which there are at most four of 8 MiB; a read holds what it
// returns. A group of requests is one batch of about 4 MiB.
//
// A full disk: the committer asks for the free space before each batch and refuses it with ErrDiskFull below the
// reserve (32 MiB, or a quarter of a small file system), so that the database never meets the full disk: a log that
// cannot be written ends it. If that happens all the same (the disk fails, or another program takes the reserve within
// one batch), nothing half written is ever seen: commits are refused, reads go on, Run returns the cause, and the
// process has to end. Only of the commit that met the failure it is not known whether a restart finds it.
//
// Goroutines: Run is the committer and is run by the caller; the database's own flushes and compactions end in Close.
package store
