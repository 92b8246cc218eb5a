// Package acl says who may do what: principals, verbs, and Allow, which decides.
//
// It is a pure value and a pure function. It knows no HTTP, session, token format or storage, and it does not know
// which zones exist: what it decides about is handed to it. What a member may change inside a zone is not decided
// here but by cluster.Grant, record by record.
//
//	principal.go  who acts
//	privilege.go  WHM's privileges and what they mean here
//	verb.go       what can be done, and what each verb asks of whom
//	allow.go      the decision
//	scope.go      the records to which a token is narrowed
//
// It owns no goroutine.
package acl
