package test

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is a real Chromium with one tab. What it says on its console, each request and each violation of the policy is
// watched: a warning, or a request to another host, fails the test.
type browser struct {
	t      *testing.T
	ctx    context.Context
	site   *server
	others []*server // may be asked too

	mu       sync.Mutex
	expected []string // parts of what the console may say
	said     []string
}

// openBrowser starts Chromium for the pages of a server. The flags keep it from the network and from a profile of the past.
func openBrowser(t *testing.T, site *server) *browser {
	t.Helper()
	return openBrowserFor(t, 2*time.Minute, site)
}

// openBrowserFor opens one that may be used for so long, and for the pages of more than one server.
func openBrowserFor(t *testing.T, limit time.Duration, site *server, others ...*server) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("chromium is missing: make test-packages installs it: %v", err)
	}
	b := &browser{t: t, site: site, others: others, expected: notOurs()}
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.IgnoreCertErrors, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "en"), chromedp.Env("TZ=Europe/Berlin"),
	)
	ctx, closeTab := chromedp.NewContext(allocator, chromedp.WithListener(b.watch))
	ctx, late := context.WithTimeout(ctx, limit)
	b.ctx = ctx
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		late()
		closeTab()
		stop()
		b.quiet()
	})
	b.do(chromedp.Navigate("about:blank"))
	if _, err := chromedp.Run(ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
		return err
	})); err != nil {
		t.Fatal(err)
	}
	return b
}

// notOurs is what Chromium says that is no error of a page: when an interface comes or goes on this machine, as in tests beside
// this one (pages try again by themselves); and, as information, when somebody has put the focus into a field before the
// page that is still being read asks for it in another.
func notOurs() []string {
	return []string{
		"net::ERR_NETWORK_CHANGED", "TypeError: Failed to fetch", "TypeError: network error",
		"rendering info: Autofocus processing was blocked because a document already has a focused element.",
	}
}

// watch hears every event of the tab.
func (b *browser) watch(ev any) {
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		b.hear(fmt.Sprintf("console %s: %s", e.Type, arguments(e.Args)))
	case *runtime.EventExceptionThrown:
		b.hear("exception: " + e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.hear(fmt.Sprintf("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Scheme != "data" && u.Scheme != "about" && !b.known(u.Host) {
			b.hear("request to another host: " + e.Request.URL)
		}
	}
}

func (b *browser) known(host string) bool {
	return host == b.site.https || slices.ContainsFunc(b.others, func(s *server) bool { return s.https == host })
}

func arguments(args []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, string(a.Value)+a.Description)
	}
	return strings.Join(texts, " ")
}

func (b *browser) hear(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = append(b.said, what)
}

// mayAnswer allows that a page, a part or a stream of events that is opened again is answered with this error status, which the
// console says.
func (b *browser) mayAnswer(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected,
		fmt.Sprintf("network error: Failed to load resource: the server responded with a status of %d (", status),
		fmt.Sprintf("SSE reconnect failed with status %d", status))
}

// quiet fails the test if something was heard that nobody expected.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		expected := false
		for _, e := range b.expected {
			expected = expected || strings.Contains(s, e)
		}
		if !expected {
			b.t.Errorf("the browser says: %s", s)
		}
	}
	b.said = nil
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Text("body"))
		b.t.Fatalf("%v, on a page that says:\n%s", err, text)
	}
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Text(selector))
	if err != nil {
		b.t.Fatalf("text of %s: %v", selector, err)
	}
	return s
}

// open goes to a page of the server.
func (b *browser) open(path string) {
	b.t.Helper()
	b.visit("https://" + b.site.https + path)
	b.do(chromedp.WaitReady("main"))
}

// visit goes to an address, again if the network changed on the way.
func (b *browser) visit(address string) {
	b.t.Helper()
	for {
		err := chromedp.Do(b.ctx, chromedp.Navigate(address))
		if err == nil {
			return
		}
		if b.ctx.Err() != nil || !strings.Contains(err.Error(), "ERR_NETWORK_CHANGED") {
			b.t.Fatalf("open %s: %v", address, err)
		}
	}
}

// signIn uses a new sign-in link, and is on the first page then.
func (b *browser) signIn() {
	b.t.Helper()
	link := strings.TrimSpace(b.site.run("sign-in"))
	b.visit(link)
	b.do(chromedp.WaitVisible("header .who")) // of the page that asks for a password, which may wait
	b.open("/")
}

// shows waits until an element contains the text.
func (b *browser) shows(selector, part string) {
	b.t.Helper()
	eventually(b.t, 20*time.Second, selector+" shows "+part, func() error {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		defer cancel()
		s, err := chromedp.Run(ctx, chromedp.TextContent(selector))
		if err == nil && !strings.Contains(strings.Join(strings.Fields(s), " "), part) {
			err = fmt.Errorf("it shows %q", strings.Join(strings.Fields(s), " "))
		}
		return err
	})
}

// withoutScripts switches JavaScript off for the pages that follow.
func (b *browser) withoutScripts() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// waitLong is for what goes on by itself.
const waitLong = 20 * time.Second

// says reports whether an element contains the text now.
func (b *browser) says(selector, part string) error {
	b.t.Helper()
	s := strings.Join(strings.Fields(b.text(selector)), " ")
	if !strings.Contains(s, part) {
		return fmt.Errorf("it says %q", s)
	}
	return nil
}

// tabTo presses Tab until an element has the focus.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	for range 60 {
		b.do(chromedp.KeyEvent(kb.Tab))
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("document.activeElement.matches("+strconv.Quote(selector)+")"))
		if err != nil {
			b.t.Fatal(err)
		}
		if there {
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s", selector)
}

// press presses one key as a keyboard does: a page that takes the key keeps the letter from the field that it goes to.
func (b *browser) press(key string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, event := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}, {Type: input.DispatchKeyEventTypeKeyUp, Key: key}} {
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, event); err != nil {
				return err
			}
		}
		return nil
	}))
}

// choose chooses an entry of a menu, as a person does: the page hears of it.
func (b *browser) choose(menu, value string) {
	b.t.Helper()
	b.do(chromedp.SetValue(menu, value), chromedp.Evaluate[chromedp.Void](
		fmt.Sprintf("document.querySelector(%q).dispatchEvent(new Event('change', {bubbles: true}))", menu)))
}
