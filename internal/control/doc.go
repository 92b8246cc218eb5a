// Package control is the one way in: every use case of ZoneFleet is a method of Control, one file per verb, and
// whatever changes goes through store.Commit from here and from nowhere else. A method authorises (acl, cluster.Grant),
// validates, builds a zone.Change or a record, commits it, and returns plain values.
//
// It does not know HTTP, the wire formats, WHM, drivers or who is connected. It owns no goroutine: what it runs in
// parallel is joined before the method returns, and WorkChangeSets is run by package node. It computes no view for others: who follows the feed derives its own.
// What it must ask of other servers goes through the ports that it declares (ports.go); package node implements them.
//
//	control.go error.go result.go ports.go records.go ident.go  the type, the coded error, what it needs, rows
//	write.go past.go content.go maycreate.go editops.go         the way of every zone write and what it reads
//	createzone … restorezone, undo, conflicts, choose           the use cases on zones, one file each
//	changeset beginchangeset changesets workchangesets setrights resumechangeset undochangeset movehome replacevalue   one act on many zones
//	templates, resetzone                                        zones made of templates, and made anew
//	listzones, showzone, history, diff, wait, reached, events   reading
//	review.go recordright.go                                    what an edit would do; which records somebody may write
//	findchanges.go ask.go                                       the history by zone, person and time; every server asked
//	receive.go join.go foreign.go peerread.go                   what members send and read
//	brake.go held.go release.go                                 what is held until a person decides
//	compare.go served.go mend.go drift.go repair.go                       what differs from what members hold
//	wayin.go                                                    the steps into a cluster, as they stand
//	athome.go                                                   zones whose home is a member
//	addmember … syncmember, does, resolve, trust, leave         the use cases on members
//	trustedips.go delegation.go                                 addresses of nameservers; where a new zone is delegated to
//	unique.go setunique.go                                      resellers' entries: whose holds, which zones it carries
//	leftbehind.go stays.go                                      zones that no link carries any more: listed; counted before
//	backend.go previewnew.go overlap.go                         kinds of servers; what adding one would do
//	sync.go syncjob.go                                          Synchronize DNS records: what it would do, and doing it
//	backups.go restorecontent.go                                how backups stand, zones out of them
//	invite joincluster resumejoin acceptjoin acceptkey succession   a new server, or one in another's place
//	ownership.go lifesight.go narrowstatus.go                   whose things are, and what of lists somebody sees
//	users.go adduser.go editusers.go privilegelists.go          users, accounts, resellers
//	signin.go passwords.go sessions.go                          how people sign in
//	tokens.go edittoken.go tokenrows.go scope.go                tokens, and those for single records
//	signed.go                                                   zones that are signed, servers that cannot do DNSSEC
//	report.go status.go clustering.go settings.go comparesettings.go expire.go
//
// Every method may be called concurrently.
package control
