package main

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"html"
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
	servers, err := cluster(ctx, o, "pages")
	defer stopAll(servers)
	if err != nil {
		return err
	}
	s, up, down := servers[0], servers[1], servers[len(servers)-1]
	if err := used(ctx, s); err != nil {
		return err
	}
	down.kill()
	say("%s is down; nothing else happens for %s", down.name, o.settle)
	if err := pause(ctx, o.settle); err != nil {
		return err
	}
	b, err := signedIn(ctx, s)
	if err != nil {
		return err
	}
	asked, others := addresses(up.https, down.https)
	var seen []view
	var left, failed []string
	look := func(at string) {
		v := view{path: at, name: strings.NewReplacer(up.https, "UP", down.https, "DOWN").Replace(at)}
		if err := b.measure(ctx, o, &v); err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", v.name, err))
			return
		}
		seen = append(seen, v)
	}
	for _, at := range asked {
		look(at)
	}
	for _, pattern := range others {
		if at := b.linked(pattern); at != "" {
			look(at)
		} else {
			left = append(left, pattern+": no page leads there")
		}
	}
	if len(seen) == 0 {
		return errors.New("no page answers")
	}
	if err := verdict(seen, append(left, failed...)); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("pages that failed: %s", strings.Join(failed, "; "))
	}
	return nil
}

// used leaves traces, so that lists of changes and of what was deleted are not empty.
func used(ctx context.Context, s *server) error {
	for i := range 100 {
		zone := fmt.Sprintf("/zones/z%06d.example", i)
		edit := map[string]any{"operations": []any{map[string]any{"op": "set", "name": "new", "ttl": 300, "type": "A", "data": []string{"192.0.2.1"}}}}
		if err := s.call(ctx, http.MethodPatch, zone, edit, nil); err != nil {
			return err
		}
		if i < 50 {
			if err := s.call(ctx, http.MethodDelete, zone, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is a part of a path that is one of many.
var place = regexp.MustCompile(`\{[a-z]+\}`)

// addresses are the pages to ask for: of those with a place in the path those of one zone, of a member that answers, and of
// one that does not. others are the patterns of pages with other places.
func addresses(up, down string) (asked, others []string) {
	ask := map[string][]string{ // what a page has to be asked with
		"/zones":                 {"", "?q=77"},
		"/members/add":           {"", "?backend=zonefleet"},
		"/members/{member}/role": {"?role=write-only"},
	}
	for _, r := range web.Routes() {
		if r.Method != http.MethodGet || strings.HasPrefix(r.Pattern, "/live/") || strings.HasPrefix(r.Pattern, "/assets/") || r.Who == web.Anybody {
			continue
		}
		pattern := strings.NewReplacer("{$}", "", "{zone}", "z000077.example").Replace(r.Pattern)
		one := strings.ReplaceAll(pattern, "{member}", up)
		if place.MatchString(one) {
			others = append(others, r.Pattern)
			continue
		}
		queries := ask[r.Pattern]
		if queries == nil {
			queries = []string{""}
		}
		for _, q := range queries {
			if asked = append(asked, one+q); one != pattern {
				asked = append(asked, strings.ReplaceAll(pattern, "{member}", down)+q)
			}
		}
	}
	return asked, others
}

// linked is the first address of a pattern to which a page that was seen leads.
func (b *browser) linked(pattern string) string {
	like := regexp.MustCompile("^" + place.ReplaceAllString(pattern, "[^/?]+") + "$")
	for _, at := range b.links {
		if like.MatchString(at) && !slices.ContainsFunc(web.Routes(), func(r web.Route) bool { return r.Pattern == at }) {
			return at
		}
	}
	return ""
}

// browser is somebody who is signed in.
type browser struct {
	s      *server
	client http.Client
	links  []string // of the pages that were seen
}

func signedIn(ctx context.Context, s *server) (*browser, error) {
	var link struct{ URL string }
	if err := s.call(ctx, http.MethodPost, "/sign-in-link", nil, &link); err != nil {
		return nil, err
	}
	at, err := url.Parse(link.URL)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &browser{s: s, client: http.Client{Transport: s.client.Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	_, _, err = b.get(ctx, at.Path)
	return b, err
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
	for _, m := range regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(text, -1) {
		b.links = append(b.links, html.UnescapeString(m[1]))
	}
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
