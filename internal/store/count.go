package store

// counts is how many zones there are as of one synced batch. They are counted once, by the committer before its first
// batch, and follow each batch from then on.
type counts struct {
	known         bool
	live, deleted int
}

// after is the numbers once zones have moved.
func (c counts) after(moved []move) counts {
	for _, m := range moved {
		if m.old.Position != 0 {
			c.add(m.old.Live, -1)
		}
		c.add(m.now.Live, 1)
	}
	return c
}

func (c *counts) add(live bool, n int) {
	if live {
		c.live += n
	} else {
		c.deleted += n
	}
}

// Count returns how many zones there are, and how many of which only the past is left.
func (s *Store) Count() (live, deleted int, err error) {
	c := s.published.count()
	if !c.known {
		err = s.published.read(func(v *view) error {
			c, err = countListed(v)
			return err
		})
	}
	return c.live, c.deleted, err
}

// countListed reads every row of the list: 50 octets a zone.
func countListed(v *view) (c counts, err error) {
	c.known = true
	err = scan(v, listingKey(""), tableKey(tableListing+1), func(_, content []byte) error {
		d := decoder{b: content}
		c.add(d.bool(), 1)
		return d.err
	})
	return c, err
}

// countFirst begins the numbers. Rows that cannot be read leave them unknown: then each who asks reads them, and is told.
func (s *Store) countFirst() {
	var c counts
	err := s.published.read(func(v *view) (err error) {
		c, err = countListed(v)
		return err
	})
	if err == nil {
		s.published.setCounts(c)
	}
}
