package node

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// facts is what this node says of itself.
func (n *Node) facts() wire.Facts {
	f := wire.Facts{
		Name: n.Config.Name, Instance: n.store.Instance(), Fingerprint: n.identity.Fingerprint(), Version: n.Version,
		Software: softwareEmbedded, Profile: string(n.Config.Profile),
		Capabilities: map[string]string{"dnssec": "no", wire.CapabilityMeant: "yes", wire.CapabilityCompare: "yes"},
		Zones:        n.table.Len(), Position: uint64(n.store.Synced()), Clock: n.now(),
	}
	for _, a := range n.dns.Addrs() {
		f.Addresses = append(f.Addresses, a.String())
	}
	f.NodeIDs = n.nodeIDs()
	f.Links = n.statedLinks()
	return f
}

// maxNodeIDs bounds the list, which travels in greetings of at most 64 KiB. Those that are left out are of so long ago that
// what was written under them is hardly served any more; if it is, a write-only link of this node joins instead of replacing it.
const maxNodeIDs = 1000

// nodeIDsKey is the register of all ids under which this node ever wrote dots, in hex.
const nodeIDsKey = "node-ids"

func (n *Node) nodeIDs() []string {
	var ids []string
	if text, ok := n.store.Register(nodeIDsKey); ok {
		ids = strings.Fields(string(text))
	}
	id := n.store.NodeID()
	own := hex.EncodeToString(id[:])
	if !slices.Contains(ids, own) {
		ids = append(ids, own)
		ids = ids[max(0, len(ids)-maxNodeIDs):]
		n.store.SetRegister(nodeIDsKey, []byte(strings.Join(ids, " ")))
	}
	return ids
}

// factsOf puts what a member says of itself into control's words.
func factsOf(f zonefleet.Found) control.Facts {
	facts := control.Facts{
		Name: f.Name, Fingerprint: f.Fingerprint, Instance: f.Instance, Nodes: nodeIDs(f.NodeIDs), Version: f.Version, Software: f.Software,
		Profile: f.Profile, Addresses: f.Addresses, Reached: f.Address.Addr().Unmap().WithZone("").String(), Zones: f.Zones, Clock: f.Clock, Position: f.Position, Clustering: f.Clustering, Edges: edgesOf(f.Links),
		Grant: cluster.Grant{
			Kind: cluster.GrantKind(f.Grant.Kind), User: f.Grant.User, MayClaim: f.Grant.MayClaim, Trust: f.Grant.Trust,
		},
	}
	for name, value := range f.Capabilities {
		facts.Capabilities = append(facts.Capabilities, name+"="+value)
	}
	return facts
}

// nodeIDs reads ids as they travel; what is none is left out.
func nodeIDs(texts []string) []zone.NodeID {
	var ids []zone.NodeID
	for _, text := range texts {
		var id zone.NodeID
		if b, err := hex.DecodeString(text); err == nil && len(b) == len(id) {
			copy(id[:], b)
			ids = append(ids, id)
		}
	}
	return ids
}
