package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// addsMember reads "ROLE", and after it "leaf", "all zones", "unsynchronized" and "with reverse trust", with commas between.
func (w *world) addsMember(v values) error {
	from, to, err := v.pair()
	if err != nil {
		return err
	}
	e := &edge{from: from, to: to, sync: true}
	trust := false
	for i, word := range strings.Split(v.of["ROLE"], ", ") {
		switch {
		case i == 0:
			if e.role, err = cluster.ParseRole(word); err != nil {
				return err
			}
		case word == "leaf":
			e.leaf = true
		case word == "all zones":
			e.zones = cluster.All
		case word == "unsynchronized":
			e.sync = false
		case word == "with reverse trust":
			trust = true
		default:
			return fmt.Errorf("a member cannot be added %q", word)
		}
	}
	lives := []*running{from.run, to.run}
	if err := w.addMember(e, trust); err != nil {
		return err
	}
	for _, r := range lives {
		if r.dead.Load() {
			return errors.New("the power failed meanwhile: what was said counts for nothing")
		}
	}
	w.links = append(w.links, e)
	return nil
}

func (w *world) addMember(e *edge, trust bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), editTime)
	defer cancel()
	here, err := e.from.control()
	if err != nil {
		return err
	}
	there, err := e.to.control()
	if err != nil {
		return err
	}
	for _, c := range []*control.Control{here, there} {
		if err := c.EnableClustering(ctx, acl.Local()); err != nil {
			return err
		}
	}
	token, err := there.CreateToken(ctx, acl.Local(), control.TokenRequest{Name: e.from.name, Kind: auth.KindMember, Relay: !e.leaf})
	if err != nil {
		return err
	}
	_, err = here.AddMember(ctx, acl.Local(), control.MemberRequest{
		Host: e.to.addr.String(), Token: token.Text, Role: e.role, Zones: e.zones, SyncNow: e.sync, ReverseTrust: trust,
	})
	return err
}

// atMember makes a step of what a server is asked to do with one of its members.
func atMember(f func(ctx context.Context, c *control.Control, host string) error) func(*world, values) error {
	return func(_ *world, v values) error {
		from, to, err := v.pair()
		if err != nil {
			return err
		}
		c, err := from.control()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), editTime)
		defer cancel()
		return f(ctx, c, to.addr.String())
	}
}

// removesMember takes the link out of what is checked. When the power fails meanwhile it may have been removed or not.
func (w *world) removesMember(v values) error {
	from, to, err := v.pair()
	if err != nil {
		return err
	}
	running, err := from.running()
	if err != nil {
		return err
	}
	err = atMember(func(ctx context.Context, c *control.Control, host string) error {
		_, err := c.RemoveMember(ctx, acl.Local(), control.RemoveRequest{Host: host})
		return err
	})(w, v)
	if err != nil && !running.dead.Load() {
		return err
	}
	w.links = slices.DeleteFunc(w.links, func(e *edge) bool {
		gone := e.from == from && e.to == to
		if gone {
			w.removed = append(w.removed, e)
		}
		return gone
	})
	return err
}

func synchronizes(ctx context.Context, c *control.Control, host string) error {
	_, err := c.SyncMember(ctx, acl.Local(), host)
	return err
}
