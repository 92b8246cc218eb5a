package main

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/web"
)

// The marks of a page.
const (
	pageTime   = 200.0   // ms, the 95th of a hundred views
	pageOctets = 100_000 // that the first view loads, as they come over the line
)

// atMost is how long one page is asked for: a slow one shows in fewer views.
const atMost = time.Minute

// pages measures how long each page takes at a server with members, one of which is down, and how much it loads.
func pages(ctx context.Context, o options) error {
	servers, err := cluster(ctx, o, "pages", ownerOf)
	defer stopAll(servers)
	if err != nil {
		return err
	}
	s, down := servers[0], servers[len(servers)-1]
	say("using them")
	w, err := used(ctx, o, s, servers[1])
	if err != nil {
		return err
	}
	down.kill()
	w.down = down.https
	if err := changedSince(ctx, s); err != nil {
		return err
	}
	say("%s is down; nothing else happens for %s", down.name, o.settle)
	if err := pause(ctx, o.settle); err != nil {
		return err
	}
	var seen []view
	var failed []string
	for _, as := range visitors(w) {
		views, wrong, err := look(ctx, o, s, w, as)
		if err != nil {
			return err
		}
		seen, failed = append(seen, views...), append(failed, wrong...)
	}
	say("resident memory: %.0f MB", float64(s.rss())/1e6)
	if len(seen) == 0 {
		return errors.New("no page answers")
	}
	err = verdict(seen, failed)
	if len(failed) > 0 {
		err = errors.Join(err, fmt.Errorf("pages that failed: %s", strings.Join(failed, "; ")))
	}
	return err
}

// changedSince edits what the server that is down does not have then.
func changedSince(ctx context.Context, s *server) error {
	for i := range 50 {
		if err := s.call(ctx, http.MethodPatch, "/zones/"+zoneName(400+i), edit(set("late", "192.0.2.1")), nil); err != nil {
			return err
		}
	}
	return nil
}

// visitor is somebody who looks at pages.
type visitor struct {
	user     string   // "": not signed in
	patterns []string // of the pages; nil: all
	zone     string   // that is the visitor's
}

func visitors(w world) []visitor {
	main := []string{"/{$}", "/zones", "/zones/trash", "/zones/add", "/zones/{zone}", "/changes", "/conflicts", "/changesets", "/templates", "/resellers", "/tokens", "/account"}
	return []visitor{
		{"root", nil, w.zone},
		{small, main, w.zone},
		{large, main, zoneName(smallZones + 77)},
		{"", []string{"/signin"}, w.zone},
	}
}

// look measures the pages of one visitor.
func look(ctx context.Context, o options, s *server, w world, as visitor) (seen []view, failed []string, err error) {
	b, err := signedIn(ctx, s, as.user)
	if err != nil {
		return nil, nil, err
	}
	if as.user == "root" {
		if err := b.drafted(ctx, w.raw); err != nil {
			return nil, nil, err
		}
	}
	w.zone = as.zone
	for _, r := range web.Routes() {
		if unasked(r) != "" || as.patterns == nil && r.Pattern == "/signin" || as.patterns != nil && !slices.Contains(as.patterns, r.Pattern) {
			continue
		}
		list, err := w.addresses(r.Pattern)
		if err != nil {
			return nil, nil, err
		}
		for _, at := range list {
			v := view{path: at, name: as.user + " " + strings.NewReplacer(w.up, "UP", w.down, "DOWN").Replace(at)}
			if err := b.measure(ctx, o, &v); err != nil {
				failed = append(failed, fmt.Sprintf("%s: %v", v.name, err))
				continue
			}
			seen = append(seen, v)
		}
	}
	return seen, failed, nil
}

// browser is somebody who is signed in.
type browser struct {
	s      *server
	client http.Client
}

func signedIn(ctx context.Context, s *server, user string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &browser{s: s, client: http.Client{Transport: s.client.Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if user == "" {
		return b, nil
	}
	ask := "/users/" + user + "/link"
	if user == "root" {
		ask = "/sign-in-link"
	}
	var link struct{ URL string }
	if err := s.call(ctx, http.MethodPost, ask, nil, &link); err != nil {
		return nil, err
	}
	at, err := url.Parse(link.URL)
	if err != nil {
		return nil, err
	}
	if _, _, err = b.get(ctx, at.Path); err != nil && !strings.Contains(err.Error(), "303") {
		return nil, err
	}
	return b, nil
}

// get returns the octets that came over the line, and what they mean.
func (b *browser) get(ctx context.Context, at string) (octets int, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+b.s.https+at, nil)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd") // as browsers say
	res, err := b.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, "", err
	}
	if res.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("answered %s", res.Status)
	}
	text = string(body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return 0, "", err
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			return 0, "", err
		}
		text = string(plain)
	}
	return len(body), text, nil
}

// view is a page and what was measured of it.
type view struct {
	path  string
	name  string    // path, with what differs from run to run left out
	times []float64 // ms
	cpu   float64   // ms of the server for each view
	page  int       // octets of the page
	all   int       // and of the files that its first view loads
}

func (b *browser) measure(ctx context.Context, o options, v *view) error {
	octets, text, err := b.get(ctx, v.path)
	if err != nil {
		return err
	}
	v.page, v.all = octets, octets
	loaded := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(text, -1) {
		if loaded[m[1]] {
			continue
		}
		loaded[m[1]] = true
		n, _, err := b.get(ctx, m[1])
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(m[1]), err)
		}
		v.all += n
	}
	before, first := b.s.cpu(), time.Now()
	for len(v.times) < o.views && time.Since(first) < atMost {
		began := time.Now()
		if _, _, err := b.get(ctx, v.path); err != nil {
			return err
		}
		v.times = append(v.times, float64(time.Since(began).Microseconds())/1000)
	}
	v.cpu = float64((b.s.cpu() - before).Microseconds()) / 1000 / float64(len(v.times))
	say("%s: p95 %.0f ms", v.name, percentile(v.times, 95))
	return nil
}

// verdict prints the table and the marks.
func verdict(seen []view, left []string) error {
	fmt.Printf("Machine: %s/%s, %d processors, %s, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.DateOnly))
	fmt.Println("| page | n | p50 ms | p95 ms | max ms | processor ms | page octets | first view octets |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, v := range seen {
		fmt.Printf("| `%s` | %d | %.1f | %.1f | %.1f | %.1f | %d | %d |\n", v.name, len(v.times),
			percentile(v.times, 50), percentile(v.times, 95), slices.Max(v.times), v.cpu, v.page, v.all)
	}
	if len(left) > 0 {
		fmt.Printf("\nNot measured:\n\n- %s\n", strings.Join(left, "\n- "))
	}
	slow := slices.MaxFunc(seen, func(a, b view) int { return cmp.Compare(percentile(a.times, 95), percentile(b.times, 95)) })
	large := slices.MaxFunc(seen, func(a, b view) int { return cmp.Compare(a.all, b.all) })
	met := judge([]mark{
		{"p95 of the slowest page, " + slow.name, percentile(slow.times, 95), pageTime, "ms"},
		{"first view of the largest page, " + large.name, float64(large.all), pageOctets, "octets"},
	})
	if !met {
		return errors.New("a mark is missed")
	}
	return nil
}
