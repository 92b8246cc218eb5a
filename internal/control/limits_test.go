package control_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Each of what people and programs give is taken at its bound and refused above it.
func TestWhatIsGivenHasBounds(t *testing.T) {
	s := newWorld().server(t, "ns.test")
	s.create(t, "example.com")
	manyOps := func(n int) error {
		op := set("www.example.com", zone.TypeA, "192.0.2.1")
		ops := make([]control.Op, n)
		for i := range ops {
			ops[i] = op
		}
		_, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name("example.com"), Ops: ops, DryRun: true})
		return err
	}
	token := func(n int) error {
		_, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: strings.Repeat("x", n)})
		return err
	}
	addresses := func(n int) error {
		r := control.TokenRequest{Name: fmt.Sprintf("from-%d", n)}
		for i := range n {
			r.Addresses = append(r.Addresses, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32))
		}
		_, err := s.CreateToken(ctx(), root, r)
		return err
	}
	reason := func(n int) error {
		_, err := s.EditZone(ctx(), root, control.EditRequest{
			Zone: name("example.com"), Ops: []control.Op{set("www.example.com", zone.TypeA, "192.0.2.1")}, Reason: strings.Repeat("x", n), DryRun: true,
		})
		return err
	}
	servers := func(n int) error {
		set := control.Settings{}
		for range n {
			set.Nameservers = append(set.Nameservers, name("ns.example.net"))
		}
		return s.SetSettings(ctx(), root, set)
	}
	prefixes := func(n int) error {
		set := control.Settings{}
		for i := range n {
			set.AllowTransfer = append(set.AllowTransfer, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32))
		}
		return s.SetSettings(ctx(), root, set)
	}
	owner := func(n int) error {
		_, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(fmt.Sprintf("z%d.example", n)), Owner: strings.Repeat("x", n)})
		return err
	}
	incoming := func(n int) error {
		in := make([]control.Incoming, n)
		for i := range in {
			in[i].Delta = zone.Delta{Zone: zone.Root, Whole: true}
		}
		_, err := s.Receive(ctx(), s.link(), in)
		return err
	}
	user := func(n int) error {
		_, err := s.AddUser(ctx(), root, control.NewUser{Name: strings.Repeat("v", n)})
		return err
	}
	contact := func(n int) error {
		mail := strings.Repeat("m", 50) + "@" + strings.Repeat("x", n-51)
		_, err := s.AddUser(ctx(), root, control.NewUser{Name: fmt.Sprintf("c%d", n), Contact: mail})
		return err
	}
	own := func(n int) error {
		var list []control.Nameserver
		for i := range n {
			list = append(list, control.Nameserver{Name: name(fmt.Sprintf("ns%d.example.net", i))})
		}
		_, err := s.EditUser(ctx(), root, control.UserEdit{Name: strings.Repeat("u", 64), Nameservers: &list})
		return err
	}
	lists := func(n int) (err error) {
		for i := range n {
			err = errors.Join(err, s.SavePrivilegeList(ctx(), root, control.PrivilegeList{Name: fmt.Sprintf("list%d", i)}))
		}
		return err
	}
	if _, err := s.AddUser(ctx(), root, control.NewUser{Name: strings.Repeat("u", 64)}); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		bound int
		give  func(int) error
		code  control.Code
	}{
		"operations of an edit":    {100_000, manyOps, control.CodeTooLarge},
		"a reason":                 {1000, reason, control.CodeInvalid},
		"a token's name":           {50, token, control.CodeInvalid},
		"a token's addresses":      {100, addresses, control.CodeTooLarge},
		"nameservers of settings":  {13, servers, control.CodeTooLarge},
		"address ranges":           {1000, prefixes, control.CodeTooLarge},
		"an account's name":        {64, owner, control.CodeInvalid},
		"a reseller's nameservers": {4, own, control.CodeTooLarge},
		"lists of privileges":      {100, lists, control.CodeTooLarge},
		"a user's name":            {64, user, control.CodeInvalid},
		"a mail address":           {254, contact, control.CodeInvalid},
		"zones in one message":     {10_000, incoming, control.CodeTooLarge},
	} {
		if err := c.give(c.bound); err != nil {
			t.Errorf("%s at the bound of %d: %v", what, c.bound, err)
		}
		if err := c.give(c.bound + 1); err == nil {
			t.Errorf("%s above the bound of %d is taken", what, c.bound)
		} else {
			wantCode(t, err, c.code)
		}
	}
}

// What one member sends of one zone is bounded too, and refused alone.
func TestAZoneThatNoServerCanHaveIsRefused(t *testing.T) {
	s := newWorld().server(t, "ns.test")
	life := zone.Dot{Node: zone.NodeID{1}, Counter: 1}
	nodes := func(n int) zone.Vector {
		v := zone.Vector{}
		for i := range n {
			var id zone.NodeID
			binary.BigEndian.PutUint64(id[:], uint64(i)+1<<40)
			v[id] = 1
		}
		v[life.Node] = 1
		return v
	}
	versions := func(n int) []zone.KeyVersions {
		kv := zone.KeyVersions{Key: zone.Key{Life: life, Owner: name("www.example.com"), Type: zone.TypeA}}
		for i := range n {
			kv.Versions = append(kv.Versions, zone.Version{Dot: life, Time: zone.Millis(i), Hash: uint32(i), Value: zone.EncodeRRset(300, data(zone.TypeA, "192.0.2.1"))})
		}
		return []zone.KeyVersions{kv}
	}
	receive := func(d zone.Delta) control.Outcome {
		d.Zone, d.Whole = name("example.com"), true
		out, err := s.Receive(ctx(), s.link(), []control.Incoming{{Delta: d, Position: 1}})
		if err != nil {
			t.Fatal(err)
		}
		return out[0]
	}
	for what, d := range map[string]zone.Delta{
		"10,001 node ids":         {Vector: nodes(10_000)},
		"1,001 versions of a key": {Vector: zone.Vector{life.Node: 1}, Keys: versions(1001)},
	} {
		if o := receive(d); o.Result != control.Refused || !strings.Contains(o.Reason, "not valid") {
			t.Errorf("%s: %+v", what, o)
		}
	}
	for what, d := range map[string]zone.Delta{
		"10,000 node ids":         {Vector: nodes(9999)},
		"1,000 versions of a key": {Vector: zone.Vector{life.Node: 1}, Keys: versions(1000)},
	} {
		if o := receive(d); strings.Contains(o.Reason, "larger") || strings.Contains(o.Reason, "more than") {
			t.Errorf("%s: %+v", what, o)
		}
	}
}

// patient notes until when it may wait.
type patient struct {
	control.Reach
	until *time.Time
}

func (p patient) Wait(ctx context.Context, _ zone.Name, _ store.Position, _ int) (control.Reached, error) {
	*p.until, _ = ctx.Deadline()
	return control.Reached{}, nil
}

func TestAWaitEndsAfterTenMinutesAtMost(t *testing.T) {
	w := newWorld()
	var until time.Time
	s := &server{world: w, dir: t.TempDir()}
	s.start(t, "ns.test", func(d *control.Deps) { d.Reach = patient{until: &until} })
	defer s.stop()
	s.create(t, "example.com")
	for asked, given := range map[time.Duration]time.Duration{0: 30 * time.Second, time.Minute: time.Minute, 24 * time.Hour: 10 * time.Minute} {
		if _, err := s.Wait(ctx(), root, control.WaitRequest{Zone: name("example.com"), Timeout: asked}); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(until).Round(10 * time.Second); left != given {
			t.Errorf("asked for %s it waits %s", asked, left)
		}
	}
}
