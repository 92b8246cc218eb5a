package zone

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAChangeIsReadAsItWasWritten(t *testing.T) {
	life := Dot{NodeID{1}, 1}
	for what, c := range map[string]Change{
		"an edit": {
			Zone: "\x04shop\x04test\x00", Time: 5, Author: "root@web1", Saw: Vector{NodeID{1}: 7, NodeID{2}: 1}, Base: 9,
			Writes: []Write{
				{Key: Key{Life: life, Meta: MetaEnd}, Value: []byte{0}},
				{Key: Key{Life: life, Owner: "\x04shop\x04test\x00", Type: TypeA}, Absent: true},
				{Key: Key{Life: life, Owner: "\x04shop\x04test\x00", Type: TypeNS}, Value: []byte("x"), Addition: true, Begin: Dot{NodeID{2}, 1}},
			},
		},
		"a new life":  {Zone: "\x04shop\x04test\x00", Time: 5, Author: "a", Saw: Vector{}, Writes: []Write{{Key: Key{Meta: MetaOwner}, Value: []byte("root")}}},
		"only a base": {Zone: "\x04shop\x04test\x00", Saw: Vector{}, Base: 3},
	} {
		b := AppendChange(nil, c)
		got, err := DecodeChange(b)
		if d := cmp.Diff(c, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", what, err, d)
		}
		for n := range b {
			if _, err := DecodeChange(b[:n]); err == nil {
				t.Errorf("%s: the first %d octets are read", what, n)
			}
		}
		if _, err := DecodeChange(append(b, 0)); err == nil {
			t.Errorf("%s: one octet too many is read", what)
		}
	}
}
