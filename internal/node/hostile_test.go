package node

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// victim is a running node that a hostile member talks to, and an honest member besides.
type victim struct {
	node    *Node
	address string
	zones   []zone.Name // that the script of a conversation names

	honest *zonefleet.Session
	state  *zone.State // of the honest member's own zone
	home   string      // by which it is the honest member's

	hostile *identity.Identity
	token   string
	session *http.ClientConn // of the hostile member, kept over conversations
	proof   string
}

// newVictim starts a node with a zone of its own; the hostile member has a token of that kind.
func newVictim(f *testing.F, relay bool) *victim {
	f.Helper()
	address := freeAddress(f)
	v := &victim{address: address, node: built(f, f.TempDir(), func(c *config.Config) {
		c.Listen, c.Advertise, c.DNS = address, address, []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- v.node.run(ctx) }()
	f.Cleanup(func() {
		if v.session != nil {
			v.session.Close()
		}
		if v.honest != nil {
			v.honest.Close()
		}
		cancel()
		if err := errors.Join(<-ended, v.node.store.Close(), v.node.trace.Close()); err != nil {
			f.Error(err)
		}
	})
	select {
	case <-v.node.front.loaded:
	case err := <-ended:
		ended <- err
		f.Fatal("the node ended at once: ", err)
	}
	for _, text := range []string{"canary.test", "evil.test", "sub.canary.test", "fresh.test", "xn--mnchen-3ya.test"} {
		v.zones = append(v.zones, name(f, text))
	}
	v.zones = append(v.zones, zone.Root)
	if _, err := v.node.control.CreateZone(ctx, acl.Local(), control.CreateRequest{Zone: v.zones[0]}); err != nil {
		f.Fatal(err)
	}
	v.hostile, v.token = keyOf(f, "evil.test"), v.newToken(f, "evil", relay)
	v.befriend(f)
	return v
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func keyOf(t testing.TB, name string) *identity.Identity {
	t.Helper()
	id, err := identity.Open(t.TempDir(), identity.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (v *victim) newToken(t testing.TB, name string, relay bool) string {
	t.Helper()
	token, err := v.node.control.CreateToken(t.Context(), acl.Local(), control.TokenRequest{Name: name, Kind: auth.KindMember, Relay: relay})
	if err != nil {
		t.Fatal(err)
	}
	return token.Text
}

// nothing takes what the honest member follows, and keeps none of it.
type nothing struct{}

func (nothing) Receive(_ context.Context, items []wire.Item) []wire.Outcome {
	out := make([]wire.Outcome, len(items))
	for i := range out {
		out[i].Result = wire.Stored
	}
	return out
}
func (nothing) Reported([]wire.Report) {}
func (nothing) Topology([]string)      {}

// befriend opens the link of the honest member, which has to live through everything.
func (v *victim) befriend(f *testing.F) {
	f.Helper()
	id := keyOf(f, "honest.test")
	c, err := zonefleet.New(zonefleet.Options{Address: v.address, Token: v.newToken(f, "honest", false), Identity: id})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	v.home = "honest.test " + id.Fingerprint()
	v.state = zone.NewState(name(f, "honest.test"))
	hello := wire.Hello{Facts: wire.Facts{Name: "honest.test", Instance: "honest"}, Push: true, Follow: true}
	if v.honest, err = c.Link(f.Context(), hello, nothing{}); err != nil {
		f.Fatal(err)
	}
}

// dial proves the hostile member's token on a connection of its own.
func (v *victim) dial(t *testing.T) {
	t.Helper()
	raw, err := net.DialTimeout("tcp", v.address, 5*time.Second)
	if err != nil {
		t.Fatalf("the door is closed: %v", err)
	}
	session := tls.Client(raw, v.hostile.PeerTLS("", func(string) error { return nil }))
	if err := session.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	state := session.ConnectionState()
	exporter, err := state.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		t.Fatal(err)
	}
	id, hash, err := wire.SplitToken(v.token)
	if err != nil {
		t.Fatal(err)
	}
	v.proof = wire.AuthScheme + " " + id + " " + hex.EncodeToString(wire.Prove(hash, wire.SideClient, exporter))
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	transport := http.Transport{
		Protocols: &protocols, DisableCompression: true,
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return session, nil },
	}
	if v.session, err = transport.NewClientConn(context.Background(), "https", v.address); err != nil {
		t.Fatal(err)
	}
}

// request sends octets to a path as the hostile member and reads what comes back, until the door ends it or everything
// has been said and a moment is over.
func (v *victim) request(t *testing.T, path string, octets []byte) {
	t.Helper()
	if v.session == nil || v.session.Err() != nil {
		v.dial(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	body, up := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+v.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", v.proof)
	req.Header.Set(wire.HeaderProtocol, "1")
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, err := up.Write(octets)
		up.CloseWithError(err) // the end of the body in order
	}()
	res, err := v.session.RoundTrip(req)
	if err == nil {
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	body.Close()
	<-said
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%s is not answered within 20 s: the door hangs", path)
	}
}

// unharmed says that the node goes on: the honest member's link stands and carries changes, its zones are as they
// have to be, and nothing of the conversation is left running.
func (v *victim) unharmed(t *testing.T, before string) {
	t.Helper()
	select {
	case <-v.honest.Done():
		t.Fatalf("the honest member's link ended: %v", v.honest.Err())
	default:
	}
	if before != "" {
		if h, err := v.node.store.Head(v.zones[0]); err != nil || !h.Live || h.ETag() != before {
			t.Fatalf("a zone that is not the member's changed: %+v, %v", h, err)
		}
	}
	heads, _, _, err := v.node.store.Heads(store.Query{Limit: 1000, IncludeDeleted: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		v.servable(t, h.Zone)
	}
	v.serveHonest(t)
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > 1000; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left", runtime.NumGoroutine())
		}
	}
}

// servable says that a zone's state is one that every server takes, and that its view holds nothing malformed.
func (v *victim) servable(t *testing.T, z zone.Name) {
	t.Helper()
	s, _, err := v.node.store.State(z)
	if err != nil {
		t.Fatalf("zone %s cannot be read: %v", z.Text(), err)
	}
	whole := s.Whole()
	if err := whole.Check(); err != nil {
		t.Fatalf("a state was stored that no other server takes: %v", err)
	}
	if _, rest, err := zone.DecodeDelta(zone.AppendDelta(nil, whole)); err != nil || len(rest) > 0 {
		t.Fatalf("the stored state of %s is not one that can be sent: %v", z.Text(), err)
	}
	view, live := s.View()
	if !live {
		return
	}
	for _, set := range view.RRsets {
		for _, data := range set.Data {
			if err := zone.ValidData(set.Type, data); err != nil || !set.Owner.IsSubdomainOf(z) {
				t.Fatalf("%s serves %s %s %x: %v", z.Text(), set.Owner.Text(), set.Type, data, err)
			}
		}
	}
}

// serveHonest sends a change of the honest member, which has to be taken.
func (v *victim) serveHonest(t *testing.T) {
	t.Helper()
	change := v.state.Change(v.node.now(), "honest", v.state.SetMeta(zone.MetaStamp, fmt.Sprint(v.state.Vector.Sum()))...)
	if len(v.state.Keys) == 0 {
		change = v.state.Create(nil, zone.CreateOptions{Owner: "root", Home: v.home, Now: v.node.now()})
	}
	if _, _, err := v.state.Apply(zone.NodeID{0x40}, change); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := v.honest.Deliver(ctx, []wire.Item{{Position: v.state.Vector.Sum(), Delta: v.state.Whole()}})
	if err != nil || len(out) != 1 || out[0].Result != wire.Stored {
		t.Fatalf("a change of the honest member: %v, %v", out, err)
	}
}

// etag of the zone that only the node itself may change.
func (v *victim) etag(t *testing.T) string {
	t.Helper()
	h, err := v.node.store.Head(v.zones[0])
	if err != nil {
		t.Fatal(err)
	}
	return h.ETag()
}

// script makes a conversation of any octets: each step of it is nearly what a member says.
type script struct {
	rest  []byte
	zones []zone.Name
	ids   []zone.NodeID
	home  string
}

func (s *script) octet() byte {
	if len(s.rest) == 0 {
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

func (s *script) octets() []byte {
	n := min(int(s.octet()), len(s.rest))
	b := s.rest[:n]
	s.rest = s.rest[n:]
	return b
}

func pick[T any](s *script, of ...T) T { return of[int(s.octet())%len(of)] }

func (s *script) number() uint64 {
	return pick(s, 1, 0, 2, 3, 1<<20, 1<<40, 1<<63, 1<<64-1, uint64(s.octet()))
}

func frameOf(kind wire.Type, flags byte, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	return append(append(b, byte(kind), flags), payload...)
}

// hello is a greeting that the door takes, unless the script spoils it.
func (s *script) hello(fingerprint string) []byte {
	h := wire.Hello{
		Facts: wire.Facts{Name: "evil.test", Instance: "evil", Fingerprint: fingerprint, Behind: []string{string(s.octets())}},
		Push:  true, Follow: s.octet()%2 == 0, Replace: s.octet()%4 == 1,
		Cursor: wire.Cursor{Instance: pick(s, "", "evil", string(s.octets())), Position: s.number()}, Start: s.number(),
		Link: pick(s, "", "one", string(s.octets())),
	}
	text, _ := json.Marshal(h)
	if s.octet()%8 == 1 {
		text = append(text[:len(text)/2], s.octets()...)
	}
	return frameOf(wire.TypeHello, 0, append([]byte("ZFLT\x01\x01"), text...))
}

// step is one thing that the member says.
func (s *script) step() []byte {
	switch s.octet() % 12 {
	case 0, 1, 2:
		return s.deltas()
	case 3:
		b := binary.BigEndian.AppendUint64(nil, s.number())
		b = append(binary.AppendUvarint(b, 1), pick(s, s.zones...)...)
		b = append(binary.AppendUvarint(b, s.number()), s.octet()%8)
		return frameOf(wire.TypeAcks, 0, append(b, s.octets()...))
	case 4:
		b := append(binary.AppendUvarint(nil, 1), pick(s, s.zones...)...)
		b = binary.AppendUvarint(b, s.number())
		return frameOf(wire.TypeReports, 0, append(b, s.servers()...))
	case 5:
		return frameOf(wire.TypeTopology, 0, s.servers())
	case 6:
		return frameOf(pick(s, wire.TypeHeartbeat, wire.TypeCaughtUp, wire.TypeSettled, wire.Type(0xff)), 0, s.octets())
	case 7: // a long message that is begun, perhaps never ended
		first := binary.BigEndian.AppendUint64(nil, s.number())
		kind := pick(s, wire.TypeDeltas, wire.TypeAcks, wire.TypeReports, wire.TypeHello)
		return frameOf(kind, 2, append(first, s.octets()...))
	case 8:
		return frameOf(wire.TypeBye, 0, s.octets())
	case 9:
		return s.octets()
	}
	return frameOf(wire.Type(s.octet()), s.octet(), s.octets())
}

func (s *script) servers() []byte {
	b := []byte{1}
	text := s.octets()
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func (s *script) deltas() []byte {
	b := binary.BigEndian.AppendUint64(nil, s.number())
	n := 1 + int(s.octet()%3)
	b = binary.AppendUvarint(b, uint64(n))
	for range n {
		b = append(binary.AppendUvarint(b, s.number()), s.octet()%8)
		d := zone.AppendDelta(nil, s.delta())
		if s.octet()%8 == 1 { // spoiled in one octet
			d[int(s.octet())%len(d)] ^= s.octet()
		}
		b = append(b, d...)
	}
	return frameOf(wire.TypeDeltas, 0, b)
}

func (s *script) vector() zone.Vector {
	v := zone.Vector{}
	for range s.octet() % 4 {
		v[pick(s, s.ids...)] = max(1, s.number())
	}
	return v
}

func (s *script) dot() zone.Dot { return zone.Dot{Node: pick(s, s.ids...), Counter: s.number()} }

func (s *script) delta() zone.Delta {
	d := zone.Delta{Zone: pick(s, s.zones...), Whole: s.octet()%2 == 0, Vector: s.vector(), Base: s.number()}
	if !d.Whole {
		d.Since = s.vector()
	}
	life := s.dot()
	d.Vector.Merge(zone.Vector{life.Node: max(1, life.Counter)})
	seen := map[zone.Key]bool{}
	if s.octet()%2 == 0 { // a life as it has to be
		for _, meta := range []string{zone.MetaCreated, zone.MetaOwner, zone.MetaHome} {
			text := map[string]string{zone.MetaCreated: "1", zone.MetaOwner: "root", zone.MetaHome: s.home}[meta]
			k := zone.Key{Life: life, Meta: meta}
			seen[k] = true
			d.Keys = append(d.Keys, zone.KeyVersions{Key: k, Versions: []zone.Version{{Dot: life, Time: 1, Value: []byte(text)}}})
		}
	}
	for range s.octet() % 5 {
		k := s.key(life, d.Zone)
		if seen[k] {
			continue
		}
		seen[k] = true
		kv := zone.KeyVersions{Key: k}
		for range s.octet() % 3 {
			kv.Versions = append(kv.Versions, s.version(life))
		}
		d.Keys = append(d.Keys, kv)
	}
	return d
}

func (s *script) key(life zone.Dot, z zone.Name) zone.Key {
	if s.octet()%3 == 0 {
		return zone.Key{Life: life, Meta: pick(s, zone.MetaEnd, zone.MetaHome, zone.MetaOwner, zone.MetaCreated, zone.MetaStamp, zone.MetaTouched, "x")}
	}
	return zone.Key{Life: life, Owner: pick(s, z, "\x03www"+z, pick(s, s.zones...)), Type: pick(s, zone.TypeA, zone.TypeSOA, zone.TypeNS, zone.TypeCNAME, zone.TypeTXT, zone.Type(s.octet()))}
}

func (s *script) version(life zone.Dot) zone.Version {
	v := zone.Version{
		Dot: pick(s, life, s.dot()), Time: zone.Millis(s.number()), Hash: uint32(s.number()), Author: "evil",
		Absent: s.octet()%8 == 1, Addition: s.octet()%4 == 1, Replace: s.octet()%4 == 1,
	}
	if v.Addition {
		v.Begin = pick(s, life, zone.Dot{}, s.dot())
	}
	if !v.Absent {
		v.Value = pick(s, zone.EncodeRRset(300, [][]byte{{192, 0, 2, 1}}), zone.EncodeRRset(300, [][]byte{s.octets()}), s.octets(),
			zone.AppendVector(nil, s.vector()), []byte("1"), []byte(s.home))
	}
	return v
}

// talk has one conversation with the node: a link, or single questions.
func (v *victim) talk(t *testing.T, input []byte) {
	s := &script{rest: input, zones: v.zones, home: "evil.test " + v.hostile.Fingerprint(), ids: []zone.NodeID{{0xee}, v.node.store.NodeID(), {}, {0xff, 1}}}
	paths := []string{wire.PathLink, wire.PathLink, wire.PathLink, wire.PathExists, wire.PathCompare, wire.PathStand, wire.PathFetch, wire.PathTrust, wire.PathUntrust, wire.PathLeave}
	path := pick(s, paths...)
	var said []byte
	if path == wire.PathLink && s.octet()%16 != 1 {
		said = s.hello(v.hostile.Fingerprint())
	}
	for steps := 0; len(s.rest) > 0 && steps < 64; steps++ {
		if path != wire.PathLink && s.octet()%4 == 0 {
			said = append(said, fmt.Sprintf(`{"name":"evil.test","host":%q,"port":%d,"token":%q}`, s.octets(), s.number()%70000, v.token)...)
			continue
		}
		said = append(said, s.step()...)
	}
	v.request(t, path, said)
}

// FuzzLeaf: a member with a leaf token says whatever it likes. The node goes on, and no zone that is not the member's
// changes.
func FuzzLeaf(f *testing.F) { conversations(f, false) }

// FuzzRelay: the same with a token that may change every zone; what it may not do is to break the node.
func FuzzRelay(f *testing.F) { conversations(f, true) }

func conversations(f *testing.F, relay bool) {
	v := newVictim(f, relay)
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x01"))
	for path := range byte(10) {
		for kind := range byte(12) {
			input := []byte{path}
			for i := range byte(60) {
				input = append(input, kind, i*kind, i)
			}
			f.Add(input)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		before := ""
		if !relay {
			before = v.etag(t)
		}
		v.talk(t, input)
		v.unharmed(t, before)
	})
}
