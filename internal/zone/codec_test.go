package zone

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
)

// richState has every kind of key and version.
func richState(t tester) *State {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.2"))
	b.delete("www", TypeA)
	a.add(rr("_acme-challenge", TypeTXT, "one"))
	b.add(rr("_acme-challenge", TypeTXT, "two"))
	w := b.state.SetMeta(MetaStamp, "; cPanel first")
	w[0].Replace = true
	b.write(w...)
	meet(n...)
	a.end()
	a.now = -1
	a.create()
	return a.state
}

func TestCodecKeepsEverything(t *testing.T) {
	s := richState(t)
	for name, d := range map[string]Delta{
		"whole":   s.Whole(),
		"delta":   s.deltaOf(Vector{{1}: 3}, []Key{{Life: Dot{NodeID{1}, 1}, Meta: "x"}}),
		"nothing": NewState(exampleOrg).Whole(),
	} {
		b := AppendDelta([]byte("before"), d)
		got, rest, err := DecodeDelta(append(b, "after"...)[len("before"):])
		if err != nil || string(rest) != "after" {
			t.Fatalf("%s: %v, rest %q", name, err, rest)
		}
		if diff := differ(normal(d), normal(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// normal makes no difference between nil and empty.
func normal(d Delta) Delta {
	if len(d.Since) == 0 {
		d.Since = nil
	}
	if len(d.Keys) == 0 {
		d.Keys = nil
	}
	return d
}

// Stored rows and frames of this form are read by every later version.
func TestEncodingStaysAsItIs(t *testing.T) {
	www := Key{Life: Dot{NodeID{1}, 1}, Owner: rr("www", TypeA).Owner, Type: TypeA}
	d := Delta{Zone: exampleOrg, Since: Vector{{1}: 1}, Vector: Vector{{1}: 300, {2}: 1}, Base: 9, Keys: []KeyVersions{
		{Key: Key{Life: Dot{NodeID{1}, 1}, Meta: MetaHome}},
		{Key: www, Versions: []Version{
			{Dot: Dot{NodeID{1}, 300}, Time: 5, Hash: 0xa1b2c3d4, Author: "me", Addition: true, Begin: Dot{NodeID{1}, 1}, Value: []byte{7}},
			{Dot: Dot{NodeID{2}, 1}, Time: 6, Absent: true, Replace: true},
		}},
	}}
	const golden = "076578616d706c65036f7267000001010000000000000001020100000000000000ac0202000000000000000109020001" +
		"00000000000000000000000000000104686f6d65000103777777076578616d706c65036f726700010000000000000000" +
		"000000000000010001020100000000000000ac02020aa1b2c3d4026d6501000000000000000101070200000000000000" +
		"01050c0000000000"
	if got := hex.EncodeToString(AppendDelta(nil, d)); got != golden {
		t.Errorf("encoded\n%s, want\n%s", got, golden)
	}
}

func TestKeysOrderLikeTheirBytes(t *testing.T) {
	life := func(node byte, counter uint64) Dot { return Dot{NodeID{node}, counter} }
	var keys []Key
	for _, l := range []Dot{life(1, 1), life(1, 255), life(1, 256), life(2, 1)} {
		keys = append(keys, Key{Life: l, Meta: "b"}, Key{Life: l, Meta: "aa"})
		for _, owner := range []Name{Root, "\x01a\x00", "\x02aa\x00", "\x01a\x01a\x00"} {
			keys = append(keys, Key{Life: l, Owner: owner, Type: 1}, Key{Life: l, Owner: owner, Type: 256})
		}
	}
	for _, k := range keys {
		for _, l := range keys {
			if k.Compare(l) != bytes.Compare(AppendKey(nil, k), AppendKey(nil, l)) {
				t.Errorf("%v and %v order otherwise than their bytes", k, l)
			}
		}
	}
}

// The keys of one owner name share a prefix in all lives, for a store that reads a part of a zone.
func TestKeysOfOneOwnerShareAPrefix(t *testing.T) {
	prefix := append([]byte{1}, exampleOrg...)
	for _, k := range []Key{{Life: Dot{NodeID{9}, 1}, Owner: exampleOrg, Type: 1}, {Life: Dot{NodeID{1}, 7}, Owner: exampleOrg, Type: 9}} {
		if !bytes.HasPrefix(AppendKey(nil, k), prefix) {
			t.Errorf("%v has another prefix", k)
		}
	}
}

func TestDecodersRefuseWhatIsCutOrNotInOrder(t *testing.T) {
	whole := AppendDelta(nil, richState(t).Whole())
	for n := range whole {
		if _, _, err := DecodeDelta(whole[:n]); err == nil {
			t.Fatalf("cut at %d of %d: decoded", n, len(whole))
		}
	}
	node := func(b byte, counter ...byte) []byte { return append([]byte{b, 0, 0, 0, 0, 0, 0, 0}, counter...) }
	for name, b := range map[string][]byte{
		"more nodes than bytes":     append([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, node(1, 1)...),
		"nodes in the wrong order":  slices.Concat([]byte{2}, node(2, 1), node(1, 1)),
		"a node twice":              slices.Concat([]byte{2}, node(1, 1), node(1, 2)),
		"a counter of zero":         slices.Concat([]byte{1}, node(1, 0)),
		"a counter in a long form":  slices.Concat([]byte{1}, node(1, 0x81, 0x00)),
		"a counter beyond 64 bits":  slices.Concat([]byte{1}, node(1, bytes.Repeat([]byte{0xff}, 10)...)),
		"a counter that is missing": slices.Concat([]byte{1}, node(1)),
	} {
		if _, _, err := DecodeVector(b); err == nil {
			t.Errorf("vector with %s: decoded", name)
		}
	}
	upper := slices.Concat([]byte{1}, []byte("\x01A\x00"), make([]byte, 18))
	if _, _, err := DecodeKey(upper); err == nil {
		t.Error("a key with an upper-case owner: decoded")
	}
}

func FuzzDecodeDelta(f *testing.F) {
	s := richState(f)
	f.Add(AppendDelta(nil, s.Whole()))
	f.Add(AppendDelta(nil, NewState(exampleOrg).Whole()))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, rest, err := DecodeDelta(b)
		if err != nil {
			return
		}
		again := AppendDelta(nil, d)
		if !bytes.Equal(again, b[:len(b)-len(rest)]) {
			t.Fatalf("decoded and encoded again:\n%x\n%x", b, again)
		}
		if d.Check() != nil {
			return
		}
		// What passes the check can be joined and viewed, whatever it says.
		joined := NewState(d.Zone)
		if _, err := joined.Join(d); err != nil && d.Whole {
			t.Fatal(err)
		}
		joined.View()
		joined.Conflicts()
		joined.Digest()
	})
}

func FuzzDecodePieces(f *testing.F) {
	f.Add(AppendVector(nil, Vector{{1}: 3, {2}: 1 << 40}))
	f.Add(AppendKey(nil, Key{Life: Dot{NodeID{1}, 2}, Meta: MetaHome}))
	f.Add(AppendKey(nil, Key{Life: Dot{NodeID{1}, 2}, Owner: exampleOrg, Type: TypeSOA}))
	f.Add(AppendVersions(nil, []Version{{Dot: Dot{NodeID{1}, 2}, Time: -1, Addition: true, Value: []byte{1}, Author: "a"}, {Absent: true}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, rest, err := DecodeVector(b); err == nil && !bytes.Equal(AppendVector(nil, v), b[:len(b)-len(rest)]) {
			t.Fatalf("vector %x", b)
		}
		if k, rest, err := DecodeKey(b); err == nil && !bytes.Equal(AppendKey(nil, k), b[:len(b)-len(rest)]) {
			t.Fatalf("key %x", b)
		}
		if v, rest, err := DecodeVersions(b); err == nil && !bytes.Equal(AppendVersions(nil, v), b[:len(b)-len(rest)]) {
			t.Fatalf("versions %x", b)
		}
	})
}
