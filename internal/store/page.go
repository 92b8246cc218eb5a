package store

import (
	"bytes"
	"errors"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// PageQuery asks for one page of a list, which is read from After on: the last page costs what the first one does.
type PageQuery struct {
	Query
	// Count is up to how many matching zones are counted, 0: all. All zones that live are counted without reading them.
	Count int
}

// Page is a page of zones in the order of their names as text.
type Page struct {
	Heads []Head
	Next  string // After of the next page, empty on the last
	Total int    // zones that match
	More  bool   // and there are more of them than that
}

// Page returns one page of zones.
func (s *Store) Page(q PageQuery) (p Page, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	q.Limit = min(limit, maxLimit)
	err = s.published.read(func(v *view) error {
		c := s.published.count()
		known := c.known && q.all()
		// The first page of a list that is in order is counted on the way.
		along := !known && q.After == "" && len(q.Owners) <= 1
		if err := q.fill(s, v, &p, along); err != nil || along {
			return err
		}
		if known {
			p.Total = c.live
			return nil
		}
		return s.anyRow(v, q.Query, func(_, _ []byte) error { return q.countOne(&p) })
	})
	return p, err
}

// all says that nothing is asked for but zones that live.
func (q Query) all() bool {
	return q.Search == "" && q.Home == "" && q.Owners == nil && !q.IncludeDeleted && !q.OnlyDeleted
}

// fill reads the page and looks whether there is one more; counting, it goes on as far as is counted.
func (q PageQuery) fill(s *Store, v *view, p *Page, counting bool) error {
	last := ""
	return s.eachRow(v, q.Query, func(text, content []byte) error {
		if len(p.Heads) < q.Limit {
			h, err := loadHead(v, listedZone(content))
			if err != nil {
				return err
			}
			p.Heads, last = append(p.Heads, h), string(text)
		} else {
			p.Next = last
		}
		var err error
		if counting {
			err = q.countOne(p)
		}
		if p.Next != "" && (!counting || err != nil) {
			return errStop
		}
		return nil
	})
}

// countOne counts one more zone, and ends with errStop when no more are counted.
func (q PageQuery) countOne(p *Page) error {
	if p.Total == q.Count && q.Count > 0 {
		p.More = true
		return errStop
	}
	p.Total++
	return nil
}

// eachRow calls f with the listing rows that the query wants, in the order of their texts, from After on: of those of
// several owners with one more of each than a page has. f ends it with errStop and must not keep text or content.
func (s *Store) eachRow(v *view, q Query, f func(text, content []byte) error) error {
	match := s.matcher(v, q)
	sift := func(text, content []byte) error {
		if ok, err := match(text, content); !ok || err != nil {
			return err
		}
		return f(text, content)
	}
	switch {
	case q.Home != "" && s.indexed.homes:
		return eachHomed(v, q.Home, q.After, func(_ []byte, text, content []byte) error { return sift(text, content) })
	case q.Owners == nil || !s.indexed.owners:
		return scan(v, append(listingKey(q.After), 0), tableKey(tableListing+1), func(k, content []byte) error { return sift(k[2:], content) })
	case len(q.Owners) == 1:
		return eachOwned(v, q.Owners, q.After, sift)
	}
	rows, err := q.firstOfEach(v, match)
	for _, r := range rows {
		if err == nil {
			err = f(r.key, r.value)
		}
	}
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// firstOfEach is the rows of each of the owners that a page may have, in their order.
func (q Query) firstOfEach(v *view, match rowFilter) (rows []op, err error) {
	for _, owner := range q.Owners {
		n := 0
		err := eachOwned(v, []string{owner}, q.After, func(text, content []byte) error {
			ok, err := match(text, content)
			if !ok || err != nil {
				return err
			}
			rows = append(rows, op{bytes.Clone(text), bytes.Clone(content)})
			if n++; n > q.Limit {
				return errStop
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rows, func(a, b op) int { return bytes.Compare(a.key, b.key) })
	return slices.CompactFunc(rows, func(a, b op) bool { return bytes.Equal(a.key, b.key) }), nil // an owner who is named twice
}

// anyRow is eachRow from the beginning, with all of the rows, in any order.
func (s *Store) anyRow(v *view, q Query, f func(text, content []byte) error) error {
	q.After = ""
	if len(q.Owners) <= 1 || !s.indexed.owners || q.Home != "" && s.indexed.homes {
		return s.eachRow(v, q, f)
	}
	match := s.matcher(v, q)
	return eachOwned(v, q.Owners, "", func(text, content []byte) error {
		if ok, err := match(text, content); !ok || err != nil {
			return err
		}
		return f(text, content)
	})
}

// EachListed calls f with the name of every zone that lives and its owner, in the order of their names as text, from
// after on, as of one moment; f ends it with false. f must be quick: what is read stays in the database until it ends.
func (s *Store) EachListed(after string, f func(z zone.Name, owner string) (more bool)) error {
	return s.published.read(func(v *view) error {
		return scan(v, append(listingKey(after), 0), tableKey(tableListing+1), func(_, content []byte) error {
			d := decoder{b: content}
			live, owner := d.bool(), d.string()
			if d.err != nil || !live {
				return d.err
			}
			if !f(zone.Name(d.b), owner) {
				return errStop
			}
			return nil
		})
	})
}
