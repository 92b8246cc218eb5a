package control_test

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// town is a server with two resellers, an account of each, and a zone of everybody.
func town(t *testing.T) *server {
	t.Helper()
	s := newWorld().server(t, "ns.test")
	every := acl.Privileges{acl.CreateDNS, acl.EditDNS, acl.KillDNS, acl.CreateAccount, acl.EditAccount, acl.KillAccount, acl.ChangePasswords, acl.NSConfig}
	for _, u := range []control.NewUser{
		{Name: "seller", Privileges: every}, {Name: "shop", Owner: "seller"}, {Name: "other", Privileges: every}, {Name: "stall", Owner: "other"},
	} {
		if _, err := s.AddUser(ctx(), root, u); err != nil {
			t.Fatal(err)
		}
	}
	for _, owner := range []string{"root", "seller", "shop", "other", "stall", "ghost"} {
		s.createFor(t, owner+".example", owner)
	}
	return s
}

func (s *server) createFor(t *testing.T, z, owner string) {
	t.Helper()
	if _, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Owner: owner}); err != nil {
		t.Fatal(err)
	}
}

// as is a user as signed in now.
func (s *server) as(t *testing.T, user string) acl.Principal {
	t.Helper()
	a, err := s.Account(ctx(), user)
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Principal(user)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *server) listed(t *testing.T, p acl.Principal) (names []string) {
	t.Helper()
	l, err := s.ListZones(ctx(), p, control.ListRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range l.Zones {
		names = append(names, h.Zone.Text())
	}
	if l.Total != len(names) {
		t.Errorf("%s is told of %d zones and shown %d", p.User, l.Total, len(names))
	}
	return names
}

func TestEverybodySeesOwnThingsOnly(t *testing.T) {
	s := town(t)
	for who, want := range map[string][]string{
		"root":   {"ghost.example", "other.example", "root.example", "seller.example", "shop.example", "stall.example"},
		"seller": {"seller.example", "shop.example"}, "shop": {"shop.example"}, "other": {"other.example", "stall.example"}, "stall": {"stall.example"},
	} {
		p := s.as(t, who)
		if got := s.listed(t, p); !slices.Equal(got, want) {
			t.Errorf("%s sees %q, want %q", who, got, want)
		}
		changes, err := s.Changes(ctx(), p, 0, 100)
		if err != nil || len(changes) != len(want) {
			t.Errorf("%s sees %d changes, want %d, %v", who, len(changes), len(want), err)
		}
		for _, owner := range []string{"root", "seller", "shop", "other", "stall", "nobody"} {
			l, err := s.ListZones(ctx(), p, control.ListRequest{Owner: owner})
			if sees := slices.Contains(want, owner+".example"); err != nil || (l.Total == 1) != sees {
				t.Errorf("%s asks for the zones of %s: %d, %v", who, owner, l.Total, err)
			}
		}
	}
	users, err := s.ListUsers(ctx(), s.as(t, "seller"), control.UserFilter{})
	if err != nil || users.Total != 2 || users.Users[0].Name != "seller" || users.Users[1].Name != "shop" {
		t.Errorf("seller sees the users %+v, %v", users, err)
	}
}

// What is another's is answered as what is not there, word for word.
func TestNotYoursIsNotThere(t *testing.T) {
	s := town(t)
	seller := s.as(t, "seller")
	other, none := name("other.example"), name("none.example")
	entries, err := s.History(ctx(), root, other, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	position := entries[0].Position
	asks := map[string]func(z zone.Name) error{
		"show":    func(z zone.Name) error { _, err := s.ShowZone(ctx(), seller, z); return err },
		"history": func(z zone.Name) error { _, err := s.History(ctx(), seller, z, 0, 1); return err },
		"diff":    func(z zone.Name) error { _, err := s.Diff(ctx(), seller, z, 0, 0); return err },
		"edit": func(z zone.Name) error {
			_, err := s.EditZone(ctx(), seller, control.EditRequest{Zone: z, Ops: []control.Op{set("www."+z.Text(), zone.TypeA, "192.0.2.1")}})
			return err
		},
		"delete": func(z zone.Name) error {
			_, err := s.DeleteZone(ctx(), seller, control.DeleteRequest{Zone: z})
			return err
		},
		"restore": func(z zone.Name) error {
			_, err := s.RestoreZone(ctx(), seller, control.RestoreRequest{Zone: z, Position: position})
			return err
		},
		"conflicts": func(z zone.Name) error {
			_, err := s.Conflicts(ctx(), seller, control.ConflictQuery{Zone: z})
			return err
		},
		"wait": func(z zone.Name) error { _, err := s.Wait(ctx(), seller, control.WaitRequest{Zone: z}); return err },
	}
	for what, ask := range asks {
		theirs, missing := ask(other), ask(none)
		wantCode(t, theirs, control.CodeNotFound)
		sameRefusal(t, what, theirs, "other.example", missing, "none.example")
	}
	_, theirs := s.ShowChange(ctx(), seller, position)
	wantCode(t, theirs, control.CodeNotFound)
	question := func(n string) error {
		_, _, err := s.Ask(ctx(), seller, control.AskRequest{Name: name(n), Type: zone.TypeA})
		return err
	}
	sameRefusal(t, "ask", question("www.other.example"), "www.other.example", question("www.none.example"), "www.none.example")
	wantCode(t, question("www.shop.example"), control.CodeUnavailable) // allowed, and no server answers DNS in this test
	users := map[string]func(n string) error{
		"show user": func(n string) error { _, err := s.ShowUser(ctx(), seller, n); return err },
		"edit user": func(n string) error {
			_, err := s.EditUser(ctx(), seller, control.UserEdit{Name: n, Contact: new(string)})
			return err
		},
		"password": func(n string) error { return s.SetPassword(ctx(), seller, n, "correct horse battery") },
		"link":     func(n string) error { _, err := s.MakeLink(ctx(), seller, n); return err },
		"sessions": func(n string) error { _, err := s.Sessions(ctx(), seller, n); return err },
		"delete user": func(n string) error {
			_, err := s.DeleteUser(ctx(), seller, control.DeleteRequestUser{Name: n})
			return err
		},
		"zones for": func(n string) error {
			_, err := s.CreateZone(ctx(), seller, control.CreateRequest{Zone: name("new.example"), Owner: n})
			return err
		},
	}
	for what, ask := range users {
		theirs, missing := ask("stall"), ask("nobody")
		wantCode(t, theirs, control.CodeNotFound)
		sameRefusal(t, what, theirs, "stall", missing, "nobody")
	}
}

func sameRefusal(t *testing.T, what string, theirs error, its string, missing error, none string) {
	t.Helper()
	var a, b *control.Error
	if !errors.As(theirs, &a) || !errors.As(missing, &b) {
		t.Errorf("%s: %v and %v", what, theirs, missing)
		return
	}
	if a.Code != b.Code || a.Message != b.Message || a.Hint != b.Hint || len(a.Details) != len(b.Details) ||
		len(a.Subject)-len(its) != len(b.Subject)-len(none) {
		t.Errorf("%s: what is another's is told from what is not there: %+v, %+v", what, a, b)
	}
}

func TestPrivilegesDecideWhatIsDoneWithOwnZones(t *testing.T) {
	s := town(t)
	zones := name("shop.example")
	edit := func(p acl.Principal, typ zone.Type, value string) error {
		_, err := s.EditZone(ctx(), p, control.EditRequest{Zone: zones, Ops: []control.Op{set("shop.example", typ, value)}})
		return err
	}
	wantCode(t, edit(s.as(t, "shop"), zone.TypeMX, "10 mail.shop.example."), control.CodeDenied)
	give := func(privileges ...acl.Privilege) {
		set := acl.Privileges(privileges)
		if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "shop", Privileges: &set}); err != nil {
			t.Fatal(err)
		}
	}
	give(acl.EditMX)
	if err := edit(s.as(t, "shop"), zone.TypeMX, "10 mail.shop.example."); err != nil {
		t.Errorf("MX with edit-mx: %v", err)
	}
	wantCode(t, edit(s.as(t, "shop"), zone.TypeTXT, "x"), control.CodeDenied)
	// Whatever makes a change is asked about its records: an undo too.
	if err := edit(s.as(t, "seller"), zone.TypeTXT, "x"); err != nil {
		t.Fatal(err)
	}
	last, err := s.History(ctx(), root, zones, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.UndoChange(ctx(), s.as(t, "shop"), control.UndoRequest{Position: last[0].Position})
	wantCode(t, err, control.CodeDenied)
	give(acl.EditDNS)
	_, err = s.DeleteZone(ctx(), s.as(t, "shop"), control.DeleteRequest{Zone: zones})
	wantCode(t, err, control.CodeDenied)
	_, err = s.CreateZone(ctx(), s.as(t, "shop"), control.CreateRequest{Zone: name("second.example")})
	wantCode(t, err, control.CodeDenied)
	s.createFor(t, "fresh.example", "shop")
	made, err := s.History(ctx(), root, name("fresh.example"), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.UndoChange(ctx(), s.as(t, "shop"), control.UndoRequest{Position: made[0].Position}) // which deletes it
	wantCode(t, err, control.CodeDenied)
}

// A name that had another's zone before shows its new owner nothing of it.
func TestANamesFormerLifeIsNotItsNewOwners(t *testing.T) {
	s := town(t)
	z := name("passed.example")
	s.createFor(t, "passed.example", "other")
	s.edit(t, "passed.example", set("secret.passed.example", zone.TypeTXT, "canary"))
	if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: z}); err != nil {
		t.Fatal(err)
	}
	old, err := s.History(ctx(), root, z, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	s.createFor(t, "passed.example", "shop")
	shop := s.as(t, "shop")
	seen, err := s.History(ctx(), shop, z, 0, 100)
	if err != nil || len(seen) != 1 || seen[0].Kind != "create" {
		t.Errorf("shop sees %+v, %v", seen, err)
	}
	for _, e := range old {
		_, err := s.ShowChange(ctx(), shop, e.Position)
		wantCode(t, err, control.CodeNotFound)
	}
	_, err = s.Diff(ctx(), shop, z, old[1].Position, 0)
	wantCode(t, err, control.CodeNotFound)
	_, err = s.RestoreZone(ctx(), s.as(t, "seller"), control.RestoreRequest{Zone: z, Position: old[1].Position})
	wantCode(t, err, control.CodeNotFound)
}

func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	s := town(t)
	seller := s.as(t, "seller")
	_, err := s.AddUser(ctx(), seller, control.NewUser{Name: "spy", Privileges: acl.Privileges{acl.All}})
	wantCode(t, err, control.CodeDenied)
	_, err = s.AddUser(ctx(), seller, control.NewUser{Name: "spy", Owner: "other"})
	wantCode(t, err, control.CodeDenied)
	all := acl.Privileges{acl.All}
	_, err = s.EditUser(ctx(), seller, control.UserEdit{Name: "seller", Privileges: &all})
	wantCode(t, err, control.CodeDenied)
	// An account to which root gave more is not taken over by its reseller.
	if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "shop", Privileges: &acl.Privileges{acl.Clustering}}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.SetPassword(ctx(), seller, "shop", "correct horse battery"), control.CodeDenied)
	_, err = s.MakeLink(ctx(), seller, "shop")
	wantCode(t, err, control.CodeDenied)
	// Zones of a name without a user are root's: who makes such a user would take them.
	_, err = s.AddUser(ctx(), seller, control.NewUser{Name: "ghost"})
	wantCode(t, err, control.CodeExists)
	_, err = s.AddUser(ctx(), seller, control.NewUser{Name: "stall"})
	wantCode(t, err, control.CodeExists)
	if _, err := s.AddUser(ctx(), root, control.NewUser{Name: "ghost"}); err != nil {
		t.Errorf("root gives them: %v", err)
	}
}

