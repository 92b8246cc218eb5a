// Package cluster holds the rules of the DNS cluster: what a link does by its role, what a member may change and
// read, when it is disabled and tried again, and what is to be said of the whole. All of it is pure values and total
// functions: time and chance come in as arguments, effects go out as values.
//
// It does not know how members are reached, what records are, what is stored, or what time it is. It owns no
// goroutine.
//
//	role.go      roles, the zones setting, scopes
//	resolve.go   Resolve: the only code that looks at a role
//	exists.go    reseller.go: before a zone is created; whose entry holds for a reseller's accounts
//	grant.go     admit.go: what a member's token lets in and out
//	serial.go    which foreign serials are adopted
//	health.go    threshold.go: the states of a member, back-off
//	brake.go     when a mass deletion is held
//	nodeid.go    who has to answer before a node writes under its old id
//	topology.go  warnings about circles and competing writers
//	advice.go    what is suggested for two servers, and advised against
//	member.go    a row of the table, checks before it is saved
//	overall.go   one sentence and an exit code for the whole
//
// The states of a member:
//
//	           Failed, below the threshold
//	                +-----+
//	                |     v
//	  +--------->  active  ---- Failed at the threshold ---+
//	  |             |   ^                                  v
//	  |    Disable  |   +--- Succeeded (auto), Enable --- disabled (failures)
//	Enable          |                                      |    a probe now and then
//	  |             v                                      |
//	  +---- disabled (by hand)  <------- Disable ----------+
//	           nothing is tried
package cluster
