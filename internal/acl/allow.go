package acl

import (
	"errors"
	"fmt"
)

// ErrDenied is wrapped by every refusal of Allow.
var ErrDenied = errors.New("not allowed")

// Object is what a verb is about: a zone with its owner, or nothing in particular.
type Object struct {
	Name  string // for the message
	Owner string // account; empty when the verb has no single object
}

// Allow says whether p may do v to o; nil means yes. Everything not named is denied.
//
// A principal with a Scope is denied everything here: what it may is asked record by record, without the scope.
func Allow(p Principal, v Verb, o Object) error {
	if !p.Scope.IsZero() {
		return denied(p, v, o, "this token is for "+p.Scope.String()+" and nothing else")
	}
	switch p.Kind {
	case KindMember:
		return allowMember(p, v)
	case KindAPI, KindNode:
		if member, _ := forMembers(v); member {
			return denied(p, v, o, "only a member's token may")
		}
		// Root is the only account that may act yet; accounts of resellers and owners come with their own rows here.
		if p.Root {
			return nil
		}
		return denied(p, v, o, "only root may")
	}
	return denied(p, v, o, "nobody is signed in")
}

func allowMember(p Principal, v Verb) error {
	member, trust := forMembers(v)
	switch {
	case !member:
		return denied(p, v, Object{}, "a member's token does nothing but cluster calls")
	case p.Grant.Trust && !trust:
		return denied(p, v, Object{}, "this token serves a reverse trust only")
	}
	return nil
}

func denied(p Principal, v Verb, o Object, why string) error {
	if o.Name != "" {
		return fmt.Errorf("%s %s as %s: %w: %s", v, o.Name, p, ErrDenied, why)
	}
	return fmt.Errorf("%s as %s: %w: %s", v, p, ErrDenied, why)
}
