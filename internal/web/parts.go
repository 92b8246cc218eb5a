package web

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// list is one page of a list that the server searches and cuts.
type list struct {
	ID, Path, Noun   string     // element, path of the page, what is listed ("zones")
	Search, Hint     string     // what is searched for; what can be
	Filters          url.Values // what is searched for besides; kept in the addresses of other pages
	Total            int
	More             bool // there are more than Total
	Shown            int
	After, Next      string // where this page begins, and the one after it; empty: first, last
	Columns          []string
	EmptyText, Extra string
	Foot             templ.Component // below the table, and replaced with it
}

// counted is how many there are of what is listed: every noun of a list has a plain plural.
func (l list) counted() string {
	return count(l.Total, strings.TrimSuffix(l.Noun, "s"), l.Noun)
}

// at is the address of another page of the list with the same search.
func (l list) at(after string) string {
	q := url.Values{}
	for name, values := range l.Filters {
		q[name] = values
	}
	if l.Search != "" {
		q.Set("q", l.Search)
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// field is one labelled control of a form.
type field struct {
	Name, Label, Hint, Error string
	Type, Value              string // of an input; text if empty
	Auto                     string // autocomplete
	Min, Max                 string
	Required, Focus          bool
}

func (f field) id() string { return "f-" + f.Name }

// describedBy names the elements that explain the field to a screen reader.
func (f field) describedBy() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.id() + "-error " + f.id() + "-hint"
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// choice is one of several that exclude each other.
type choice struct {
	Name, Value, Label, Hint string
	Chosen                   bool
}

// tab is one view of several of the same thing.
type tab struct {
	Title, Path string
	Current     bool
}

// confirmation is the page before something that cannot simply be put back: what will happen, in numbers, and one button.
type confirmation struct {
	Title   string
	Lead    string
	Numbers []figure
	Lines   []string // what happens
	AsOf    instant  // when the numbers were taken, where they are not of now
	Warn    []notice
	Post    string // where the form goes
	Hidden  []hidden
	Button  string
	Danger  bool
	Back    string
}

type hidden struct{ Name, Value string }

// figure is a number with what it counts.
type figure struct{ Value, Label string }

// progress is how far something has come; it can be left and come back to.
type progress struct {
	Title, Words string
	Done, Total  int
	Ended        bool
	Level        level
	Live, Reload string
	Back         string
}

// shownDone is how far the bar is.
func (p progress) shownDone() int {
	if p.Ended {
		return max(p.Total, 1)
	}
	return p.Done
}

// breakable is a name or an address that may go on in a new line after a dot or a colon.
func breakable(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for name != "" {
			end := strings.IndexAny(name, ".:") + 1
			if end == 0 {
				end = len(name)
			}
			b.WriteString(templ.EscapeString(name[:end]))
			if name = name[end:]; name != "" {
				b.WriteString("<wbr>")
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
