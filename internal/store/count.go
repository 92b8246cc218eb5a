package store

import "maps"

// counts is how many zones there are as of one synced batch. They are counted once, by the committer before its first
// batch, and follow each batch from then on.
type counts struct {
	known         bool
	live, deleted int
	homes         map[string]int // zones that live, by their home; nil: not known
}

// follow makes them the numbers once zones have moved.
func (c *counts) follow(moved []move) {
	for _, m := range moved {
		if m.old.Position != 0 {
			c.add(m.old.Live, m.old.Home, -1)
		}
		c.add(m.now.Live, m.now.Home, 1)
	}
}

func (c *counts) add(live bool, home string, n int) {
	if !live {
		c.deleted += n
		return
	}
	c.live += n
	if c.homes == nil {
		return
	}
	if c.homes[home] += n; c.homes[home] == 0 {
		delete(c.homes, home)
	}
}

// Count returns how many zones there are, and how many of which only the past is left.
func (s *Store) Count() (live, deleted int, err error) {
	c := s.published.count()
	if !c.known {
		err = s.published.read(func(v *view) error {
			c, err = s.countAll(v)
			return err
		})
	}
	return c.live, c.deleted, err
}

// countAll reads every row of a list: 100 octets a zone.
func (s *Store) countAll(v *view) (c counts, err error) {
	c.known = true
	if !s.indexed.homes {
		err = scan(v, listingKey(""), tableKey(tableListing+1), func(_, content []byte) error {
			d := decoder{b: content}
			c.add(d.bool(), "", 1)
			return d.err
		})
		return c, err
	}
	c.homes = map[string]int{}
	err = scan(v, tableKey(tableHomed), tableKey(tableHomed+1), func(_, content []byte) error {
		d := decoder{b: content}
		home := d.take(d.uint())
		if d.bool() {
			c.live++
			c.homes[string(home)]++
		} else {
			c.deleted++
		}
		return d.err
	})
	return c, err
}

// countFirst begins the numbers. Rows that cannot be read leave them unknown: then each who asks reads them, and is told.
func (s *Store) countFirst() {
	var c counts
	err := s.published.read(func(v *view) (err error) {
		c, err = s.countAll(v)
		return err
	})
	if err == nil {
		s.published.setCounts(c)
	}
}

// homes is a copy of the numbers of the homes, nil if they are not known.
func (p *published) homes() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.counts.homes)
}
