package node

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// softwareEmbedded is the name of this nameserver software in facts.
const softwareEmbedded = "embedded"

// localID is the target of the embedded nameserver. Its table is empty at each start, so it keeps no position.
const localID = "local"

func (n *Node) localTarget() *deliver.Worker {
	return deliver.NewWorker(deliver.Options{
		ID: localID, Name: n.Config.Name, Target: nameserver{n.table, n.zoneChanged}, Feed: n.store, Tracker: n.tracker,
		Ready: n.front.all,
		Batch: 1024, Bytes: 16 << 20, // nothing travels: a batch is what is worked in parallel
	})
}

// nameserver is the table of the embedded nameserver as a target.
type nameserver struct {
	table   *serve.Table
	swapped func(zone.Name)
}

func (s nameserver) Open(context.Context) (deliver.Session, error) { return s, nil }

// Where says "at 0": the table is empty when the process starts, and there is one session in its life.
func (s nameserver) Where() (string, store.Position) { return localID, 0 }

// Deliver swaps in the view of each zone, on all processors.
func (s nameserver) Deliver(ctx context.Context, items []deliver.Item) ([]deliver.Outcome, error) {
	outcomes := make([]deliver.Outcome, len(items))
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, item := range items {
		if len(items) == 1 {
			return outcomes, s.swap(item, &outcomes[i])
		}
		group.Go(func() error { return s.swap(item, &outcomes[i]) })
	}
	return outcomes, group.Wait()
}

func (s nameserver) swap(item deliver.Item, o *deliver.Outcome) error {
	state, at, err := item.State()
	if errors.Is(err, store.ErrNotFound) {
		s.table.Remove(item.Zone)
		*o = deliver.Outcome{Zone: item.Zone, Result: deliver.Served}
		return nil
	}
	if err != nil {
		return err
	}
	if view, live := state.View(); live {
		s.table.Swap(view)
	} else {
		s.table.Remove(item.Zone)
	}
	s.swapped(item.Zone)
	*o = deliver.Outcome{Zone: item.Zone, Position: at, Result: deliver.Served}
	return nil
}

// mayTransfer reports whether the configuration or the settings, which people change while the server runs, let a client
// transfer zones.
func (n *Node) mayTransfer(client netip.Addr) bool {
	of := func(p netip.Prefix) bool { return p.Contains(client.Unmap()) }
	if slices.ContainsFunc(n.live.Load().AllowTransfer, of) {
		return true
	}
	s, err := n.control.Settings(context.Background(), acl.Node())
	if err != nil {
		n.log.Error("settings were not read, a transfer is refused", "client", client, "err", err)
		return false
	}
	return slices.ContainsFunc(s.AllowTransfer, of)
}

func (s nameserver) Done() <-chan struct{} { return nil }
func (s nameserver) Close() error          { return nil }
