package zone

import (
	"errors"
	"fmt"
)

// AppendChange appends a change that is not applied yet, for one that is kept until somebody decides about it. It has the
// form of a delta whose vector is what the writer saw and whose versions have no dot.
func AppendChange(b []byte, c Change) []byte {
	d := Delta{Zone: c.Zone, Vector: c.Saw, Base: c.Base}
	for _, w := range c.Writes {
		d.Keys = append(d.Keys, KeyVersions{Key: w.Key, Versions: []Version{{
			Time: c.Time, Author: c.Author, Absent: w.Absent, Value: w.Value, Addition: w.Addition, Begin: w.Begin, Replace: w.Replace,
		}}})
	}
	return AppendDelta(b, d)
}

// DecodeChange reads what AppendChange wrote, and nothing else. Time and author come from the writes: a change without
// writes has none.
func DecodeChange(b []byte) (Change, error) {
	d, rest, err := DecodeDelta(b)
	if err == nil && (len(rest) > 0 || d.Whole || len(d.Since) > 0) {
		err = errors.New("it is no change")
	}
	if err != nil {
		return Change{}, fmt.Errorf("decode change: %w", err)
	}
	c := Change{Zone: d.Zone, Saw: d.Vector, Base: d.Base}
	for _, kv := range d.Keys {
		if len(kv.Versions) != 1 {
			return Change{}, fmt.Errorf("decode change: %v is written %d times", kv.Key, len(kv.Versions))
		}
		v := kv.Versions[0]
		c.Time, c.Author = v.Time, v.Author
		c.Writes = append(c.Writes, Write{
			Key: kv.Key, Absent: v.Absent, Value: v.Value, Addition: v.Addition, Begin: v.Begin, Replace: v.Replace,
		})
	}
	return c, nil
}
