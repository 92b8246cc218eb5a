package web

import "sync"

// maxFlashes bounds the notices that wait for their page. When there are more, all are dropped: they only repeat what a
// page shows anyway.
const maxFlashes = 1024

// flashes carries a notice over the redirect after a form, by session.
type flashes struct {
	mu      sync.Mutex
	waiting map[string]notice
}

func (f *flashes) put(session string, n notice) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting == nil || len(f.waiting) >= maxFlashes {
		f.waiting = map[string]notice{}
	}
	f.waiting[session] = n
}

func (f *flashes) take(session string) []notice {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, ok := f.waiting[session]
	delete(f.waiting, session)
	if !ok {
		return nil
	}
	return []notice{n}
}
