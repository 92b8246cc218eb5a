package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// person is somebody at a browser who knows no address, id or class: links, buttons and fields are found by what they say,
// and a page is what it shows. The only addresses that are typed are the links that servers print when they start.
type person struct {
	*browser
	at int // pictures taken so far
}

// newPerson may visit several servers.
func newPerson(t *testing.T, limit time.Duration, servers ...*server) *person {
	t.Helper()
	return &person{browser: openBrowserFor(t, limit, servers[0], servers[1:]...)}
}

// startLink is what a server's first start prints.
func (s *server) startLink() string {
	s.t.Helper()
	link := regexp.MustCompile(`https://\S+/signin/\S+`).FindString(s.log.String())
	if link == "" {
		s.t.Fatalf("%s printed no link to sign in:\n%s", s.name, s.log)
	}
	return link
}

// finder marks the element that a person means: kind is "act" (something to press) or "field", says its words, near words of
// the row, group or section that it stands in. What says exactly that comes first, then what begins with it; the content of
// the page before what is around it. It answers with a complaint, or nothing.
const finder = `(kind, says, near) => {
	const squeeze = s => (s || '').replace(/\s+/g, ' ').trim()
	const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden'
	const names = e => kind === 'field'
		? [...(e.labels || [])].map(l => squeeze(l.innerText)).concat(squeeze(e.getAttribute('aria-label')), squeeze(e.placeholder))
		: [squeeze(e.innerText), squeeze(e.getAttribute('aria-label')), squeeze(e.title), squeeze(e.value)]
	const match = {act: 'a[href], button, summary, label', field: 'input:not([type=hidden]), select, textarea'}[kind]
	const places = 'tr, li, fieldset, section, form, nav, header, details, .notice, .card'
	let all = [...document.querySelectorAll(match)].filter(shown)
	if (near) {
		const around = [...document.querySelectorAll(places)].filter(e => squeeze(e.innerText).includes(near)).sort((a, b) => a.innerText.length - b.innerText.length)
		const home = around.find(p => all.some(e => p.contains(e) && names(e).some(n => n.startsWith(says))))
		if (!home) return 'no "' + says + '" near "' + near + '"'
		all = all.filter(e => home.contains(e))
	}
	const inMain = e => !!e.closest('main')
	const found = all.filter(e => names(e).includes(says)).concat(all.filter(e => names(e).some(n => n.startsWith(says))))
	if (!found.length) return 'no "' + says + '" among ' + [...new Set(all.map(e => names(e).find(n => n)))].join(' | ')
	const exact = found.filter(e => names(e).includes(says))
	const pick = (exact.length ? exact : found).sort((a, b) => inMain(b) - inMain(a))[0]
	document.querySelectorAll('[data-meant]').forEach(e => e.removeAttribute('data-meant'))
	pick.setAttribute('data-meant', '')
	return pick.disabled ? '"' + says + '" is disabled' : ''
}`

// means finds an element, waiting for a page that is on its way.
func (p *person) means(kind, says, near string) {
	p.t.Helper()
	eventually(p.t, 15*time.Second, "finding "+says, func() error {
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		defer cancel()
		complaint, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("(%s)(%q, %q, %q)", finder, kind, says, near)))
		if err == nil && complaint != "" {
			err = fmt.Errorf("%s, on the page:\n%s", complaint, p.page())
		}
		return err
	})
}

// page is everything that a person can read.
func (p *person) page() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText : ''"))
	if err != nil {
		return err.Error()
	}
	return s
}

const meant = "[data-meant]"

// click presses a link or a button; near may be words beside it.
func (p *person) click(says string, near ...string) {
	p.t.Helper()
	p.means("act", says, strings.Join(near, ""))
	p.do(chromedp.Click(meant))
	p.do(chromedp.Sleep(150 * time.Millisecond)) // a page that is asked for replaces this one
}

// fill types into the field with that label, in place of what is there.
func (p *person) fill(label, text string, near ...string) {
	p.t.Helper()
	p.means("field", label, strings.Join(near, ""))
	p.do(chromedp.Click(meant), chromedp.Evaluate[chromedp.Void]("document.querySelector('"+meant+"').select()"), chromedp.KeyEvent(kb.Delete), chromedp.SendKeys(meant, text))
}

// choose takes the entry of a menu that begins with the text.
func (p *person) choose(label, option string, near ...string) {
	p.t.Helper()
	p.means("field", label, strings.Join(near, ""))
	complaint, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf(`(() => {
		const menu = document.querySelector(%q), says = %q
		const entries = [...menu.options], text = o => o.text.replace(/\s+/g, ' ').trim()
		const o = entries.find(o => text(o) === says) || entries.find(o => text(o).startsWith(says))
		if (!o || o.disabled) return 'the menu has ' + entries.map(text).join(' | ')
		menu.focus(); menu.value = o.value
		menu.dispatchEvent(new Event('input', {bubbles: true})); menu.dispatchEvent(new Event('change', {bubbles: true}))
		return ''
	})()`, meant, option)))
	if err != nil || complaint != "" {
		p.t.Fatalf("choose %s of %s: %v %s", option, label, err, complaint)
	}
	p.do(chromedp.Sleep(150 * time.Millisecond))
}

// sees waits until the page says all of this.
func (p *person) sees(parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		eventually(p.t, 20*time.Second, "seeing "+strconv.Quote(part), func() error {
			if text := strings.Join(strings.Fields(p.page()), " "); !strings.Contains(text, part) {
				return fmt.Errorf("the page says: %s", text)
			}
			return nil
		})
	}
}

// reads is the part of the page that the expression finds.
func (p *person) reads(pattern string) string {
	p.t.Helper()
	var found []string
	eventually(p.t, 20*time.Second, "reading "+pattern, func() error {
		if found = regexp.MustCompile(pattern).FindStringSubmatch(p.page()); found == nil {
			return fmt.Errorf("the page says: %s", p.page())
		}
		return nil
	})
	return found[len(found)-1]
}

// looks checks the page at the width of a telephone, where nothing may be wider than it, and takes pictures if asked to.
func (p *person) looks(name string) {
	p.t.Helper()
	p.at++
	for _, c := range []struct {
		width  int64
		scheme string
	}{{360, "dark"}, {360, "light"}, {1280, "dark"}, {1280, "light"}} {
		if c.scheme == "dark" && *walkPictures == "" {
			continue
		}
		p.dress(c.width, c.scheme)
		p.fits(name, c.width)
		if *walkPictures == "" {
			continue
		}
		png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			p.t.Fatal(err)
		}
		file := fmt.Sprintf("%02d-%s-%d-%s.png", p.at, name, c.width, c.scheme)
		if err := os.WriteFile(filepath.Join(*walkPictures, file), png, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// fits fails the test if the page is wider than the window: what is wide scrolls in a box of its own.
func (b *browser) fits(name string, width int64) {
	b.t.Helper()
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('body *')].filter(e => document.documentElement.scrollWidth > innerWidth && e.getBoundingClientRect().right > innerWidth && !e.closest('nav.places, pre')).map(e => e.tagName + '.' + e.className + ' ' + (e.innerText || '').slice(0, 40)).slice(0, 8).join(' ')`))
	if err != nil || wide != "" {
		b.t.Errorf("%s is wider than %d px: %s %v", name, width, wide, err)
	}
}
