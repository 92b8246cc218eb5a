package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// kindSuccession rows: key of a server that was replaced → Succession. They are few and stay: a zone whose home the old
// server was may come years later, from a member that was away, or be left over when this one died while it moved them.
const kindSuccession = "succession"

// Succession says which server took the place of another.
type Succession struct {
	Holder string // "name key" of the one that has the place now
	Time   zone.Millis
}

// succeed notes that a server has the place of the one with the key old, and of those that this one replaced.
func (c *Control) succeed(tx *store.Tx, old, holder string) error {
	rows, err := loadAll[Succession](c.Store, kindSuccession)
	if err != nil {
		return err
	}
	rows[old] = Succession{}
	for key, s := range rows {
		switch {
		case key == keyOf(holder): // it is back
			tx.DeleteRecord(kindSuccession, key)
		case key == old || keyOf(s.Holder) == old:
			if err := save(tx, kindSuccession, key, Succession{Holder: holder, Time: c.Now()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Replaced says to a server whose place another one has taken that this is so, "" to any other.
func (c *Control) Replaced(key string) string {
	s, found, err := load[Succession](c.Store, kindSuccession, key)
	if err != nil || !found {
		return ""
	}
	return cluster.ReplacedReason(c.Self.Name, keyOf(s.Holder))
}

// predecessors are the keys in whose place the server with that key is; of all servers with "".
func (c *Control) predecessors(key string) (map[string]string, error) {
	rows, err := loadAll[Succession](c.Store, kindSuccession)
	holders := map[string]string{}
	for old, s := range rows {
		if key == "" || keyOf(s.Holder) == key {
			holders[old] = s.Holder
		}
	}
	return holders, err
}

// homesLeft counts the zones whose home is still a server whose place the one with that key took.
func (c *Control) homesLeft(key string) (n int, err error) {
	holders, err := c.predecessors(key)
	if err != nil || len(holders) == 0 {
		return 0, err
	}
	return n, c.eachAtHome(func(home string) bool { return holders[home] != "" }, func(zone.Name, string) error { n++; return nil })
}

// moveHomes makes the server with that key, or with "" each that replaced another, the home of the zones that the replaced one
// was the home of: a change of each zone that goes to all servers. Those who do it elsewhere at the same time write the same.
func (c *Control) moveHomes(ctx context.Context, p acl.Principal, key string) (moved int, err error) {
	holders, err := c.predecessors(key)
	if err != nil || len(holders) == 0 {
		return 0, err
	}
	return c.moveTo(ctx, p, holders)
}
