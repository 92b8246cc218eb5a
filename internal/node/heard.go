package node

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// What this node remembers of the feeds of others is a few registers for each server, by its key, since the names of
// links and instances are what the server says that they are.

// settled is up to where everything of the feed of an instance has come over one link. It goes back with the data when
// an older copy of them is put back, and then lets the sender begin there.
type settled struct {
	Format   int
	Instance string
	Position uint64
}

// heard is how far this node has heard of the feed of another instance. It lets that server notice, when it starts
// from an older copy of its data, that others know more of it than it does itself.
type heard struct {
	Format   int
	Position uint64
}

func settledKey(link string) string { return "settled/" + link }

func heardKey(key, instance string) string { return "heard/" + shortKey(key) + "/" + instance }

// heardBefore is where releases before 0.2 kept it: for any server that said to be that instance.
func heardBefore(instance string) string { return "heard/" + instance }

func (n *Node) setSettled(link, instance string, at uint64) {
	if text, err := json.Marshal(settled{1, instance, at}); err == nil {
		n.store.SetRegister(settledKey(link), text)
	}
}

// settledOf is what this node states of it: nothing of a feed that it has only heard of from an older release.
func (n *Node) settledOf(link, key, instance string) *uint64 {
	var s settled
	if text, ok := n.store.Register(settledKey(link)); ok && json.Unmarshal(text, &s) == nil && s.Format == 1 && s.Instance == instance {
		return &s.Position
	}
	if n.heardOf(key, instance) == 0 {
		return new(uint64)
	}
	return nil
}

func (n *Node) setHeard(key, instance string, at uint64) {
	if text, err := json.Marshal(heard{1, at}); err == nil {
		n.store.SetRegister(heardKey(key, instance), text)
	}
}

// heardOf is the highest position that this node has heard of from that instance, which shows the key.
func (n *Node) heardOf(key, instance string) uint64 {
	for _, register := range []string{heardKey(key, instance), heardBefore(instance)} {
		var h heard
		if text, ok := n.store.Register(register); ok && json.Unmarshal(text, &h) == nil && h.Format == 1 {
			return h.Position
		}
	}
	return 0
}

// The bounds of what one server makes this node remember. A server has a link here for each of its acting users, and a new
// name for one with each time that the member is added again, a new instance with each time that its data are lost.
const (
	maxFeedsKept = 32
	maxFeedName  = 512 // octets of an instance, or of the name of a link, which has an account, a host and 24 octets more
)

// feedLink is a link over which the feed of an instance came.
type feedLink struct{ Link, Instance string }

// feeds keeps for each key the links that were open most lately. What is beyond the bound is forgotten, the one that was
// opened longest ago first; should it be opened again, everything comes over it once more.
type feeds struct{ mu sync.Mutex }

func feedsKey(key string) string { return "feeds/" + shortKey(key) }

// opened is called before anything of the link is remembered. It returns the names of links that are forgotten.
func (f *feeds) opened(n *Node, key string, link feedLink) (forgotten []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var kept struct {
		Format int
		Links  []feedLink // the one that was opened last is the last
	}
	if text, ok := n.store.Register(feedsKey(key)); ok && (json.Unmarshal(text, &kept) != nil || kept.Format != 1) {
		kept.Links = nil
	}
	list := append(slices.DeleteFunc(kept.Links, func(l feedLink) bool { return l == link }), link)
	for len(list) > maxFeedsKept {
		old := list[0]
		list = list[1:]
		if !slices.ContainsFunc(list, func(l feedLink) bool { return l.Link == old.Link }) {
			n.store.DeleteRegister(settledKey(old.Link))
			forgotten = append(forgotten, old.Link)
		}
		if !slices.ContainsFunc(list, func(l feedLink) bool { return l.Instance == old.Instance }) {
			n.store.DeleteRegister(heardKey(key, old.Instance))
		}
	}
	kept.Format, kept.Links = 1, list
	if text, err := json.Marshal(kept); err == nil {
		n.store.SetRegister(feedsKey(key), text)
	}
	return forgotten
}

// remembers makes room for what is remembered of a link. One that has to go for it and is open is closed, so that
// nothing more is remembered of it.
func (ls *links) remembers(key, link, instance string) error {
	for _, text := range []string{strings.TrimPrefix(link, inboundPrefix(key)), instance} {
		if len(text) > maxFeedName {
			return &wire.Problem{Code: wire.CodeBadInput, Message: fmt.Sprintf("the name of a link or an instance is longer than %d octets", maxFeedName)}
		}
	}
	forgotten := ls.kept.opened(ls.node, key, feedLink{link, instance})
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, name := range forgotten {
		if o := ls.open[name]; o != nil {
			o.wire.Close()
		}
	}
	return nil
}

// inboundPrefix begins the names of links that the server with that key opens.
func inboundPrefix(key string) string { return "from/" + shortKey(key) + "/" }
