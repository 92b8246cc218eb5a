package node

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// follower is a server that follows this node's feed over a link of its own. It is a target like a member: what it has
// not fetched yet waits for it, also while it is down, until its token is revoked.
type follower struct {
	ID          string // of the target
	Name        string
	Fingerprint string
	TokenID     string
	Start       store.Position
	Grant       cluster.Grant
	Member      bool // it was in the member table when that was last read
	Leaving     bool // it has removed its link to this node, or was removed here; a link of it may be open still
}

// maxFollowers bounds the list; a hosting company has tens. A further server is refused: one that followed without being
// in the list would be waited for until the next start, and forgotten then.
const maxFollowers = 4096

// followersKey is the register that keeps the list over a restart. If a crash loses it, a follower is not waited for
// until it calls again.
const followersKey = "followers"

type followers struct {
	mu   sync.Mutex
	list []follower
}

func (fs *followers) load(n *Node) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var kept struct {
		Format int
		List   []follower
	}
	if text, ok := n.store.Register(followersKey); ok && json.Unmarshal(text, &kept) == nil && kept.Format == 1 {
		fs.list = kept.List
	}
	for _, f := range fs.list {
		n.tracker.Expect(f.ID, f.Name, f.Start, n.acceptFor(f.Grant))
	}
}

// full says whether there is no room for the server with that key, so that it can be told before its link is open.
func (fs *followers) full(fingerprint string) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return len(fs.list) >= maxFollowers && !slices.ContainsFunc(fs.list, func(f follower) bool { return f.Fingerprint == fingerprint })
}

// add makes a server that opened a link a follower. An earlier link of the same server is forgotten. It returns the
// follower as it is kept: the start of one that is known stands; and false if there is no room for it.
func (fs *followers) add(n *Node, f follower) (follower, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var kept []follower
	for _, old := range fs.list {
		switch {
		case old.ID == f.ID:
			f.Start, f.Member, f.Leaving = old.Start, old.Member, old.Leaving
		case old.Fingerprint == f.Fingerprint:
			n.links.dropTarget(old.ID)
		default:
			kept = append(kept, old)
		}
	}
	if len(kept) >= maxFollowers {
		return f, false
	}
	f.Member = f.Member || slices.ContainsFunc(n.links.rows(), func(r control.Member) bool { return r.Fingerprint == f.Fingerprint })
	fs.list = append(kept, f)
	fs.save(n)
	n.tracker.Expect(f.ID, f.Name, f.Start, n.acceptFor(f.Grant))
	return f, true
}

// reconcile forgets the followers whose token is worth nothing any more. One that was a member and is none any more has no claim
// to what it did not fetch, and goes as soon as its link is closed. That it was a member is kept with it: it may be removed
// before this process has read the table for the first time.
func (fs *followers) reconcile(ctx context.Context, n *Node, rows []control.Member) {
	defer fs.sweep(n)
	fs.mu.Lock()
	defer fs.mu.Unlock()
	before := slices.Clone(fs.list)
	for i, f := range fs.list {
		listed := slices.ContainsFunc(rows, func(r control.Member) bool { return r.Fingerprint == f.Fingerprint })
		fs.list[i].Leaving = f.Leaving || f.Member && !listed
		fs.list[i].Member = listed
	}
	fs.list = slices.DeleteFunc(fs.list, func(f follower) bool {
		t, err := n.control.Token(ctx, f.TokenID)
		_, key, _ := strings.Cut(t.Grant.Holder, " ")
		gone := err == nil && (t.Revoked || key != "" && key != f.Fingerprint) // another server may have taken its place
		if gone {
			n.links.dropTarget(f.ID)
		}
		return gone
	})
	if !slices.Equal(before, fs.list) {
		fs.save(n)
	}
}

// release forgets a follower that has removed its link to this node, as soon as that is closed. The same link may be opened
// once more before that server is done with leaving, and is forgotten all the same; a new link makes it a follower again.
func (fs *followers) release(n *Node, fingerprint string) {
	fs.mu.Lock()
	for i := range fs.list {
		fs.list[i].Leaving = fs.list[i].Leaving || fs.list[i].Fingerprint == fingerprint
	}
	fs.mu.Unlock()
	fs.sweep(n)
}

// sweep forgets the followers that are leaving, unless their links are open.
func (fs *followers) sweep(n *Node) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	count := len(fs.list)
	fs.list = slices.DeleteFunc(fs.list, func(f follower) bool {
		gone := f.Leaving && !n.links.isOpen(f.ID)
		if gone {
			n.links.dropTarget(f.ID)
		}
		return gone
	})
	if len(fs.list) != count {
		fs.save(n)
	}
}

func (fs *followers) save(n *Node) {
	text, err := json.Marshal(struct {
		Format int
		List   []follower
	}{1, fs.list})
	if err == nil {
		n.store.SetRegister(followersKey, text)
	}
}

func (fs *followers) all() []follower {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return slices.Clone(fs.list)
}

func (fs *followers) byKey(fingerprint string) (string, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.list {
		if f.Fingerprint == fingerprint {
			return f.ID, true
		}
	}
	return "", false
}

func (ls *links) followerOf(fingerprint string) (string, bool) {
	return ls.followers.byKey(fingerprint)
}

// acceptFor says which zones a follower may read.
func (n *Node) acceptFor(g cluster.Grant) func(zone.Name, store.Head) bool {
	return func(_ zone.Name, h store.Head) bool { return n.control.Reads(g, h.Owner, h.Home) }
}
