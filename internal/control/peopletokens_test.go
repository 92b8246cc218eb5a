package control_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
)

// A token does what its account may at the moment: it stands still while the account, or its reseller, is suspended, has what
// privileges are left, and is worthless once the account is gone.
func TestTokensStandAndFallWithTheirAccount(t *testing.T) {
	s := town(t)
	edit := func(user string, change func(*control.UserEdit)) {
		t.Helper()
		e := control.UserEdit{Name: user}
		change(&e)
		if _, err := s.EditUser(ctx(), root, e); err != nil {
			t.Fatal(err)
		}
	}
	allow := func(privileges ...acl.Privilege) {
		t.Helper()
		set := acl.Privileges(privileges)
		edit("shop", func(e *control.UserEdit) { e.Privileges = &set })
	}
	suspend := func(user string, yes bool) {
		t.Helper()
		edit(user, func(e *control.UserEdit) { e.Suspended = &yes })
	}
	allow(acl.ManageAPITokens, acl.EditDNS)
	made, err := s.CreateToken(ctx(), s.as(t, "shop"), control.TokenRequest{Name: "deploy"})
	if err != nil {
		t.Fatal(err)
	}
	v := auth.Verifier{Book: s, Now: func() time.Time { return time.UnixMilli(int64(s.world.clock())) }}
	verify := func(what string, want error) acl.Principal {
		t.Helper()
		p, err := v.Verify(ctx(), made.Text, here)
		if !errors.Is(err, want) || err != nil && p.User != "" {
			t.Errorf("%s: %+v, %v, want %v", what, p, err, want)
		}
		return p
	}
	if p := verify("at first", nil); p.User != "shop" || !p.Privileges.Has(acl.EditDNS) {
		t.Errorf("it is %+v", p)
	}
	for _, user := range []string{"shop", "seller"} {
		suspend(user, true)
		verify(user+" is suspended", auth.ErrSuspend)
		suspend(user, false)
		verify(user+" is no more", nil)
	}
	allow(acl.ManageAPITokens)
	if p := verify("with less", nil); p.Privileges.Has(acl.EditDNS) {
		t.Errorf("it has what its account lost: %+v", p)
	}
	if _, err := s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "shop"}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(ctx(), made.Text, here); err == nil {
		t.Error("it works without its account")
	}
	// Whoever gets the name next does not get the token.
	if _, err := s.AddUser(ctx(), root, control.NewUser{Name: "shop"}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(ctx(), made.Text, here); err == nil {
		t.Error("it works for the next of its name")
	}
}

// Root saves a list of privileges under a name; who adds accounts sees it; who has got it keeps it when the list changes.
func TestListsOfPrivilegesAreSavedAndGiven(t *testing.T) {
	s := town(t)
	few, more := acl.Privileges{acl.EditMX}, acl.Privileges{acl.EditDNS, acl.EditMX}
	save := func(p acl.Principal, set acl.Privileges) error {
		return s.SavePrivilegeList(ctx(), p, control.PrivilegeList{Name: "basic", Privileges: set})
	}
	wantCode(t, save(s.as(t, "seller"), few), control.CodeDenied)
	if err := save(root, few); err != nil {
		t.Fatal(err)
	}
	seller := s.as(t, "seller")
	if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "shop", Privileges: &few}); err != nil {
		t.Fatal(err)
	}
	if err := save(root, more); err != nil { // in its place
		t.Fatal(err)
	}
	list, err := s.PrivilegeLists(ctx(), seller)
	if err != nil || len(list) != 1 || list[0].Name != "basic" || !slices.Equal(list[0].Privileges, more) {
		t.Errorf("the seller sees %+v, %v", list, err)
	}
	if _, err := s.PrivilegeLists(ctx(), s.as(t, "stall")); err == nil {
		t.Error("an account that adds none sees it")
	}
	if u, err := s.ShowUser(ctx(), root, "shop"); err != nil || !slices.Equal(u.Privileges, few) {
		t.Errorf("shop has %+v, %v", u.Privileges, err)
	}
	if err := s.DeletePrivilegeList(ctx(), root, "basic"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.DeletePrivilegeList(ctx(), root, "basic"), control.CodeNotFound)
}