func TestWhatIsOmittedStays(t *testing.T) {
	s := town(t)
	before, err := s.ShowUser(ctx(), root, "seller")
	if err != nil {
		t.Fatal(err)
	}
	contact := "seller@example.net"
	after, err := s.EditUser(ctx(), root, control.UserEdit{Name: "seller", Contact: &contact})
	if err != nil || !slices.Equal(after.Privileges, before.Privileges) || after.Contact != contact || after.Owner != before.Owner {
		t.Errorf("%+v, %v", after, err)
	}
}

func TestNewZonesHaveTheirResellersNameservers(t *testing.T) {
	s := town(t)
	own := []control.Nameserver{{Name: name("ns1.seller.example"), Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}}
	if _, err := s.EditUser(ctx(), s.as(t, "seller"), control.UserEdit{Name: "seller", Nameservers: &own}); err != nil {
		t.Fatal(err)
	}
	for owner, want := range map[string]zone.Name{"seller": own[0].Name, "shop": own[0].Name, "other": name("ns.test"), "root": name("ns.test")} {
		z := name("new-" + owner + ".example")
		s.createFor(t, z.Text(), owner)
		shown, err := s.ShowZone(ctx(), root, z)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range shown.View.RRsets {
			if set.Type == zone.TypeNS && string(set.Data[0]) != string(want) {
				t.Errorf("%s's zone is delegated to %x", owner, set.Data[0])
			}
		}
	}
}

