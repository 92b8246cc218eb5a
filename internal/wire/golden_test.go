package wire

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

var update = flag.Bool("update", false, "write golden frames that are missing")

func goldenFacts() Facts {
	return Facts{
		Name: "ns1.example.net", Instance: "0102030405060708", Fingerprint: "SHA256:ab", Version: "1.0.0", Software: "embedded",
		Capabilities: map[string]string{"dnssec": "no"}, Profile: "standard", Addresses: []string{"192.0.2.1", "2001:db8::1"},
		NodeIDs: []string{"0102030000000000"}, Behind: []string{"ns2.example.net"}, Zones: 3, Position: 17, Clock: 1795424400000,
	}
}

// goldens are the frames of protocol version 1, each with what it means. What is here must decode for ever, to the same
// values; a new kind of frame gets a new file.
func goldens() map[string]any {
	ones := func() Item { return change(example, 5) }
	replace := ones()
	replace.Replace = true
	absent := ones()
	absent.Delta.Keys[0].Versions[0] = zone.Version{Dot: zone.Dot{Node: zone.NodeID{1, 2, 3}, Counter: 5}, Time: 1, Absent: true}
	addition := ones()
	addition.Delta.Keys[0].Versions[0].Addition = true
	addition.Delta.Keys[0].Versions[0].Begin = zone.Dot{Node: zone.NodeID{4}, Counter: 2}
	addition.Delta.Keys[0].Versions[0].Replace = true
	return map[string]any{
		"hello.bin": Hello{
			Protocol: Versions{1, 1}, Facts: goldenFacts(), Push: true, Replace: true, Follow: true,
			Cursor: Cursor{Instance: "0807060504030201", Position: 4},
		},
		"welcome.bin": Welcome{Protocol: 1, Facts: goldenFacts(), Stored: 41},
		"deltas.bin":  []Item{ones(), replace, absent, addition},
		"state.bin":   []Item{compressible()},
		"acks.bin": []Outcome{
			{Zone: example, Position: 1, Result: Stored},
			{Zone: example, Position: 2, Result: Served},
			{Zone: example, Position: 3, Result: Need, Vector: zone.Vector{{1}: 2, {2}: 1 << 40}},
			{Zone: example, Position: 4, Result: Refused, Reason: "foreign write"},
			{Zone: zone.Root, Position: 1 << 40, Result: Ignored},
		},
		"reports.bin":   []Report{{Zone: example, Position: 9, Servers: []string{"ns1.example.net", "ns2.example.net"}}},
		"topology.bin":  []string{"ns1.example.net", "ns2.example.net"},
		"heartbeat.bin": nil,
		"bye.bin":       &ByeError{Reason: ReasonOff, Detail: "clustering is off here"},
		"names.bin":     []zone.Name{example, zone.Root},
		"settled.bin":   uint64(300),
		"branches.bin": digest.Question{By: digest.Content, Owners: []string{"ann"}, Branches: []digest.Known{
			{Total: digest.Total{Zones: 3, Sum: zone.Sum{High: 1, Low: 2}}},
			{
				Branch: digest.Branch{Level: digest.Bucket, Group: digest.Group{Home: "web1 SHA256:ab", Owner: "root"}, Bucket: 255},
				Total:  digest.Total{Zones: 1, Sum: zone.Sum{High: 1 << 63}},
			},
		}},
		"parts.bin": []digest.Part{{Equal: true}, {Left: true}, {
			Below: []digest.Known{{Branch: digest.Branch{Level: digest.Home, Group: digest.Group{Deleted: true}}, Total: digest.Total{Zones: 2}}},
		}, {Zones: []digest.Leaf{{Zone: example, Sum: zone.Sum{Low: 7}}}}},
		"standings.bin": []Standing{{
			Zone: example, Position: 9, Live: true, State: zone.Sum{High: 1}, Content: zone.Sum{Low: 1}, Vector: zone.Vector{{1}: 2}, Base: 2026112300,
		}, {Zone: zone.Root, Vector: zone.Vector{}}},
	}
}

// compressible is a whole state long enough to be compressed.
func compressible() Item {
	it := huge(example, 40_000*3)
	it.Delta.Vector = zone.Vector{{1, 2, 3}: 9}
	for i := range it.Delta.Keys {
		it.Delta.Keys[i].Versions[0].Value = zone.EncodeRRset(300, [][]byte{bytes.Repeat([]byte("\x07example"), 100)})
	}
	return it
}

func TestGoldenFramesDecodeForEver(t *testing.T) {
	for name, want := range goldens() {
		path := filepath.Join("testdata", "golden", "v1", name)
		if _, err := os.Stat(path); *update && os.IsNotExist(err) {
			if err := os.WriteFile(path, encodeGolden(t, want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeGolden(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		again, err := decodeGolden(encodeGolden(t, want))
		if d := cmp.Diff(want, again); d != "" || err != nil {
			t.Errorf("%s, as it is sent today: %v (-want +got):\n%s", name, err, d)
		}
	}
}

func encodeGolden(t *testing.T, v any) []byte {
	t.Helper()
	var f frame
	var err error
	var b bytes.Buffer
	switch v := v.(type) {
	case Hello:
		f.kind = TypeHello
		f.payload, err = v.append(nil)
	case Welcome:
		f.kind = TypeWelcome
		f.payload, err = v.append(nil)
	case []Item:
		_, encoded, _ := pack(v, MaxFrame)
		f = frame{kind: TypeDeltas, payload: appendDeltas(nil, 1, len(v), encoded)}
	case []Outcome:
		f = frame{kind: TypeAcks, payload: appendAcks(nil, 1, v)}
	case []Report:
		f = frame{kind: TypeReports, payload: appendReports(nil, v)}
	case []string:
		f = frame{kind: TypeTopology, payload: appendServers(nil, v)}
	case *ByeError:
		f = frame{kind: TypeBye, payload: appendBye(nil, *v)}
	case nil:
		f.kind = TypeHeartbeat
	case uint64:
		f = frame{kind: TypeSettled, payload: binary.AppendUvarint(nil, v)}
	case []zone.Name:
		err = WriteNames(&b, v)
	case digest.Question:
		err = WriteBranches(&b, v)
	case []digest.Part:
		err = WriteParts(&b, v)
	case []Standing:
		err = WriteStandings(&b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 {
		return b.Bytes()
	}
	return encodeFrame(t, f)
}

// decodeGolden decodes any frame.
func decodeGolden(b []byte) (any, error) {
	f, err := readFrame(b)
	if err != nil {
		return nil, err
	}
	return decodePayload(f.kind, f.payload)
}

func decodePayload(kind Type, b []byte) (v any, err error) {
	switch kind {
	case TypeHello:
		return decodeHello(b)
	case TypeWelcome:
		return decodeWelcome(b)
	case TypeDeltas:
		_, v, _, err := decodeDeltas(b)
		return v, err
	case TypeAcks:
		_, v, err := decodeAcks(b)
		return v, err
	case TypeReports:
		return decodeReports(b)
	case TypeTopology:
		return decodeTopology(b)
	case TypeBye:
		return decodeBye(b)
	case TypeSettled:
		return decodeSettled(b)
	case TypeNames:
		return decodeNames(b)
	case TypeBranches:
		return decodeBranches(b)
	case TypeParts:
		return decodeParts(b)
	case TypeStandings:
		return decodeStandings(b)
	}
	return nil, nil
}
