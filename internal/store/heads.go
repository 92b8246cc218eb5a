package store

import (
	"bytes"
	"slices"
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
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	match := q.matcher()
	err = s.published.read(func(v *view) error {
		var names []zone.Name
		var last string
		err := s.eachRow(v, q.Owners, "", func(text, content []byte) error {
			if !match(text, content) {
				return nil
			}
			total++
			switch {
			case string(text) <= q.After:
			case len(names) < limit:
				names, last = append(names, listedZone(content)), string(text)
			default:
				next = last
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, z := range names {
			h, err := loadHead(v, z)
			if err != nil {
				return err
			}
			page = append(page, h)
		}
		return nil
	})
	return page, next, total, err
}

// matcher returns a filter of listing rows that allocates nothing, apart from names with U-labels.
func (q Query) matcher() func(text, content []byte) bool {
	search := strings.TrimSuffix(strings.ToLower(q.Search), ".")
	named := func(text, _ []byte) bool { return bytes.Contains(text, []byte(search)) }
	if !isASCII(search) {
		named = func(text, content []byte) bool {
			return bytes.Contains(text, []byte("xn--")) && strings.Contains(listedZone(content).Unicode(), search)
		}
	}
	owned := func(owner []byte) bool {
		return q.Owners == nil || slices.ContainsFunc(q.Owners, func(o string) bool { return string(owner) == o })
	}
	return func(text, content []byte) bool {
		d := decoder{b: content}
		live, of := d.bool(), d.take(d.uint())
		return (live || q.IncludeDeleted || q.OnlyDeleted) && !(live && q.OnlyDeleted) && owned(of) && named(text, content)
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