func TestASuspendedResellerAndItsAccountsStandStill(t *testing.T) {
	s := town(t)
	yes := true
	if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "seller", Suspended: &yes}); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"seller", "shop"} {
		if a, err := s.Account(ctx(), user); err != nil || !a.Suspended {
			t.Errorf("%s: %+v, %v", user, a, err)
		}
	}
	if a, err := s.Account(ctx(), "other"); err != nil || a.Suspended {
		t.Errorf("other: %+v, %v", a, err)
	}
}

func TestDeletingAUserSaysAndDoesTheSame(t *testing.T) {
	s := town(t)
	if _, err := s.CreateToken(ctx(), acl.For("seller", acl.Privileges{acl.ManageAPITokens}), control.TokenRequest{Name: "t"}); err != nil {
		t.Fatal(err)
	}
	preview, err := s.PreviewDeleteUser(ctx(), root, "seller")
	if err != nil || !reflect.DeepEqual(preview, control.UserDeletion{User: "seller", Zones: 1, Accounts: 1, Tokens: 1}) {
		t.Fatalf("%+v, %v", preview, err)
	}
	_, err = s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "seller", Trash: true})
	wantCode(t, err, control.CodeStale)
	if _, err := s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "seller"}); err != nil {
		t.Fatal(err)
	}
	if u, err := s.ShowUser(ctx(), root, "shop"); err != nil || u.Owner != "root" {
		t.Errorf("its account: %+v, %v", u, err)
	}
	if _, err := s.Account(ctx(), "seller"); !errors.Is(err, auth.ErrNobody) {
		t.Errorf("it is still there: %v", err)
	}
	if got := s.listed(t, root); !slices.Contains(got, "seller.example") {
		t.Error("its zone is gone")
	}
	if _, err := s.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "shop", Trash: true, Confirm: 1}); err != nil {
		t.Fatal(err)
	}
	if got := s.listed(t, root); slices.Contains(got, "shop.example") {
		t.Error("its zone is not in the trash")
	}
}

