// Package sim is the simulated cluster: the real servers of package node, each with its database, doors, links and
// nameserver table, on a virtual network, with virtual disks, in virtual time (testing/synctest). Nothing of a server is
// imitated; what it meets outside of itself comes from node.World. All of it is tests, so the package has no code of its
// own.
//
// Scenarios are text, one step a line, that reads as a description: testdata/*.txt. Random runs draw a cluster, its roles,
// edits and faults from a seed, as lines of the same language:
//
//	make sim SEEDS=1000 SEED=1
//
// A run that goes wrong prints its seed at once, and at the end its steps and what it found. SIM_LOG=1 shows the servers' own
// logs. In half of the random runs nothing is compared, so that comparing does not hide what delivery forgets. The steps of a
// seed are always the same. What is not: node ids, keys and tokens are drawn by the servers, and which goroutine goes first
// in one moment of virtual time is decided by the scheduler. A run is seldom so sensitive that it has to be repeated.
//
// After every run faults are healed (but for wrong clocks), and then must hold: what each link carries is the same at both
// ends; every change that a server acknowledged is in the view, in the conflicts, or was replaced by one that saw it; a
// leaf changed nothing but its own zones; nobody writes and links carry only heartbeats; and no server ever served a
// smaller serial than before. What only a disk had that went back to an older copy is gone, and counts nowhere.
//
// What the random runs cross: the roles and a mixture of them; direct, two web servers, via a primary, chains, a loop, each other,
// many to many; holders behind NAT, leaves, all zones or common ones, unsynchronized, with reverse trust; with cuts of one way
// and both, broken and slow connections, old messages again, crashes at any sync, older disks in the same folder and another,
// wrong clocks, forgetting, members removed and added. Clones, and what is told of them, are in testdata. Not here: scopes of
// accounts and the brake (packages control and test).
//
// It knows no sockets: HTTPS, REST and DNS over real ones are tested in package test.
//
//	network_test.go   hosts, paths, connections     conn_test.go      one stream
//	disk_test.go      a disk that loses its power   server_test.go    a server on its host
//	world_test.go     a cluster and its time        step_test.go      the language of scenarios
//	members_test.go   steps: members                edit_test.go      steps: edits, and what became of them
//	faults_test.go    steps: faults                 expect_test.go    steps: what a scenario expects
//	oracle_test.go    what was acknowledged         checks_test.go    what must hold after a run
//	scenario_test.go  runs testdata                 random_test.go    makes scenarios up
//	progress_test.go  how far many runs are         sabotage_test.go  rules made wrong, which must be found
//
// Goroutines: a run is one bubble of synctest; its driver joins all servers and edits before it ends.
package sim
