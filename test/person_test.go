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

// finder looks for the element that a person means, and deals with it in the same breath, because the page may be redrawn at
// any time: kind is "act" (something to press) or "field", says its words, near words of the row, group or section that it
// stands in. What says exactly that comes first, then what begins with it; the content of the page before what is around it.
// It answers with a complaint, and with what a press leads to: another page, a part of this one, or nothing to wait for.
const finder = `((kind, says, near) => {
	const squeeze = s => (s || '').replace(/\s+/g, ' ').trim()
	const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden'
	const names = e => kind === 'field'
		? [...(e.labels || [])].map(l => squeeze(l.innerText)).concat(squeeze(e.getAttribute('aria-label')), squeeze(e.placeholder))
		: [squeeze(e.innerText), squeeze(e.getAttribute('aria-label')), squeeze(e.title), squeeze(e.value)]
	const complain = complaint => ({complaint})
	const awaitAnswer = () => {
		window.answered = false
		document.addEventListener('htmx:finally:request', e => { if (!e.detail.ctx.sourceElement.hasAttribute('hx-sse:connect')) window.answered = true })
	}
	if (document.readyState !== 'complete' || window.left) return complain('the page is loading')
	const match = {act: 'a[href], button, summary, label', field: 'input:not([type=hidden]), select, textarea'}[kind]
	const places = 'tr, li, fieldset, section, form, nav, header, details, .notice, .card'
	let all = [...document.querySelectorAll(match)].filter(shown)
	if (near) {
		const around = [...document.querySelectorAll(places)].filter(e => squeeze(e.innerText).includes(near)).sort((a, b) => a.innerText.length - b.innerText.length)
		const home = around.find(p => all.some(e => p.contains(e) && names(e).some(n => n.startsWith(says))))
		if (!home) return complain('no "' + says + '" near "' + near + '"')
		all = all.filter(e => home.contains(e))
	}
	const exact = all.filter(e => names(e).includes(says))
	const found = exact.length ? exact : all.filter(e => names(e).some(n => n.startsWith(says)))
	if (!found.length) return complain('no "' + says + '" among ' + [...new Set(all.map(e => names(e).find(n => n)))].join(' | '))
	const meant = found.sort((a, b) => !!b.closest('main') - !!a.closest('main'))[0]
	if (meant.disabled) return complain('"' + says + '" is disabled')
	meant.scrollIntoView({block: 'center', behavior: 'instant'})
	const box = meant.getBoundingClientRect(), top = document.elementFromPoint(box.x + Math.min(box.width / 2, 40), box.y + box.height / 2)
	if (!top || !meant.contains(top) && !top.contains(meant) && ![...(meant.labels || [])].some(l => l.contains(top))) return complain('"' + says + '" lies under ' + (top && top.outerHTML.slice(0, 80)))
	return %s
})(%q, %q, %q)`

// press is what finder does with what is to be pressed.
const press = `(() => {
	const form = meant.type === 'submit' && meant.form, by = form || meant
	if (form && !meant.formNoValidate && !form.noValidate && !form.checkValidity())
		return complain('the form is not complete: ' + [...form.querySelectorAll(':invalid')].map(e => e.name).join(' '))
	const here = meant.hash && meant.pathname + meant.search === location.pathname + location.search
	let leads = ''
	if (by.hasAttribute('hx-get')) {
		leads = 'part'
		awaitAnswer()
	} else if (form || meant.href && !here) {
		leads = 'page'
		window.left = true
	}
	meant.click()
	return {complaint: '', leads}
})()`

// hold keeps the field and gives it the focus, with what is in it selected.
const hold = `(() => {
	window.held = meant
	meant.focus()
	if (meant.select) meant.select()
	return {complaint: document.activeElement === meant ? '' : '"' + says + '" does not take the focus'}
})()`

// took is what finder answers.
type took struct {
	Complaint string `json:"complaint"`
	Leads     string `json:"leads"`
}

// means finds an element and does something with it, waiting for a page that is on its way.
func (p *person) means(kind, says, near, doing string) took {
	p.t.Helper()
	var got took
	eventually(p.t, 15*time.Second, "finding "+says, func() error {
		var err error
		got, err = evaluate[took](p, fmt.Sprintf(finder, doing, kind, says, near))
		if err == nil && got.Complaint != "" {
			err = fmt.Errorf("%s, on the page:\n%s", got.Complaint, p.page())
		}
		return err
	})
	return got
}

// evaluate asks the page, for a few seconds at most: one that is just left does not answer.
func evaluate[T any](p *person, script string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script))
}

// page is everything that a person can read.
func (p *person) page() string {
	s, err := evaluate[string](p, "document.body ? document.body.innerText : ''")
	if err != nil {
		return err.Error()
	}
	return s
}

// click presses a link or a button, and waits for the page or the part that it leads to; near may be words beside it.
func (p *person) click(says string, near ...string) {
	p.t.Helper()
	switch p.means("act", says, strings.Join(near, ""), press).Leads {
	case "page":
		p.holds("the page that "+says+" leads to", "!window.left && document.readyState === 'complete'")
	case "part":
		p.holds("the answer to "+says, "window.answered")
	}
}

// holds waits until the expression is true on the page.
func (p *person) holds(what, expression string) {
	p.t.Helper()
	eventually(p.t, waitLong, what, func() error {
		so, err := evaluate[bool](p, "!!("+expression+")")
		if err == nil && !so {
			err = fmt.Errorf("not yet, on the page:\n%s", p.page())
		}
		return err
	})
}

// fill types into the field with that label, in place of what is there.
func (p *person) fill(label, text string, near ...string) {
	p.t.Helper()
	p.means("field", label, strings.Join(near, ""), hold)
	p.do(chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(text))
	p.holds(label+" has what was typed", fmt.Sprintf("window.held.isConnected && window.held.value === %q", text))
}

// choose takes the entry of a menu that begins with the text.
func (p *person) choose(label, option string, near ...string) {
	p.t.Helper()
	got := p.means("field", label, strings.Join(near, ""), fmt.Sprintf(`(() => {
		const option = %q, entries = [...meant.options], text = o => squeeze(o.text)
		const o = entries.find(o => text(o) === option) || entries.find(o => text(o).startsWith(option))
		if (!o || o.disabled) return complain('the menu has ' + entries.map(text).join(' | '))
		const leads = meant.hasAttribute('hx-get') && meant.value !== o.value ? 'part' : ''
		awaitAnswer()
		meant.focus(); meant.value = o.value
		meant.dispatchEvent(new Event('input', {bubbles: true})); meant.dispatchEvent(new Event('change', {bubbles: true}))
		return {complaint: '', leads}
	})()`, option))
	if got.Leads == "part" {
		p.holds("the answer to "+option, "window.answered")
	}
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

// lacks fails the test if the page, which is there already, says one of these.
func (p *person) lacks(parts ...string) {
	p.t.Helper()
	text := strings.Join(strings.Fields(p.page()), " ")
	for _, part := range parts {
		if strings.Contains(text, part) {
			p.t.Errorf("the page says %q: %s", part, text)
		}
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
