package node

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// meantFor says of which zones the other side of a link is told that a person meant what is taken away: all while a first
// synchronization runs that a person asked for. It is nil for who does not know the mark.
func (n *Node) meantFor(f wire.Facts, first func() bool) func(zone.Name) bool {
	if !knowsMeant(f) {
		return nil
	}
	return func(z zone.Name) bool { return first() || n.control.Meant(z) }
}

func knowsMeant(f wire.Facts) bool { return f.Capabilities[wire.CapabilityMeant] == "yes" }

// knowsMeant reports whether the server with that key, which has a link to this node open, knows the mark.
func (ls *links) knowsMeant(fingerprint string) bool {
	return ls.anyOpen(func(o *opened) bool { return o.fingerprint == fingerprint && o.knowsMeant })
}

// offerAgain asks the server with that key to offer a zone again that a person released here. If it is not connected it
// is asked when it is.
func (ls *links) offerAgain(fingerprint string, z zone.Name, position uint64) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, o := range ls.open {
		if o.fingerprint == fingerprint {
			o.reports.tell(z, position, nil)
		}
	}
}

// askReleased does so when a link opens.
func (ls *links) askReleased(o *opened) {
	list, err := ls.node.control.ReleasedOf(o.fingerprint)
	if err != nil {
		ls.node.log.Error("held changes were not read", "member", o.name, "err", err)
	}
	for _, h := range list {
		o.reports.tell(h.Zone, h.Position, nil)
	}
}

// askedFor is called when a target asks for a zone that it refused. One that was held there was released by a person:
// then it is offered again wherever it is held, with the mark that it was meant.
func (n *Node) askedFor(target string, z zone.Name) {
	if reason, refused := n.tracker.Refusal(target, z); !refused || !cluster.IsHeld(reason) {
		n.tracker.Retry(target, z)
		return
	}
	if err := n.control.ReleasedElsewhere(context.Background(), z); err != nil {
		n.log.Error("the release of a held change was not noted", "zone", z.Text(), "err", err)
	}
	for _, id := range n.tracker.Refusing(z, cluster.IsHeld) {
		n.tracker.Retry(id, z)
	}
}