const password = "correct horse battery"

var here = netip.MustParseAddr("192.0.2.7")

func TestSigningIn(t *testing.T) {
	s := town(t)
	_, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: password, From: here})
	refused(t, err)
	if err := s.SetPassword(ctx(), s.as(t, "seller"), "shop", password); err != nil {
		t.Fatal(err)
	}
	for _, c := range []control.Credentials{{User: "shop", Password: "wrong"}, {User: "nobody", Password: password}, {User: "", Password: ""}, {User: "root", Password: ""}} {
		c.From = here
		_, err := s.SignIn(ctx(), c)
		refused(t, err)
	}
	ticket, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: password, From: here})
	if err != nil {
		t.Fatal(err)
	}
	session, p, err := s.Session(ctx(), ticket.Secret)
	if err != nil || p.User != "shop" || p.Root || session.Means != "password" {
		t.Errorf("%+v, %+v, %v", session, p, err)
	}
	s.world.pass(110 * time.Minute)
	if _, _, err := s.Session(ctx(), ticket.Secret); err != nil {
		t.Errorf("idle for less than two hours: %v", err)
	}
	s.world.pass(110 * time.Minute)
	if !s.StillOpen(ctx(), ticket.Secret) {
		t.Error("its use did not make it longer")
	}
	s.world.pass(11 * time.Minute)
	if s.StillOpen(ctx(), ticket.Secret) {
		t.Error("idle for more than two hours, it is open")
	}
}

func refused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, control.ErrRefused) || err.Error() != "the user name, the password or the code is wrong" {
		t.Errorf("%v", err)
	}
}

func TestASessionEndsAfterTwelveHoursHoweverItIsUsed(t *testing.T) {
	s := town(t)
	secret, err := s.MakeLink(ctx(), root, "shop")
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := s.Redeem(ctx(), secret, here)
	if err != nil || !ticket.NoPassword {
		t.Fatalf("%+v, %v", ticket, err)
	}
	if _, err := s.Redeem(ctx(), secret, here); err == nil {
		t.Error("the link worked twice")
	}
	for range 11 {
		s.world.pass(time.Hour)
		if _, _, err := s.Session(ctx(), ticket.Secret); err != nil {
			t.Fatal(err)
		}
	}
	s.world.pass(time.Hour + time.Minute)
	if s.StillOpen(ctx(), ticket.Secret) {
		t.Error("it is open")
	}
}

func TestALinkWorksForAnHour(t *testing.T) {
	s := town(t)
	secret, err := s.MakeLink(ctx(), root, "root")
	if err != nil {
		t.Fatal(err)
	}
	s.world.pass(time.Hour + time.Second)
	_, err = s.Redeem(ctx(), secret, here)
	refused(t, err)
}

