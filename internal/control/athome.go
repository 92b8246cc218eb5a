package control

import (
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// countAtHome counts the zones here and those whose home is the member: of those that p sees. A reseller learns nothing of the
// zones of others, whoever's server it is.
func (c *Control) countAtHome(p acl.Principal, m Member) (all, at int, err error) {
	s, err := c.sightOf(p)
	if err != nil {
		return 0, 0, err
	}
	if s.all {
		return c.countHome(m.Name + " " + m.Fingerprint)
	}
	err = c.eachSeen(s, func(h store.Head) {
		all++
		if keyOf(h.Home) == m.Fingerprint {
			at++
		}
	})
	return all, at, err
}

// zonesAtHome are the zones whose home is the member, of those that p sees.
func (c *Control) zonesAtHome(p acl.Principal, m Member) (zones []zone.Name, err error) {
	s, err := c.sightOf(p)
	if err != nil {
		return nil, err
	}
	if s.all {
		return zones, c.eachAtHome(func(key string) bool { return key == m.Fingerprint }, func(z zone.Name, _ string) error {
			zones = append(zones, z)
			return nil
		})
	}
	err = c.eachSeen(s, func(h store.Head) {
		if keyOf(h.Home) == m.Fingerprint {
			zones = append(zones, h.Zone)
		}
	})
	return zones, err
}

// eachSeen calls f with the head of every living zone that is seen.
func (c *Control) eachSeen(s sight, f func(store.Head)) error {
	for after := ""; ; {
		page, err := c.Store.Page(store.PageQuery{Query: store.Query{After: after, Limit: 1000, Owners: s.within("")}, Count: 1})
		if err != nil {
			return fmt.Errorf("look for zones: %w", err)
		}
		for _, h := range page.Heads {
			f(h)
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}
