package control_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// sellersSet begins a set of seller's that deletes its two zones; the worker does not run yet.
func sellersSet(t *testing.T, s *server, p acl.Principal) control.ChangeSet {
	t.Helper()
	c, err := s.BeginChangeSet(ctx(), p, control.SetRequest{
		Kind: control.SetDelete, Zones: []zone.Name{name("seller.example"), name("shop.example")}, Go: true, Confirm: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// edited changes a user as root.
func (s *server) edited(t *testing.T, e control.UserEdit) {
	t.Helper()
	if _, err := s.EditUser(ctx(), root, e); err != nil {
		t.Fatal(err)
	}
}

// A set has at each of its rows the rights that its starter has then: when they end, it stops and says why.
func TestASetStopsWithTheRightsOfWhoBeganIt(t *testing.T) {
	yes, few := true, acl.Privileges{acl.EditDNS}
	for why, takeAway := range map[string]func(*testing.T, *server){
		"the user seller is suspended": func(t *testing.T, s *server) { s.edited(t, control.UserEdit{Name: "seller", Suspended: &yes}) },
		"kill-dns":                     func(t *testing.T, s *server) { s.edited(t, control.UserEdit{Name: "seller", Privileges: &few}) },
		"the user seller was deleted": func(t *testing.T, s *server) {
			if _, err := s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "seller"}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(why, func(t *testing.T) {
			s := town(t)
			c := sellersSet(t, s, s.as(t, "seller"))
			takeAway(t, s)
			s.works(t)
			c = s.rests(t, c.ID)
			if c.State != control.SetStopped || c.Done != 0 || !strings.Contains(c.Why, why) {
				t.Errorf("%+v", c)
			}
			if !s.liveNow(t, "seller.example") || !s.liveNow(t, "shop.example") {
				t.Error("zones are deleted with rights that have ended")
			}
			c, err := s.ResumeChangeSet(ctx(), root, c.ID) // by one who may
			if err != nil {
				t.Fatal(err)
			}
			if c = s.rests(t, c.ID); c.State != control.SetDone || c.Changed != 2 || c.Why != "" {
				t.Errorf("resumed by root: %+v", c)
			}
			h, err := s.History(ctx(), root, name("shop.example"), 0, 1)
			if err != nil || !strings.HasPrefix(h[0].Author, "root@") {
				t.Errorf("what root had done is written down as %+v, %v", h, err)
			}
			if undo := s.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}, Go: true, Confirm: 2}); undo.Changed != 2 {
				t.Errorf("undone: %+v", undo)
			}
		})
	}
}

func (s *server) liveNow(t *testing.T, z string) bool {
	t.Helper()
	h, err := s.Store.Head(name(z))
	return err == nil && h.Live
}

// What is taken away from one zone is that zone's failure alone.
func TestASetLeavesAZoneThatIsNoLongerOnes(t *testing.T) {
	s := town(t)
	c := sellersSet(t, s, s.as(t, "seller"))
	other := "other"
	s.edited(t, control.UserEdit{Name: "shop", Owner: &other})
	s.works(t)
	c = s.rests(t, c.ID)
	if c.State != control.SetDone || c.Changed != 1 || c.Failed != 1 || !s.liveNow(t, "shop.example") {
		t.Errorf("%+v", c)
	}
}

// A set that a token began has what the token still has.
func TestASetStopsWithTheTokenThatBeganIt(t *testing.T) {
	for why, takeAway := range map[string]func(*server, acl.Principal, string) error{
		"was revoked": func(s *server, p acl.Principal, id string) error { return s.RevokeToken(ctx(), p, id) },
		"kill-dns": func(s *server, p acl.Principal, id string) error {
			few := acl.Privileges{acl.EditDNS}
			_, err := s.EditToken(ctx(), p, control.TokenEdit{ID: id, Privileges: &few})
			return err
		},
		"has expired": func(s *server, p acl.Principal, id string) error {
			soon := time.UnixMilli(int64(s.world.clock())).Add(time.Minute)
			_, err := s.EditToken(ctx(), p, control.TokenEdit{ID: id, Expires: &soon})
			s.world.now += zone.Millis(2 * time.Minute / time.Millisecond)
			return err
		},
	} {
		t.Run(why, func(t *testing.T) {
			s := town(t)
			may := acl.Privileges{acl.KillDNS, acl.EditDNS, acl.ManageAPITokens}
			s.edited(t, control.UserEdit{Name: "seller", Privileges: &may})
			made, err := s.CreateToken(ctx(), s.as(t, "seller"), control.TokenRequest{Name: "bulk"})
			if err != nil {
				t.Fatal(err)
			}
			p := s.as(t, "seller")
			p.TokenID, p.TokenName = made.ID, "bulk"
			c := sellersSet(t, s, p)
			if err := takeAway(s, s.as(t, "seller"), made.ID); err != nil {
				t.Fatal(err)
			}
			s.works(t)
			if c = s.rests(t, c.ID); c.State != control.SetStopped || !strings.Contains(c.Why, why) || !s.liveNow(t, "shop.example") {
				t.Errorf("%+v", c)
			}
			if c, err = s.ResumeChangeSet(ctx(), s.as(t, "seller"), c.ID); err != nil {
				t.Fatal(err)
			}
			if c = s.rests(t, c.ID); c.State != control.SetDone || c.Changed != 2 {
				t.Errorf("resumed by who began it: %+v", c)
			}
		})
	}
}

