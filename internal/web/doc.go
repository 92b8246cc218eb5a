// Package web is the door for browsers: pages that work as plain forms and whole pages, in which htmx replaces parts in
// place and a stream keeps them fresh. It reads and writes through control alone, like every door.
//
// It does not know the store, members' protocols, tokens, or who people are: who signs in is Accounts, which it declares.
//
// To add a page:
//
//  1. A line in Routes (routes.go): method, pattern, who, handler. If the pattern is that of an entry of places, the
//     navigation shows it from then on. Paths are nouns; a verb is a POST to a path below the noun. A test walks the table.
//  2. NAME.go: an interface with what the page asks of control, added to Control (web.go), and the handler, func(*Visit)
//     error: read the request (v.FormValue, v.PathValue), ask control as v.Principal(), make a view value of plain texts and
//     numbers, v.show(status, page{Title, Path}, namePage(view)). Return control's errors as they are: they become pages of
//     their own. A form that was carried out ends with v.done(path, notice), one with a mistake shows itself again with 422
//     and the mistake in its field.
//  3. NAME.templ: the view, of the parts in parts.templ (listing, input, radio, checkbox, chipMark, noticeBox, confirmPage,
//     progressPage, tabs, moment), then go generate ./internal/web. No inline script or style, no hx-on, hx-vals or
//     "js:": the policy refuses them. Styles go into assets/style.css, by the name of the part and with the colours that
//     are there.
//  4. Something that cannot simply be put back takes two clicks: GET shows confirmPage with numbers from control, POST does
//     it. The POST carries the version that the person saw in a hidden field; when that is not so any more, it shows the
//     first page again (setRole).
//  5. A list is `listing`: the handler answers v.isPart(list.ID) with the list alone (zones.go is the smallest example).
//     Numbers and pages come from control, never from all of the rows.
//  6. Live parts: a handler that calls v.live with what renders hx-partial elements, and its path in page.Live
//     (home.go). What a person may be filling in carries hx-morph-skip, and an id that changes with its value.
//  7. Tests: forms, refusals and words in web_test.go; the flow in a browser in test/pages_test.go, where any word on the
//     console fails; a line in test/screenshots_test.go, then make screenshots, and look at them, at 360 px too.
//
// Files:
//
//	web.go routes.go visit.go       the server, the table of routes, one request while it is answered
//	accounts.go memory.go signin.go who may sign in; root by a link, in memory, for tests; the pages of it
//	account.go people.go            the own password, code and sessions; resellers and privileges
//	frame.go layout.templ           what every page has around it
//	parts.go parts.templ            what pages are made of
//	refusal.go flash.go             pages of errors; notices over a redirect
//	live.go                         streams that keep pages fresh, their bounds
//	assets.go assets/               files with the hash of their content in their names
//	home memberrow threshold steps  the page DNS Cluster
//	picture.go picture.templ        the cluster as a drawing
//	members.go                      what its rows do
//	addserver.go invite.go          a server is added: with its token, or with a join code
//	nameserver.go                   the nameserver of a member, what to do where it cannot do DNSSEC
//	editserver.go synchronize.go    a server is edited or deleted, shows another key; Synchronize DNS records
//	trustedips.go                   Remote service IPs
//	acting.go                       whose cluster is managed; unique DNS clustering
//	sealed.go                       secrets of forms, on their way through the browser
//	zones.go zones.templ            the list of zones
//	addzone templates               zones made of templates, made anew; templates
//	replace                         replace a value everywhere: what, and by what
//	trash changesets                deleted zones; acts on many zones: shown, confirmed, under way, undone
//	tokens.go tokenform.go tokens.templ  API tokens
//	zone records recordform review  one zone: its table, the form of a record, what saving will do
//	recordtypes.go draft.go         the fields of each type; what is changed and not saved, by session
//	draftedit.go rawzone            what forms do to it; the same as a zone file
//	log.go log.templ                events, and the cluster log
//	settings.go notifyform.go settings.templ  the settings of this server
//	zonehistory zoneservers         its versions, compared and restored; who serves it, and every server asked
//	changes held                    every change: difference, arrival, undo; what the brake holds
//	conflicts drift                 what cannot be served together; what differs between servers
//
// It owns no goroutine.
package web

//go:generate go tool -modfile=../../tools/go.mod templ generate
