package store

import (
	"github.com/zonefleet/zonefleet/internal/zone"
)

// PageQuery asks for one page of a list, which is read from After on: the last page costs what the first one does.
type PageQuery struct {
	Query
	// Also, which may be nil, is asked of the head of each zone that matches otherwise: it may be dear.
	Also func(Head) bool
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

// maxAlso bounds how many heads one page reads for Also. A page that is cut off by it has a Next.
const maxAlso = 200_000

// Page returns one page of zones.
func (s *Store) Page(q PageQuery) (p Page, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	q.Limit = min(limit, maxLimit)
	err = s.published.read(func(v *view) error {
		if err := q.fill(s, v, &p); err != nil {
			return err
		}
		if c := s.published.count(); c.known && q.all() {
			p.Total = c.live
			return nil
		}
		return q.count(s, v, &p)
	})
	return p, err
}

// all says that nothing is asked for but zones that live.
func (q PageQuery) all() bool {
	return q.Search == "" && q.Owners == nil && !q.IncludeDeleted && !q.OnlyDeleted && q.Also == nil
}

// fill reads the page and looks whether there is one more.
func (q PageQuery) fill(s *Store, v *view, p *Page) error {
	match := q.matcher()
	read, last := 0, ""
	return s.eachRow(v, q.Owners, q.After, func(text, content []byte) error {
		if !match(text, content) {
			return nil
		}
		if len(p.Heads) == q.Limit && q.Also == nil {
			p.Next = last
			return errStop
		}
		h, err := loadHead(v, listedZone(content))
		if err != nil {
			return err
		}
		if read++; read > maxAlso && q.Also != nil {
			p.Next = string(text)
			return errStop
		}
		if q.Also != nil && !q.Also(h) {
			return nil
		}
		if len(p.Heads) == q.Limit {
			p.Next = last
			return errStop
		}
		p.Heads, last = append(p.Heads, h), string(text)
		return nil
	})
}

// count counts what matches, from the first zone on.
func (q PageQuery) count(s *Store, v *view, p *Page) error {
	match := q.matcher()
	read := 0
	return s.eachRow(v, q.Owners, "", func(text, content []byte) error {
		if !match(text, content) {
			return nil
		}
		if q.Also != nil {
			if read++; read > maxAlso {
				p.More = true
				return errStop
			}
			h, err := loadHead(v, listedZone(content))
			if err != nil || !q.Also(h) {
				return err
			}
		}
		if p.Total == q.Count && q.Count > 0 {
			p.More = true
			return errStop
		}
		p.Total++
		return nil
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
