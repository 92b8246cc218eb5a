package control_test

import (
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What saving refuses to somebody, a review refuses too, and the zone says before.
func TestAReviewRefusesWhatSavingRefuses(t *testing.T) {
	s := town(t)
	z := name("shop.example")
	mail := acl.Privileges{acl.EditMX}
	if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "shop", Privileges: &mail}); err != nil {
		t.Fatal(err)
	}
	scope, err := acl.ParseScope([]string{"_acme-challenge.*"}, []string{"TXT"})
	if err != nil {
		t.Fatal(err)
	}
	narrow := root.Narrowed(nil, scope)
	mx, www := set("shop.example", zone.TypeMX, "10 mail.test."), set("www.shop.example", zone.TypeA, "192.0.2.1")
	proof := set("_acme-challenge.shop.example", zone.TypeTXT, "proof")
	for _, who := range []struct {
		p   acl.Principal
		ops []control.Op
		may bool
	}{
		{s.as(t, "shop"), []control.Op{mx}, true},
		{s.as(t, "shop"), []control.Op{www}, false},
		{s.as(t, "shop"), []control.Op{mx, www}, false},
		{s.as(t, "seller"), []control.Op{mx, www}, true},
		{narrow, []control.Op{proof}, true},
		{narrow, []control.Op{proof, www}, false},
		{narrow, []control.Op{del("shop.example", zone.TypeNS)}, false},
	} {
		for how, edit := range map[string]control.EditRequest{"ops": {Ops: who.ops}, "sets": {Sets: sets(who.ops...)}} {
			edit.Zone, edit.DryRun = z, true
			_, review := s.ReviewEdit(ctx(), who.p, edit)
			_, save := s.EditZone(ctx(), who.p, edit)
			if control.CodeOf(review) != control.CodeOf(save) || (review == nil) != who.may {
				t.Errorf("%s, %s of %v: the review says %v, saving %v", who.p, how, who.ops, review, save)
			}
			if !who.may && control.CodeOf(review) != control.CodeDenied {
				t.Errorf("%s: %v", who.p, review)
			}
		}
		shown, err := s.ShowZone(ctx(), who.p, z)
		if err != nil {
			t.Fatal(err)
		}
		all := true
		for _, o := range who.ops {
			all = all && shown.Right.Allows(o.Owner, o.Type)
		}
		if all != who.may {
			t.Errorf("%s is told beforehand %t of %v", who.p, all, who.ops)
		}
	}
	for user, everything := range map[string]bool{"root": true, "seller": true, "shop": false} {
		shown, err := s.ShowZone(ctx(), s.as(t, user), z)
		if err != nil || shown.Right.Everything() != everything {
			t.Errorf("%s may write everything: %t, %v", user, shown.Right.Everything(), err)
		}
	}
}

// A review tells a token with a scope nothing of what is outside of it.
func TestAReviewIsNarrowedToTheScope(t *testing.T) {
	s := town(t)
	z := name("shop.example")
	scope, err := acl.ParseScope([]string{"_acme-challenge.*"}, []string{"TXT"})
	if err != nil {
		t.Fatal(err)
	}
	seen := s.show(t, "shop.example").ETag
	s.edit(t, "shop.example", set("secret.shop.example", zone.TypeTXT, "canary"))
	s.edit(t, "shop.example", set("_acme-challenge.www.shop.example", zone.TypeTXT, "theirs"))
	r, err := s.ReviewEdit(ctx(), root.Narrowed(nil, scope), control.EditRequest{
		Zone: z, IfMatch: seen, Ops: []control.Op{set("_acme-challenge.shop.example", zone.TypeTXT, "proof")},
	})
	if err != nil || !r.Saveable() || len(r.Differences) != 1 || len(r.Meanwhile) != 1 || len(r.RRsets) != 2 || len(r.Changes) != 0 {
		t.Errorf("the review is %+v, %v", r, err)
	}
	_, err = s.ReviewEdit(ctx(), root.Narrowed(nil, scope), control.EditRequest{Zone: z, IfMatch: seen, Text: zone.BuiltInTemplates()["simple"]})
	wantCode(t, err, control.CodeDenied)
}
