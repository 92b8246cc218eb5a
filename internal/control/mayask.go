package control

import (
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// mayAsk says whether p may ask servers about a name here: root about any, others about names in zones that they see. The
// answer to a name in another's zone is that to a name in none.
func (c *Control) mayAsk(p acl.Principal, n zone.Name) error {
	if err := allowed(p, acl.ReadZone); err != nil || p.Root {
		return err
	}
	for z := n; z != zone.Root && z != ""; z = z.Parent() {
		h, err := c.Store.Head(z)
		if errors.Is(err, store.ErrNotFound) || err == nil && !h.Live {
			continue
		}
		if err != nil {
			return fmt.Errorf("read zone %s: %w", textOf(z), err)
		}
		if c.allowZone(p, acl.ReadZone, z) == nil {
			return nil
		}
		break
	}
	return noZone(n)
}
