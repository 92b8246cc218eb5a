package store

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Query chooses zones for a list.
type Query struct {
	Search         string   // part of the name, as people read it
	After          string   // the next that the page before returned
	Limit          int      // 1 to 1000, 0 is 100
	Owners         []string // only these accounts', nil is all
	Home           string   // only those whose home is the server of that name
	IncludeDeleted bool
	OnlyDeleted    bool
}

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// listing is what a list is filtered on. It has its own small row, ordered by the text of the name, so that counting
// all zones reads 50 octets of each.
type listing struct {
	live  bool
	owner string
	zone  zone.Name
}

func (l listing) value() []byte {
	return append(appendString(appendBool(value(), l.live), l.owner), l.zone...)
}

// Heads returns a page of zones in the order of their names as text, the cursor of the next page (empty at the end),
// and how many zones match in all.
func (s *Store) Heads(q Query) (page []Head, next string, total int, err error) {
	p, err := s.Page(PageQuery{Query: q})
	return p.Heads, p.Next, p.Total, err
}

// rowFilter says whether a listing row is wanted.
type rowFilter func(text, content []byte) (bool, error)

// matcher returns a filter that allocates nothing, apart from names with U-labels, and reads nothing else, unless homes
// are not indexed.
func (s *Store) matcher(v *view, q Query) rowFilter {
	search := strings.TrimSuffix(strings.ToLower(q.Search), ".")
	part := []byte(search)
	named := func(text, _ []byte) bool { return bytes.Contains(text, part) }
	if !isASCII(search) {
		named = func(text, content []byte) bool {
			return bytes.Contains(text, []byte("xn--")) && strings.Contains(listedZone(content).Unicode(), search)
		}
	}
	owners := make(map[string]bool, len(q.Owners))
	for _, o := range q.Owners {
		owners[o] = true
	}
	return func(text, content []byte) (bool, error) {
		d := decoder{b: content}
		live, of := d.bool(), d.take(d.uint())
		if !live && !q.IncludeDeleted && !q.OnlyDeleted || live && q.OnlyDeleted || q.Owners != nil && !owners[string(of)] || !named(text, content) {
			return false, d.err
		}
		if q.Home == "" || s.indexed.homes {
			return true, nil
		}
		h, err := loadHead(v, listedZone(content))
		return err == nil && homeName(h.Home) == homeName(q.Home), err
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func listedZone(content []byte) zone.Name {
	d := decoder{b: content}
	d.bool()
	d.take(d.uint())
	return zone.Name(d.b)
}

// EachHead calls f with the head of every zone, deleted ones too, in the order of their names' wire form, as of one
// moment. f must be quick: what is read stays in the database until it ends.
func (s *Store) EachHead(f func(Head) error) error {
	return s.published.read(func(v *view) error {
		return scan(v, headKey(""), tableKey(tableHead+1), func(k, content []byte) error {
			h, err := parseHead(zone.Name(k[2:]), content)
			if err != nil {
				return err
			}
			return f(h)
		})
	})
}

// ZonesAfter returns the names of the next zones after z ("" is the first), deleted ones too, in the order of their wire
// form, at most limit.
func (s *Store) ZonesAfter(z zone.Name, limit int) (zones []zone.Name, err error) {
	err = s.published.read(func(v *view) error {
		return scan(v, append(headKey(z), 0), tableKey(tableHead+1), func(k, _ []byte) error {
			if len(zones) >= limit {
				return errStop
			}
			zones = append(zones, zone.Name(k[2:]))
			return nil
		})
	})
	return zones, err
}