// Nobody gets more by waiting: what the starter gets later does not count.
func TestASetNeverHasMoreThanItBeganWith(t *testing.T) {
	s := town(t)
	p := s.as(t, "seller")
	c := sellersSet(t, s, p)
	all := acl.Privileges{acl.All}
	other := "other"
	s.edited(t, control.UserEdit{Name: "shop", Owner: &other})
	s.edited(t, control.UserEdit{Name: "seller", Privileges: &all})
	s.works(t)
	if c = s.rests(t, c.ID); c.Changed != 1 || c.Failed != 1 || !s.liveNow(t, "shop.example") {
		t.Errorf("a set of a user who has become root: %+v", c)
	}
}

// The set of a user with all is about everything; without all it is stopped, not narrowed.
func TestASetOfSomebodyWhoWasRootStops(t *testing.T) {
	s := town(t)
	all := acl.Privileges{acl.All}
	s.edited(t, control.UserEdit{Name: "seller", Privileges: &all})
	c, err := s.BeginChangeSet(ctx(), s.as(t, "seller"), control.SetRequest{
		Kind: control.SetReplace, SetParams: control.SetParams{From: "192.0.2.1", To: "192.0.2.2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	few := acl.Privileges{acl.EditDNS, acl.KillDNS}
	s.edited(t, control.UserEdit{Name: "seller", Privileges: &few})
	s.works(t)
	if c = s.rests(t, c.ID); c.State != control.SetStopped || !strings.Contains(c.Why, "privilege all") {
		t.Errorf("%+v", c)
	}
}

func TestWhoMayResumeASet(t *testing.T) {
	s := town(t)
	c := sellersSet(t, s, s.as(t, "seller"))
	if _, err := s.ResumeChangeSet(ctx(), root, c.ID); control.CodeOf(err) != control.CodeConflict {
		t.Errorf("one that runs: %v", err)
	}
	if _, err := s.StopChangeSet(ctx(), s.as(t, "seller"), c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ResumeChangeSet(ctx(), s.as(t, "other"), c.ID); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("another's: %v", err)
	}
	few := acl.Privileges{acl.EditDNS}
	s.edited(t, control.UserEdit{Name: "seller", Privileges: &few})
	if _, err := s.ResumeChangeSet(ctx(), s.as(t, "seller"), c.ID); control.CodeOf(err) != control.CodeDenied {
		t.Errorf("without the privilege: %v", err)
	}
	if _, err := s.ResumeChangeSet(ctx(), root, c.ID); err != nil {
		t.Fatal(err)
	}
	s.works(t)
	if c = s.rests(t, c.ID); c.State != control.SetDone {
		t.Errorf("%+v", c)
	}
	if _, err := s.ResumeChangeSet(ctx(), root, c.ID); control.CodeOf(err) != control.CodeConflict {
		t.Errorf("one that is done: %v", err)
	}
}

// Who may write MX records alone is told before an act on many zones begins, not by each of its zones.
func TestAnActThatEditMXCannotDoAnywhereDoesNotBegin(t *testing.T) {
	s := town(t)
	s.edited(t, control.UserEdit{Name: "shop", Privileges: &acl.Privileges{acl.EditMX}})
	zones := []zone.Name{name("shop.example")}
	for what, r := range map[string]control.SetRequest{
		"a TTL":      {Kind: control.SetTTL, Zones: zones, SetParams: control.SetParams{TTL: 300}},
		"restoring":  {Kind: control.SetRestore, Zones: zones},
		"an address": {Kind: control.SetReplace, SetParams: control.SetParams{From: "192.0.2.1", To: "192.0.2.2"}},
	} {
		_, err := s.BeginChangeSet(ctx(), s.as(t, "shop"), r)
		wantCode(t, err, control.CodeDenied)
		if err != nil && !strings.Contains(err.Error(), "edit-mx is for MX records only") {
			t.Errorf("%s: %v", what, err)
		}
	}
	hosts := control.SetRequest{Kind: control.SetReplace, SetParams: control.SetParams{From: "mail.shop.example.", To: "mx.shop.example."}}
	if _, err := s.BeginChangeSet(ctx(), s.as(t, "shop"), hosts); err != nil {
		t.Errorf("a host name, which MX records have: %v", err)
	}
	s.edited(t, control.UserEdit{Name: "shop", Privileges: &acl.Privileges{acl.ManageDNSRecords}})
	ttl := control.SetRequest{Kind: control.SetTTL, Zones: zones, SetParams: control.SetParams{TTL: 300}}
	if _, err := s.BeginChangeSet(ctx(), s.as(t, "shop"), ttl); err != nil {
		t.Errorf("a TTL with manage-dns-records: %v", err)
	}
}
