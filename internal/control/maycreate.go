package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// askTimeout bounds how long a creation waits for members; who has not answered by then is a warning.
const askTimeout = 3 * time.Second

// askAgain is how often a member is asked whether it still has a zone that was deleted here.
const askAgain = 50 * time.Millisecond

const maxAccount = 64

// mayCreate asks everybody whether a zone may be made here: the rules of names, this node, and the members whose
// links ask. It returns warnings.
func (c *Control) mayCreate(ctx context.Context, p acl.Principal, z zone.Name, owner string) ([]string, error) {
	h, err := c.Store.Head(z)
	if err == nil && h.Live {
		if c.allowZone(p, acl.ReadZone, z) != nil {
			return nil, taken(z)
		}
		return nil, existsHere(z)
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("read zone %s: %w", textOf(z), err)
	}
	deletedHere := err == nil
	if err := checkName(z); err != nil {
		return nil, err
	}
	if len(owner) > maxAccount || owner == "" || !printable(owner) || strings.Contains(owner, " ") {
		return nil, fail(CodeInvalid, "owner", "an account's name has no spaces and at most %d characters", maxAccount)
	}
	if !p.Root {
		if err := c.mayBegin(z, owner); err != nil {
			return nil, err
		}
	}
	heldBy, warnings := cluster.MayCreate(c.askMembers(ctx, z, deletedHere))
	if allowed(p, acl.ReadMembers) != nil { // who may not know of the members learns nothing of them here
		if heldBy != "" {
			return nil, taken(z)
		}
		warnings = nil
	}
	if heldBy != "" {
		return nil, fail(CodeExists, textOf(z), "the zone exists at %s", heldBy).
			hint("synchronize with that member, or edit the zone there")
	}
	return warnings, nil
}

// taken is the one answer to who may not know why a name cannot be used: another account's zone has it, or one above or
// below it, or it is reserved.
func taken(z zone.Name) *Error {
	return fail(CodeDenied, textOf(z), "the name cannot be used").hint("another account has it, or it is reserved: ask whoever runs this server")
}

// allowCreate asks whether p may make zones for an account. One that p knows nothing of is like one that is not there.
func (c *Control) allowCreate(p acl.Principal, z zone.Name, owner string) error {
	if p.Kind == acl.KindAPI && !p.Root {
		sight, err := c.sightOf(p)
		if err != nil {
			return err
		}
		if !sight.account(owner) {
			return noAccount(owner)
		}
	}
	return c.allowOwned(p, acl.CreateZone, textOf(z), owner)
}

func noAccount(name string) *Error {
	return fail(CodeNotFound, "user "+name, "there is no such user").hint("zonefleet user list")
}

// checkName refuses what no zone is named.
func checkName(z zone.Name) error {
	switch {
	case z == "":
		return fail(CodeInvalid, "zone", "a zone needs a name")
	case z == zone.Root:
		return fail(CodeInvalid, ".", "the root zone is not hosted here")
	case z.IsWildcard():
		return fail(CodeInvalid, textOf(z), "a zone's name has no wildcard")
	}
	return nil
}

// askMembers asks all at once, so that one that is down costs no more than its time. A zone that was deleted here may
// exist at a member for the moment in which the deletion is on its way: that is waited for.
func (c *Control) askMembers(ctx context.Context, z zone.Name, deletedHere bool) []cluster.ExistsAnswer {
	if c.Members == nil || !c.Clustering() {
		return nil
	}
	links, err := c.Links(ctx)
	if err != nil {
		return []cluster.ExistsAnswer{{Member: "the cluster", Failure: err.Error()}}
	}
	answers := make([]cluster.ExistsAnswer, len(links))
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var g errgroup.Group
	for i, m := range links {
		if m.Policy().AskExists && m.Health.Current() != cluster.DisabledByHand {
			g.Go(func() error {
				answers[i] = c.askMember(ctx, m, z)
				for deletedHere && answers[i].Exists && pause(ctx, askAgain) {
					answers[i] = c.askMember(ctx, m, z)
				}
				return nil
			})
		}
	}
	g.Wait() //nolint:errcheck // what failed is in the answers
	return answers
}

// pause waits, and reports whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (c *Control) askMember(ctx context.Context, m Member, z zone.Name) cluster.ExistsAnswer {
	a := cluster.ExistsAnswer{Member: m.Label()}
	if m.Health.Current() == cluster.DisabledFailures {
		a.Failure = "it is disabled after failures"
		return a
	}
	e, err := c.Endpoint(ctx, m)
	if err == nil {
		a.Exists, err = c.Members.Exists(ctx, e, z)
	}
	if err != nil {
		a.Failure = err.Error()
	}
	return a
}

// reserved says why only root may make a zone of that name for that owner; empty if anybody may.
func (c *Control) reserved(z zone.Name, owner string) (why string, err error) {
	if own, err := zone.ParseName(c.Self.Name); err == nil && z == own {
		return "it is the name of this server", nil
	}
	text := strings.ToLower(z.Text())
	if suffix, icann := publicsuffix.PublicSuffix(text); icann && suffix == text {
		return "it is a public suffix, under which others register names", nil
	}
	for up := z.Parent(); up != zone.Root; up = up.Parent() {
		h, err := c.Store.Head(up)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", fmt.Errorf("read zone %s: %w", textOf(up), err)
		}
		if err == nil && h.Live && h.Owner != owner {
			return fmt.Sprintf("the zone %s above it belongs to another account", textOf(up)), nil
		}
	}
	return c.reservedBelow(z, owner)
}

// mayBegin refuses a life of a zone where the names above or below it are another's by now: it may be created, and it may come
// back out of the trash or by an undo.
func (c *Control) mayBegin(z zone.Name, owner string) error {
	why, err := c.reserved(z, owner)
	if err == nil && why != "" {
		err = taken(z).because(errors.New(why))
	}
	return err
}

func (c *Control) reservedBelow(z zone.Name, owner string) (why string, err error) {
	for after := ""; ; {
		found, err := c.Store.Page(store.PageQuery{Query: store.Query{Search: "." + z.Text(), After: after, Limit: 1000}, Count: 1})
		if err != nil {
			return "", fmt.Errorf("read zones below %s: %w", textOf(z), err)
		}
		for _, h := range found.Heads {
			if h.Owner != owner && h.Zone != z && h.Zone.IsSubdomainOf(z) {
				return fmt.Sprintf("the zone %s below it belongs to another account", textOf(h.Zone)), nil
			}
		}
		if after = found.Next; after == "" {
			return "", nil
		}
	}
}
