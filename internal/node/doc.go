// Package node is one running server: it builds everything, turns the member table into delivery targets, implements
// the ports that control and the peer door declare, and holds the only schedules.
//
// It knows no rules and no formats: which link does what is asked of cluster, what may be written of control, what a
// frame looks like of wire.
//
//	node.go        Run: the whole life of a server, from its data folder to its end
//	world.go       what it meets outside of itself: the simulation puts a virtual one in its place
//	front.go       what of it outlives the data folder: sockets, tables, the nameserver
//	restart.go     taking over from a process, handing over to the next one
//	watchdog.go    whether the process works, for systemd
//	https.go       the one HTTPS port and its doors
//	allow.go       which addresses may use that port
//	nameserver.go  the embedded nameserver as a target of delivery
//	links.go       the member table → one running link for each member
//	topology.go    which servers are behind which: what links tell each other
//	link.go        one link that this node works: opening it, what it says, what it takes
//	linkhealth.go  when a link is tried, and what counts as a failure or a proof
//	twins.go       two servers that show one key
//	inbound.go     links that members open
//	questions.go   single questions of members
//	inbox.go       what a member sends, on its way to control
//	heard.go       how far the feeds of others have come here
//	followers.go   servers that follow this feed over links of their own
//	edges.go       the links of the cluster, as servers state them
//	facts.go       what this node says of itself
//	refusals.go    what was refused of members, to be asked for when nothing is in its way any more
//	held.go        what is held here or at members until a person decides
//	session.go     a wire link as a session of delivery; reports on their way back
//	joining.go     servers that have no place yet, on both sides
//	members.go     control's questions to members, asked over remote/zonefleet
//	compare.go     control's comparisons with members, and when they are made
//	exists.go      many questions "does this zone exist there?" in one request
//	settle.go      whether this node may go on writing under its node id
//	recorded.go    what the data folder records of time, for that and for what is kept for whom
//	reach.go       what delivery knows, in control's words
//	trace.go       the debug log of members, log/cluster.log; tracetail.go: its end, for people
//	reload.go      taking a changed configuration while running
//	schedule.go    what happens by the clock
//	backups.go     the backup of the night; backupto.go: into a full disk, into a program
//	notify.go      events on their way to people
//	cleanup.go     what a server that was killed left in the data folder
//	metrics.go     counters for Prometheus
//
// Goroutines: Run owns all: the nameserver and the watchdog, and while the data folder is open the committer, the HTTPS
// server, the workers of links, the schedules; it joins them before it returns, the committer after those, the nameserver last.
package node
