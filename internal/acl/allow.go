package acl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// ErrDenied is wrapped by every refusal of Allow.
var ErrDenied = errors.New("not allowed")

// Object is what a verb is about: a zone with its owner, an account, a reseller's link; or nothing in particular.
type Object struct {
	Name     string // for the message
	Owner    string // account; empty when the verb has no single object
	Reseller string // who owns that account: a reseller, or root
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
		if p.Root {
			return nil
		}
		return allowPerson(p, v, o)
	}
	return denied(p, v, o, "nobody is signed in")
}

// AllowRecord says whether p may write records of a type at an owner name in the zone o. It is the one question that a
// principal with a Scope may get a yes to.
func AllowRecord(p Principal, o Object, owner zone.Name, t zone.Type) error {
	if !p.Scope.Covers(owner, t) {
		return denied(p, WriteZone, o, fmt.Sprintf("%s %s is outside of the token's %s", owner.Text(), t, p.Scope))
	}
	p.Scope = Scope{}
	if err := Allow(p, WriteZone, o); err != nil || p.Root {
		return err
	}
	if !p.Privileges.HasAny(EditDNS, ManageDNSRecords) && t != zone.TypeMX {
		return denied(p, WriteZone, o, "the privilege edit-mx is for MX records only")
	}
	return nil
}

// allowPerson is for whoever is not root: by privilege, and by whose the object is.
func allowPerson(p Principal, v Verb, o Object) error {
	rule, known := ruleOf(v)
	switch {
	case !known:
		return denied(p, v, o, "only root may")
	case len(rule.needs) > 0 && !p.Privileges.HasAny(rule.needs...):
		return denied(p, v, o, "it needs the privilege "+strings.Join(Privileges(rule.needs).Names(), " or "))
	case rule.self && (p.TokenID != "" || o.Owner != p.User):
		return denied(p, v, o, "it is for the user alone, signed in with the password")
	case o.Owner == "" && !rule.list:
		return denied(p, v, o, "only root may")
	case o.Owner != "" && !p.owns(o, rule.exactly):
		return denied(p, v, o, "it belongs to another account")
	}
	return nil
}

// owns reports whether o is p's own, or that of an account of p's. What nobody else owns is root's, and a token of root
// with fewer privileges is still one for everything.
func (p Principal) owns(o Object, exactly bool) bool {
	return o.Owner == p.User || !exactly && (o.Reseller == p.User || p.User == Root)
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
