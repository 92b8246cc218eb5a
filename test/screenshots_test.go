package test

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder for a picture of each page; empty: none is made")

// shot is a page to take a picture of.
type shot struct {
	name, path string
	site       *server
	wait       string // text that the page has when it is finished
}

// Makes docs/screenshots: make screenshots. Each page at 1280 and 360 px, the first one dark as well.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is given: make screenshots")
	}
	web, fresh := exhibition(t)
	ns1 := "/members/127.0.0.1:" + portOf(t, web.cluster[0].https)
	browsers := map[*server]*browser{}
	for _, s := range []shot{
		{"way-in", "/", fresh, "First member"},
		{"cluster", "/", web.server, "ns4.zonefleet.test"},
		{"add-server", "/members/add", fresh, "join code"},
		{"add-server-form", "/members/add?backend=zonefleet", fresh, "DNS role"},
		{"join-codes", "/members/invite", fresh, "Make a join code"},
		{"role", ns1 + "/role?role=write-only", web.server, "write-only"},
		{"edit-server", ns1 + "/edit", web.server, "Debug mode"},
		{"delete-server", ns1 + "/delete", web.server, "Delete"},
		{"trusted-ips", "/trusted-ips", web.server, "Add an address"},
		{"synchronize-records", "/synchronize", web.server, "One zone"},
		{"synchronize", ns1 + "/synchronize", web.server, "beginning"},
		{"progress", ns1 + "/progress?of=412", web.server, "in step"},
		{"disable", ns1 + "/disable", web.server, "Disable"},
		{"disable-clustering", "/cluster/clustering", web.server, "clustering"},
		{"zones", "/zones", web.server, "zones"},
		{"tokens", "/tokens", web.server, "tokens"},
		{"new-token", "/tokens/new?for=acme", web.server, "ACME"},
		{"settings", "/settings", web.server, "Notification"},
		{"log", "/log", web.server, "Events"},
		{"zones-trash", "/zones/trash", web.server, "Deleted zones"},
		{"zone-add", "/zones/add", web.server, "Add a DNS zone"},
		{"replace-value", "/zones/replace", web.server, "Replace a value everywhere"},
		{"templates", "/templates", web.server, "standardvirtualftp"},
		{"template", "/templates/standard", web.server, "would be"},
		{"resellers", "/resellers", web.server, "esellers"},
		{"account", "/account", web.server, "ession"},
		{"password", "/password", web.server, "Set a password"},
		{"changes", "/changes", web.server, "Changes"},
		{"held", "/changes/held", web.server, "Held"},
		{"conflicts", "/conflicts", web.server, "onflicts"},
		{"drift", "/drift", web.server, "differs"},
		{"zone", "/zones/customer01.example", web.server, "records"},
		{"zone-file", "/zones/customer01.example/raw", web.server, "Zone file"},
		{"zone-history", "/zones/customer01.example/history", web.server, "History"},
		{"zone-servers", "/zones/customer01.example/servers", web.server, "Servers"},
		{"zone-conflicts", "/zones/customer01.example/conflicts", web.server, "onflicts"},
		{"zone-reset", "/zones/customer01.example/reset", web.server, "eset"},
		{"changesets", "/changesets", web.server, "zones"},
		{"template-new", "/templates/new", web.server, "emplate"},
		{"revoke-tokens", "/tokens/revoke-all", web.server, "evoke"},
		{"cluster-log", "/log/cluster", web.server, "luster log"},
		{"not-found", "/nothing/here", web.server, "no such page"},
	} {
		if browsers[s.site] == nil {
			b := openBrowserFor(t, 8*time.Minute, s.site)
			b.mayAnswer(404)
			b.signIn()
			browsers[s.site] = b
		}
		s.take(browsers[s.site])
	}
	signedOut := openBrowser(t, fresh)
	signedOut.mayAnswer(401)
	for _, width := range []int64{1280, 360} {
		signedOut.dress(width, "light")
		signedOut.open("/")
		signedOut.picture("sign-in", width, "light")
	}
}

func (s shot) take(b *browser) {
	b.t.Helper()
	for _, c := range []struct {
		width  int64
		scheme string
	}{{1280, "light"}, {360, "light"}, {1280, "dark"}} {
		if c.scheme == "dark" && s.name != "cluster" {
			continue
		}
		b.dress(c.width, c.scheme)
		b.open(s.path)
		b.shows("main", s.wait)
		b.fits(s.name, c.width)
		b.picture(s.name, c.width, c.scheme)
	}
}

// dress sets the size of the window and whether the reader likes it dark.
func (b *browser) dress(width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 800), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

func (b *browser) picture(name string, width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.Sleep(800 * time.Millisecond)) // the live parts come once more
	shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	pixels, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	var small bytes.Buffer // Chromium packs quickly rather than well
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(pixels)); err != nil {
		b.t.Fatal(err)
	}
	file := name + "-" + strconv.FormatInt(width, 10)
	if scheme != "light" {
		file += "-" + scheme
	}
	if err := os.WriteFile(filepath.Join(*screenshots, file+".png"), small.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// paletted is the picture in its 256 most frequent colours, each other one as the nearest of them: a page has few, and the
// edges of its letters may be a little off. That makes the file a third as large.
func paletted(from image.Image) *image.Paletted {
	seen := map[color.Color]int{}
	bounds := from.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			seen[from.At(x, y)]++
		}
	}
	var colours color.Palette
	for c := range seen {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.Color) int { return seen[b] - seen[a] })
	out := image.NewPaletted(bounds, colours[:min(len(colours), 256)])
	nearest := map[color.Color]uint8{}
	for c := range seen {
		nearest[c] = uint8(out.Palette.Index(c))
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[from.At(x, y)])
		}
	}
	return out
}