// A session opened by a link sets a password without the old one; one opened by a password does not. Others end.
func TestAnOwnPasswordTakesTheOldOne(t *testing.T) {
	s := town(t)
	open := func() string {
		secret, err := s.MakeLink(ctx(), root, "shop")
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := s.Redeem(ctx(), secret, here)
		if err != nil {
			t.Fatal(err)
		}
		return ticket.Secret
	}
	first, second := open(), open()
	if err := s.ChangePassword(ctx(), second, "", password); err != nil {
		t.Fatal(err)
	}
	if s.StillOpen(ctx(), first) || !s.StillOpen(ctx(), second) {
		t.Error("the other session is open, or this one is not")
	}
	ticket, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: password, From: here})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.ChangePassword(ctx(), ticket.Secret, "wrong", "another one of mine"), control.CodeInvalid)
	wantCode(t, s.ChangePassword(ctx(), ticket.Secret, password, "short"), control.CodeInvalid)
	if err := s.ChangePassword(ctx(), ticket.Secret, password, "another one of mine"); err != nil {
		t.Error(err)
	}
}

func TestACodeIsAskedForAndWorksOnce(t *testing.T) {
	s := town(t)
	if err := s.SetPassword(ctx(), root, "shop", password); err != nil {
		t.Fatal(err)
	}
	shop := s.as(t, "shop")
	o, err := s.OfferTOTP(ctx(), shop)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ConfirmTOTP(ctx(), shop, o.Secret, "000000")
	wantCode(t, err, control.CodeInvalid)
	codes, err := s.ConfirmTOTP(ctx(), shop, o.Secret, codeAt(t, o.Secret, s.world.now))
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d codes, %v", len(codes), err)
	}
	signIn := func(code string) error {
		_, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: password, Code: code, From: here})
		return err
	}
	if err := signIn(""); !errors.Is(err, control.ErrCodeNeeded) {
		t.Errorf("without a code: %v", err)
	}
	refused(t, signIn("000000"))
	refused(t, signIn(codeAt(t, o.Secret, s.world.now))) // it confirmed the secret
	s.world.pass(time.Minute)
	code := codeAt(t, o.Secret, s.world.now)
	if err := signIn(code); err != nil {
		t.Error(err)
	}
	refused(t, signIn(code))
	if err := signIn(codes[3]); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	refused(t, signIn(codes[3]))
	if _, err := s.Authenticate(ctx(), control.Credentials{User: "shop", Password: password, From: here}); !errors.Is(err, control.ErrCodeNeeded) {
		t.Errorf("without a session: %v", err)
	}
	if err := s.UnlockUser(ctx(), root, "shop", true); err != nil {
		t.Fatal(err)
	}
	if err := signIn(""); err != nil {
		t.Errorf("the code was taken away: %v", err)
	}
}

// codeAt finds the code of a moment as an authenticator does.
func codeAt(t *testing.T, secret string, at zone.Millis) string {
	t.Helper()
	s, err := auth.ParseTOTP(secret)
	if err != nil {
		t.Fatal(err)
	}
	return s.Code(time.UnixMilli(int64(at)))
}

func TestFailuresAreThrottledByUserAndUnlocked(t *testing.T) {
	s := town(t)
	if err := s.SetPassword(ctx(), root, "shop", password); err != nil {
		t.Fatal(err)
	}
	signIn := func(i byte, pw string) error {
		_, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: pw, From: netip.AddrFrom4([4]byte{198, 51, 100, i})})
		return err
	}
	for i := range byte(10) {
		refused(t, signIn(i, "wrong"))
	}
	wantCode(t, signIn(99, password), control.CodeThrottled)
	if err := s.UnlockUser(ctx(), root, "shop", false); err != nil {
		t.Fatal(err)
	}
	if err := signIn(99, password); err != nil {
		t.Error(err)
	}
}

func TestSessionsOfAUserAreListedEndedAndBounded(t *testing.T) {
	s := town(t)
	if err := s.SetPassword(ctx(), root, "shop", password); err != nil {
		t.Fatal(err)
	}
	for range 33 {
		s.world.pass(time.Second)
		if _, err := s.SignIn(ctx(), control.Credentials{User: "shop", Password: password, From: here}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Sessions(ctx(), s.as(t, "seller"), "shop")
	if err != nil || len(list) != 32 || list[0].Opened < list[1].Opened {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	if n, err := s.EndSessions(ctx(), s.as(t, "shop"), "shop", list[0].ID); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	if n, err := s.EndSessions(ctx(), s.as(t, "seller"), "shop", ""); n != 31 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
}
