// Package digest says in a few octets what a set of zones is, so that two servers find out in one round trip that they
// hold the same, and in a few more where they do not: trees with the levels home, owner, bucket of names, zone; questions
// about them, their answers, and the walk down to what differs.
//
// It is values and rules: it does not know where zones are kept, how questions travel, who may see what, or what a
// difference means. It owns no goroutine and no lock.
//
//	branch.go    the places in a tree, and how much is there
//	tree.go      a tree that follows changes of its zones
//	question.go  what one side asks, what the other answers
//	walk.go      from the root to the zones that differ
package digest
