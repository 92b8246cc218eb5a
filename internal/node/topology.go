package node

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
)

// Servers behind a target are told as paths, "ns1/ns2": ns2 is reached through ns1. A server that reads its own name in a
// path drops it, so that servers in a circle never tell each other of one that is gone.
const (
	pathSeparator = "/"
	maxPath       = 8 // servers in a row: each costs one delivery, nobody builds longer ones
)

// setBehind takes what the server of a target tells.
func (ls *links) setBehind(target string, paths []string) {
	own := ls.node.Config.Name
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		steps := strings.Split(p, pathSeparator)
		return len(steps) > maxPath || slices.Contains(steps, own)
	})
	var names []string
	for _, p := range paths {
		names = append(names, p[strings.LastIndex(p, pathSeparator)+1:])
	}
	slices.Sort(names)
	ls.node.tracker.SetBehind(target, slices.Compact(names))
	ls.mu.Lock()
	ls.behind[target] = paths
	if len(paths) == 0 {
		delete(ls.behind, target)
	}
	ls.mu.Unlock()
	signal(ls.news)
}

// behind is what one link tells of the servers behind the other side: first the greeting, then the news. News may come
// while the greeting is being read, and is not undone by it. A server tells the same over all its links: it holds for those
// of its targets too that have no link open, which would keep what they were told last.
type behind struct {
	links       *links
	target      string
	fingerprint string // the other side's key

	mu    sync.Mutex
	paths []string
	said  bool
	news  bool
}

func (b *behind) greeted(paths []string) { b.tell(paths, false) }
func (b *behind) told(paths []string)    { b.tell(paths, true) }

func (b *behind) tell(paths []string, news bool) {
	b.mu.Lock()
	if news || !b.news {
		b.paths = paths
	}
	b.said, b.news = true, b.news || news
	b.links.setBehind(b.target, b.paths)
	b.mu.Unlock()
	b.spread()
}

// spread gives what was told to the server's other targets that have no link open.
func (b *behind) spread() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.said {
		return
	}
	for _, target := range b.links.closed(b.fingerprint) {
		if target != b.target {
			b.links.setBehind(target, b.paths)
		}
	}
}

// closed lists the targets of a server that have no link open.
func (ls *links) closed(fingerprint string) (targets []string) {
	followers := ls.followers.all()
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for target, key := range ls.targets {
		if key == fingerprint && ls.open[linkName(control.Member{Target: target})] == nil {
			targets = append(targets, target)
		}
	}
	for _, f := range followers {
		if f.Fingerprint == fingerprint && ls.open[f.ID] == nil {
			targets = append(targets, f.ID)
		}
	}
	return targets
}

// pathsFor is what a server is told of the servers behind this one.
func (ls *links) pathsFor(name string) []string {
	var paths []string
	add := func(p string) {
		steps := strings.Split(p, pathSeparator)
		if len(steps) <= maxPath && !slices.Contains(steps, name) && !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	status := ls.node.tracker.Status()
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, t := range status {
		if t.ID == localID || !ls.feedsLocked(t.ID) {
			continue
		}
		add(t.Name)
		for _, p := range ls.behind[t.ID] {
			add(t.Name + pathSeparator + p)
		}
	}
	slices.Sort(paths)
	return paths
}

// tellTime is how long a link may hold up the others when it has no room. It is told when the topology changes again.
const tellTime = time.Second

// tell sends the topology to every open link that was told otherwise.
func (ls *links) tell(ctx context.Context) {
	ls.mu.Lock()
	open := make([]*opened, 0, len(ls.open))
	for _, o := range ls.open {
		open = append(open, o)
	}
	ls.mu.Unlock()
	for _, o := range open {
		paths := ls.pathsFor(o.name)
		if slices.Equal(paths, o.told) {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, tellTime)
		if o.wire.Topology(ctx, paths) == nil {
			o.told = paths
		}
		cancel()
	}
}
