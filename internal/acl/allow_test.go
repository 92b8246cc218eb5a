package acl_test

import (
	"errors"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

var people = []acl.Verb{
	acl.ReadZone, acl.WriteZone, acl.CreateZone, acl.DeleteZone, acl.ReadHistory, acl.ReadEvents, acl.ReadMembers,
	acl.ManageMembers, acl.ReadStatus, acl.ManageCluster, acl.ManageTokens, acl.ManageNode,
}

var peers = []acl.Verb{acl.Push, acl.Follow, acl.Ask, acl.Trust, acl.Forget}

// Every principal against every verb: who may is listed, all else is denied.
func TestAllow(t *testing.T) {
	member := acl.Principal{User: "root", Kind: acl.KindMember, Grant: cluster.Grant{Kind: cluster.Relay, User: "root"}}
	trust := member
	trust.Grant.Trust = true
	for who, c := range map[string]struct {
		p   acl.Principal
		may []acl.Verb
	}{
		"nobody":        {acl.Principal{}, nil},
		"root":          {acl.Local(), people},
		"the node":      {acl.Node(), people},
		"an account":    {acl.Principal{User: "alice", Kind: acl.KindAPI}, nil},
		"a member":      {member, peers},
		"a root member": {acl.Principal{User: "root", Root: true, Kind: acl.KindMember}, peers},
		"a trust token": {trust, []acl.Verb{acl.Follow, acl.Ask, acl.Forget}},
	} {
		allowed := map[acl.Verb]bool{}
		for _, v := range c.may {
			allowed[v] = true
		}
		for _, v := range append(append([]acl.Verb{"unheard of"}, people...), peers...) {
			err := acl.Allow(c.p, v, acl.Object{Name: "example.com", Owner: "root"})
			if v == "unheard of" && c.p.Root && c.p.Kind != acl.KindMember {
				continue // root's verbs are whatever there is
			}
			if (err == nil) != allowed[v] {
				t.Errorf("%s, %s: %v", who, v, err)
			}
			if err != nil && !errors.Is(err, acl.ErrDenied) {
				t.Errorf("%s, %s: %v is no denial", who, v, err)
			}
		}
	}
}

func TestAPrincipalIsNamedWithoutSecrets(t *testing.T) {
	for want, p := range map[string]acl.Principal{
		"root":          acl.Local(),
		"root (deploy)": {User: "root", Root: true, Kind: acl.KindAPI, TokenID: "abcdefghij", TokenName: "deploy"},
		"member web1":   {User: "root", Kind: acl.KindMember, TokenName: "web1"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
