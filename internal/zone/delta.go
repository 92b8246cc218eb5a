package zone

import "fmt"

// Whole is the whole state as it travels.
func (s *State) Whole() Delta {
	d := Delta{Zone: s.Zone, Whole: true, Vector: s.Vector.Clone(), Base: s.Base}
	d.Keys = make([]KeyVersions, 0, len(s.Keys))
	for k, versions := range s.Keys {
		d.Keys = append(d.Keys, KeyVersions{Key: k, Versions: versions})
	}
	d.Keys = sortedKeys(d.Keys)
	return d
}

// Check says whether d can be what a node's state holds, before it is joined: it came from the network, and a join
// refuses nothing. Whether the sender may write it is another question.
func (d Delta) Check() error {
	if !d.Vector.Includes(d.Since) {
		return fmt.Errorf("check delta of zone %s: it goes back behind what it starts from", d.Zone.Text())
	}
	for _, kv := range d.Keys {
		if err := d.checkKey(kv); err != nil {
			return fmt.Errorf("check delta of zone %s: %w", d.Zone.Text(), err)
		}
	}
	return nil
}

func (d Delta) checkKey(kv KeyVersions) error {
	if kv.Key.Life.IsZero() || !d.Vector.Covers(kv.Key.Life) {
		return fmt.Errorf("life %s is not in its vector", kv.Key.Life)
	}
	for _, v := range kv.Versions {
		if v.Dot.Counter == 0 || !d.Vector.Covers(v.Dot) {
			return fmt.Errorf("version %s is not in its vector", v.Dot)
		}
		if err := checkValue(d.Zone, kv.Key, v); err != nil {
			return err
		}
		if kv.Key.Meta != MetaEnd {
			continue
		}
		// An end that claims to have seen the future would hide edits not yet made.
		if end, _, err := DecodeVector(v.Value); err == nil && !d.Vector.Includes(end) {
			return fmt.Errorf("the end of life %s saw more than its vector", kv.Key.Life)
		}
	}
	return nil
}
