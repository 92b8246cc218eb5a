package control_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// narrow is a token of a user's with these privileges alone.
func (s *server) narrow(t *testing.T, user string, has ...acl.Privilege) acl.Principal {
	t.Helper()
	p := s.as(t, user)
	p.TokenID, p.Privileges, p.Root = "narrow", has, false
	return p
}

// A token with less than its user sets no password of it and opens no session: that would make it the user.
func TestANarrowTokenDoesNotBecomeItsUser(t *testing.T) {
	s := town(t)
	for _, user := range []string{"seller", acl.Root} {
		wantCode(t, s.SetPassword(ctx(), s.narrow(t, user, acl.ChangePasswords), user, password), control.CodeDenied)
		_, err := s.MakeLink(ctx(), s.narrow(t, user, acl.CreateSession), user)
		wantCode(t, err, control.CodeDenied)
	}
}

// What comes back out of the trash, or by an undo, is a zone that begins: names above and below it may be another's by then.
func TestAZoneDoesNotComeBackBelowAnothers(t *testing.T) {
	s := town(t)
	seller, other := s.as(t, "seller"), s.as(t, "other")
	below := name("www.late.example")
	if _, err := s.CreateZone(ctx(), seller, control.CreateRequest{Zone: below}); err != nil {
		t.Fatal(err)
	}
	deleted, err := s.DeleteZone(ctx(), seller, control.DeleteRequest{Zone: below})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateZone(ctx(), other, control.CreateRequest{Zone: name("late.example")}); err != nil {
		t.Fatal(err)
	}
	_, err = s.RestoreZone(ctx(), seller, control.RestoreRequest{Zone: below})
	wantCode(t, err, control.CodeDenied)
	_, err = s.UndoChange(ctx(), seller, control.UndoRequest{Position: deleted.Position})
	wantCode(t, err, control.CodeDenied)
	if s.liveNow(t, "www.late.example") {
		t.Error("it is back")
	}
	if _, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: below}); err != nil {
		t.Errorf("root may, and is not: %v", err)
	}
}

// Two accounts ask at once for a zone and for one below it: one of them gets it.
func TestTwoAccountsRaceForAName(t *testing.T) {
	s := town(t)
	for i := range 20 {
		var made atomic.Int32
		var all sync.WaitGroup
		for user, z := range map[string]string{"seller": fmt.Sprintf("race%d.example", i), "other": fmt.Sprintf("p.race%d.example", i)} {
			p := s.as(t, user)
			all.Go(func() {
				if _, err := s.CreateZone(ctx(), p, control.CreateRequest{Zone: name(z)}); err == nil {
					made.Add(1)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Fatalf("round %d: %d of two zones are made", i, made.Load())
		}
	}
}

// A set waits for whoever may do all that it does: a token that may not delete does not have zones deleted, one that may do
// nothing else may.
func TestASetIsConfirmedByOneWhoMayDoIt(t *testing.T) {
	s := town(t)
	s.works(t)
	c, err := s.BeginChangeSet(ctx(), s.as(t, "seller"), control.SetRequest{Kind: control.SetDelete, Zones: []zone.Name{name("shop.example")}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ConfirmChangeSet(ctx(), s.narrow(t, "seller", acl.EditDNS), c.ID, 1)
	wantCode(t, err, control.CodeDenied)
	_, err = s.StopChangeSet(ctx(), s.narrow(t, "seller", acl.EditDNS), c.ID)
	wantCode(t, err, control.CodeDenied)
	if _, err := s.ConfirmChangeSet(ctx(), s.narrow(t, "seller", acl.KillDNS), c.ID, 1); err != nil {
		t.Fatal(err)
	}
	if c = s.rests(t, c.ID); c.Changed != 1 || s.liveNow(t, "shop.example") {
		t.Errorf("%+v", c)
	}
}

// An open session does not change the authenticator for another: the old one has to be removed, with a code of it.
func TestAnAuthenticatorIsNotReplaced(t *testing.T) {
	s := town(t)
	if err := s.SetPassword(ctx(), root, "shop", password); err != nil {
		t.Fatal(err)
	}
	shop := s.as(t, "shop")
	for i := range 2 {
		o, err := s.OfferTOTP(ctx(), shop)
		if err == nil {
			_, err = s.ConfirmTOTP(ctx(), shop, o.Secret, codeAt(t, o.Secret, s.world.now))
		}
		if i == 0 && err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			wantCode(t, err, control.CodeConflict)
		}
	}
}

// Wrong passwords that are tried at once are told apart from a right one ten times, not more.
func TestTriesAtOnceAreThrottled(t *testing.T) {
	s := town(t)
	if err := s.SetPassword(ctx(), root, "shop", password); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: "wrong", From: here}); control.CodeOf(err) == control.CodeUnauthenticated {
				told.Add(1)
			}
		})
	}
	all.Wait()
	if n := told.Load(); n < 10 || n > 10+hashesAtOnce {
		t.Errorf("%d tries were told that they are wrong", n)
	}
}

// hashesAtOnce may have ended before the tenth failure was counted.
const hashesAtOnce = 8

// Acts on many zones of one user neither take the place of another's nor keep others from beginning.
func TestNobodysChangeSetsDisplaceAnothers(t *testing.T) {
	s := town(t)
	ask := func(user string) control.ChangeSet {
		c, err := s.BeginChangeSet(ctx(), s.as(t, user), control.SetRequest{Kind: control.SetDelete, Zones: []zone.Name{name(user + ".example")}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	mine := ask("other")
	for range 210 {
		ask("seller")
	}
	if _, err := s.ShowChangeSet(ctx(), s.as(t, "other"), mine.ID); err != nil {
		t.Errorf("it is gone: %v", err)
	}
	if all, err := s.ChangeSets(ctx(), s.as(t, "seller")); err != nil || len(all) > 201 {
		t.Errorf("%d are kept, %v", len(all), err)
	}
}

// Who comes after a user of the same name has none of its templates.
func TestTemplatesGoWithTheirUser(t *testing.T) {
	s := town(t)
	const mine = "@ A 192.0.2.77\n"
	text, err := s.ShowTemplate(ctx(), s.as(t, "seller"), "simple")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetTemplate(ctx(), s.as(t, "seller"), "standard", text.Text+mine); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "seller"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(ctx(), root, control.NewUser{Name: "seller", Privileges: acl.Privileges{acl.CreateDNS}}); err != nil {
		t.Fatal(err)
	}
	if now, err := s.ShowTemplate(ctx(), s.as(t, "seller"), "standard"); err != nil || !now.BuiltIn() {
		t.Errorf("%+v, %v", now, err)
	}
}
