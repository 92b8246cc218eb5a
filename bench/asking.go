package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/zonefleet/zonefleet/internal/web"
)

// world is what the measured pages are about.
type world struct {
	self, up, down string // names of the server, and addresses of a member that answers and of one that does not
	middle         string // a part of the middle of some zones' names
	// One of each thing that a path names: the number of a change, what a person gave as name, and so on.
	zone, raw, change, first, conflict, held, set, sync, token, user, template, list string
}

// unasked are the pages that are not measured, and why.
func unasked(r web.Route) (why string) {
	switch {
	case r.Method != http.MethodGet:
		return "it changes something"
	case strings.HasPrefix(r.Pattern, "/live/"):
		return "it lasts as long as its page is open"
	case r.Pattern == "/assets/{file}":
		return "it is loaded with the pages"
	case r.Pattern == "/signin/{secret}":
		return "it works once"
	}
	return ""
}

// queries are what a page is asked with, where that is not nothing. Those of a member are of one that answers.
func (w world) queries() map[string][]string {
	held := "?id=" + w.held
	return map[string][]string{
		"/zones": {
			"", "?q=" + w.middle, "?q=nosuchname", "?owner=" + small, "?owner=" + large + "00", "?home=" + w.self, "?home=" + w.up, "?home=" + w.self + "&q=" + w.middle,
			"?state=behind", "?state=conflict", "?state=held", "?after=" + w.zone, "?owner=" + large + "00&home=" + w.self,
		},
		"/zones/trash":             {"", "?q=" + w.middle},
		"/zones/{zone}":            {"", "?q=host7", "?only=A", "?open=new"},
		"/zones/{zone}/compare":    {"?from=" + w.first + "&to=" + w.change},
		"/zones/{zone}/servers":    {"", "?name=www&type=A"},
		"/members/add":             {"", "?backend=zonefleet"},
		"/members/{member}/role":   {"?role=write-only"},
		"/drift/repair":            {"?member=" + w.up},
		"/changes":                 {"", "?zone=" + w.zone, "?author=root", "?author=nobody", "?before=" + w.first},
		"/changes/held/decide":     {held + "&do=release", held + "&do=drop"},
		"/resellers":               {"", "?q=" + small},
		"/resellers/{user}/delete": {"", "?zones=trash"},
		"/templates/new":           {"", "?from=standard"},
		"/tokens":                  {"", "?q=" + tokenName},
		"/log":                     {"", "?member=" + w.up, "?zone=" + w.zone},
	}
}

// place is a part of a path that is one of many.
var place = regexp.MustCompile(`\{[a-z]+\}`)

// addresses are what to ask for of a page; an error says which place of its path nobody has taught this program.
func (w world) addresses(pattern string) (list []string, err error) {
	queries := w.queries()[pattern]
	if queries == nil {
		queries = []string{""}
	}
	for _, one := range w.fill(strings.ReplaceAll(pattern, "{$}", "")) {
		if unknown := place.FindString(one); unknown != "" {
			return nil, fmt.Errorf("page %s: no %s is known for it: add one to the world of bench", pattern, unknown)
		}
		for _, q := range queries {
			list = append(list, one+q)
		}
	}
	return list, nil
}

// fill puts things into the places of a path.
func (w world) fill(path string) []string {
	ids := map[string]string{"/tokens/": w.token, "/changesets/": w.set, "/conflicts/": w.conflict}
	for prefix, id := range ids {
		if strings.HasPrefix(path, prefix) {
			path = strings.Replace(path, "{id}", id, 1)
		}
	}
	path = strings.NewReplacer("{change}", w.change, "{sync}", w.sync, "{user}", w.user, "{name}", w.template, "{list}", w.list).Replace(path)
	switch {
	case strings.Contains(path, "{member}"):
		return []string{strings.Replace(path, "{member}", w.up, 1), strings.Replace(path, "{member}", w.down, 1)}
	case path == "/zones/{zone}/raw", path == "/zones/{zone}/review", path == "/zones/{zone}/draft":
		return []string{strings.Replace(path, "{zone}", w.raw, 1)} // of which there is a draft
	case strings.Contains(path, "{zone}"):
		return []string{strings.Replace(path, "{zone}", w.zone, 1)}
	}
	return []string{path}
}
