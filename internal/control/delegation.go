package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Delegations is the port to a resolver, for the check of new zones; *net.Resolver has it.
type Delegations interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
	Lookup
}

// DelegationRule says what becomes of a new zone whose delegation does not lead here. The zero rule warns.
type DelegationRule struct {
	RefuseRemote       bool // delegated to other servers: "allow remote domains" is off
	RefuseUnregistered bool // delegated to nobody: "allow unregistered domains" is off
}

const settingDelegation = "delegation"

// The bounds of a check. A resolver that does not answer in time is a warning, whatever the rule: it says nothing about the
// zone. At most as many are under way as WHM's recursive query pool has; who finds it full waits within the same time.
const (
	delegationTime  = 2 * time.Second
	delegationsOnce = 10
	delegationNames = 13 // nameservers of one zone that are looked up
)

// DelegationRule returns the rule.
func (c *Control) DelegationRule(ctx context.Context, p acl.Principal) (DelegationRule, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{}); err != nil {
		return DelegationRule{}, err
	}
	r, _, err := load[DelegationRule](c.Store, kindSetting, settingDelegation)
	return r, err
}

// SetDelegationRule changes it.
func (c *Control) SetDelegationRule(ctx context.Context, p acl.Principal, r DelegationRule) error {
	if err := allow(p, acl.ManageCluster, acl.Object{}); err != nil {
		return err
	}
	return c.commitRecords(ctx, "delegation rule", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "delegation-rule-changed", fmt.Sprintf("remote domains allowed: %t, unregistered domains allowed: %t", !r.RefuseRemote, !r.RefuseUnregistered)))
		return save(tx, kindSetting, settingDelegation, r)
	})
}

// checkDelegation asks the world where a new zone is delegated to. It returns a warning, or refuses as the rule says. Names
// that nobody can register, and a server that knows no address of a nameserver, are not checked.
func (c *Control) checkDelegation(ctx context.Context, z zone.Name) (warning string, err error) {
	return c.lookDelegation(ctx, z, func(ctx context.Context, _ DelegationRule) bool { return c.delegating.enter(ctx) })
}

// checkImported is checkDelegation for one of many zones: where it can only warn, it does not wait for its turn, so that a
// resolver that is slow or gone does not hold up an import of thousands.
func (c *Control) checkImported(ctx context.Context, z zone.Name) (warning string, err error) {
	return c.lookDelegation(ctx, z, func(ctx context.Context, rule DelegationRule) bool {
		if rule.RefuseRemote || rule.RefuseUnregistered {
			return c.delegating.enter(ctx)
		}
		return c.delegating.enterNow()
	})
}

func (c *Control) lookDelegation(ctx context.Context, z zone.Name, enter func(context.Context, DelegationRule) bool) (warning string, err error) {
	trusted, err := c.trustedIPs()
	if err != nil || c.Delegations == nil || len(trusted) == 0 || isSpecialUse(z) {
		return "", err
	}
	rule, _, err := load[DelegationRule](c.Store, kindSetting, settingDelegation)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, delegationTime)
	defer cancel()
	if !enter(ctx, rule) {
		return "where it is delegated to was not looked up: too many are looked up at once", nil
	}
	defer c.delegating.leave()
	names, addresses, err := c.delegatedTo(ctx, z)
	switch {
	case err != nil:
		return fmt.Sprintf("where it is delegated to could not be looked up: %v", err), nil
	case len(names) == 0 && rule.RefuseUnregistered:
		return "", fail(CodeRefused, textOf(z), "it is delegated to nobody, and unregistered domains are not allowed here").hint("register it first, or: zonefleet trusted-ip rule --allow-unregistered")
	case len(names) == 0:
		return "it is delegated to nobody yet: the world will not find it before it is registered and delegated here", nil
	case slices.ContainsFunc(trusted, func(t TrustedIP) bool { return slices.Contains(addresses, t.Address) }):
		return "", nil
	}
	what := fmt.Sprintf("it is delegated to %s, of which no address is a trusted IP", strings.Join(names, ", "))
	if rule.RefuseRemote {
		return "", fail(CodeRefused, textOf(z), "%s, and remote domains are not allowed here", what).
			hint("delegate it here, add the address (zonefleet trusted-ip add ADDRESS), or: zonefleet trusted-ip rule --allow-remote")
	}
	return what + ": the world asks other servers for it", nil
}

// delegatedTo finds the nameservers of a zone, or of the one that it is in, and their addresses.
func (c *Control) delegatedTo(ctx context.Context, z zone.Name) (names []string, addresses []netip.Addr, err error) {
	servers, err := c.nearestNS(ctx, z)
	if err != nil || len(servers) == 0 {
		return nil, nil, err
	}
	servers = servers[:min(len(servers), delegationNames)]
	found := make([][]netip.Addr, len(servers))
	var g errgroup.Group
	for i, ns := range servers {
		names = append(names, strings.TrimSuffix(ns.Host, "."))
		g.Go(func() error {
			var err error
			found[i], err = c.Delegations.LookupNetIP(ctx, "ip", ns.Host)
			if isNoName(err) {
				err = nil // one that does not exist answers nobody
			}
			return err
		})
	}
	err = g.Wait()
	for _, list := range found {
		for _, a := range list {
			addresses = append(addresses, a.Unmap())
		}
	}
	if len(addresses) > 0 {
		err = nil // enough is known
	}
	return names, addresses, err
}

// nearestNS looks from the zone up to below the public suffix: what is not delegated itself is in a zone that is.
func (c *Control) nearestNS(ctx context.Context, z zone.Name) ([]*net.NS, error) {
	suffix, _ := publicsuffix.PublicSuffix(strings.ToLower(z.Text()))
	for up := z; up != zone.Root; up = up.Parent() {
		list, err := c.Delegations.LookupNS(ctx, up.Text()+".")
		if err != nil && !isNoName(err) {
			return nil, err
		}
		if len(list) > 0 {
			return list, nil
		}
		if strings.EqualFold(up.Parent().Text(), suffix) {
			break
		}
	}
	return nil, nil
}

func isNoName(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

// isSpecialUse reports names that the world does not delegate (RFC 6761, RFC 6762, RFC 7686, RFC 8375).
func isSpecialUse(z zone.Name) bool {
	text := "." + strings.ToLower(strings.TrimSuffix(z.Text(), "."))
	return slices.ContainsFunc([]string{
		".test", ".example", ".invalid", ".localhost", ".local", ".internal", ".onion", ".home.arpa", ".example.com", ".example.net", ".example.org",
	}, func(suffix string) bool { return strings.HasSuffix(text, suffix) })
}

// pool lets so many in at once; its zero value lets in none before it was made.
type pool chan struct{}

func (p pool) enter(ctx context.Context) bool {
	select {
	case p <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p pool) enterNow() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p pool) leave() { <-p }
