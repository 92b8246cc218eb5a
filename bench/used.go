package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// The resellers of a cluster whose pages are measured, and what they have.
const (
	small         = "small"     // has zones itself
	smallZones    = 500         //
	large         = "large"     // has accounts
	largeAccounts = 100         //
	accountZones  = 500         // of each of them
	tokenName     = "measuring" // of a token
	templateName  = "hosting"
	listName      = "sellers" // of privileges
	rawHosts      = 100       // records of the zone that is edited as a text
)

// ownerOf is the account of a zone, by its number.
func ownerOf(i int) string {
	switch n := i - smallZones; {
	case n < 0:
		return small
	case n < largeAccounts*accountZones:
		return fmt.Sprintf("%s%02d", large, n/accountZones)
	}
	return ""
}

// made is what a request made: its ID is a number or a text.
type made struct {
	ID   any
	Info struct{ ID string }
}

// used leaves traces at a server, so that no page of it is empty, and says where they are.
func used(ctx context.Context, o options, s, up *server) (w world, err error) {
	w = world{self: s.name, up: up.https, zone: zoneName(77), middle: "0077", raw: zoneName(78), user: small, template: templateName, list: listName}
	for _, step := range []func(context.Context, options, *server, *server, *world) error{edited, peopled, kept, acts, conflicting, braked} {
		if err := step(ctx, o, s, up, &w); err != nil {
			return w, err
		}
	}
	return w, nil
}

// edited changes a hundred zones, deletes fifty of them and gives one many records.
func edited(ctx context.Context, _ options, s, _ *server, w *world) error {
	for i := range 100 {
		zone := "/zones/" + zoneName(i)
		if err := s.call(ctx, http.MethodPatch, zone, edit(set("new", "192.0.2.1")), nil); err != nil {
			return err
		}
		if i < 50 {
			if err := s.call(ctx, http.MethodDelete, zone, nil, nil); err != nil {
				return err
			}
		}
	}
	var many []any
	for i := range rawHosts {
		many = append(many, set(fmt.Sprintf("host%d", i), "192.0.2.1"))
	}
	for _, zone := range []string{w.zone, w.raw} {
		if err := s.call(ctx, http.MethodPatch, "/zones/"+zone, edit(many...), nil); err != nil {
			return err
		}
	}
	var history struct{ Changes []struct{ ID uint64 } }
	if err := s.call(ctx, http.MethodGet, "/zones/"+w.zone+"/history", nil, &history); err != nil {
		return err
	}
	if len(history.Changes) < 2 {
		return fmt.Errorf("%s has no history", w.zone)
	}
	w.change, w.first = number(history.Changes[0].ID), number(history.Changes[len(history.Changes)-1].ID)
	return nil
}

// peopled adds the resellers and their accounts.
func peopled(ctx context.Context, _ options, s, _ *server, _ *world) error {
	may := []string{"clustering", "create-dns", "kill-dns", "edit-dns", "manage-api-tokens"}
	people := []map[string]any{{"name": small, "privileges": may}, {"name": large, "privileges": may}}
	for i := range largeAccounts {
		people = append(people, map[string]any{"name": fmt.Sprintf("%s%02d", large, i), "owner": large})
	}
	for _, p := range people {
		if err := s.call(ctx, http.MethodPost, "/users", p, nil); err != nil {
			return err
		}
	}
	return nil
}

// kept makes a template, a list of privileges and tokens.
func kept(ctx context.Context, _ options, s, _ *server, w *world) error {
	text := "@ 86400 IN SOA %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400\n@ 86400 IN NS %nameserver%.\n" +
		"%nameserverentry%. IN A %nameservera%\n@ IN A %ip%\n"
	if err := s.call(ctx, http.MethodPut, "/templates/"+templateName, map[string]any{"text": text}, nil); err != nil {
		return err
	}
	list := map[string]any{"privileges": []string{"create-dns", "edit-dns"}}
	if err := s.call(ctx, http.MethodPut, "/privilege-lists/"+listName, list, nil); err != nil {
		return err
	}
	for i := range 20 {
		var m made
		if err := s.call(ctx, http.MethodPost, "/tokens", map[string]any{"name": fmt.Sprintf("%s%d", tokenName, i)}, &m); err != nil {
			return err
		}
		w.token = m.Info.ID
	}
	return nil
}

// acts does one thing to many zones, begins another, synchronizes a zone, and compares.
func acts(ctx context.Context, _ options, s, _ *server, w *world) error {
	var zones []string
	for i := range 200 {
		zones = append(zones, zoneName(100+i))
	}
	var m made
	for _, set := range []map[string]any{
		{"kind": "delete", "zones": zones[100:]}, // waits for somebody who confirms it
		{"kind": "delete", "zones": zones[:100], "go": true, "confirm": 100},
	} {
		if err := s.call(ctx, http.MethodPost, "/changesets", set, &m); err != nil {
			return err
		}
	}
	w.set = fmt.Sprint(m.ID)
	if err := s.call(ctx, http.MethodPost, "/sync", map[string]any{"zone": w.zone, "to": "everywhere"}, &m); err != nil {
		return err
	}
	w.sync = fmt.Sprint(m.ID)
	return s.call(ctx, http.MethodPost, "/cluster/drift", map[string]any{}, nil)
}

// conflicting edits records at two servers that do not know of each other.
func conflicting(ctx context.Context, _ options, s, up *server, w *world) error {
	switchLink := func(verb string) error {
		if err := s.call(ctx, http.MethodPost, "/cluster/"+verb, nil, nil); err != nil {
			return err
		}
		return up.call(ctx, http.MethodPost, "/cluster/"+verb, nil, nil)
	}
	if err := switchLink("disable"); err != nil {
		return err
	}
	for i := range 20 {
		zone := "/zones/" + zoneName(60+i)
		if err := s.call(ctx, http.MethodPatch, zone, edit(set("both", "192.0.2.1")), nil); err != nil {
			return err
		}
		other := map[string]any{"op": "set", "name": "both", "ttl": 300, "type": "CNAME", "data": []string{"www"}}
		if err := up.call(ctx, http.MethodPatch, zone, edit(other), nil); err != nil {
			return err
		}
	}
	if err := switchLink("enable"); err != nil {
		return err
	}
	return until(ctx, "a conflict", func() (bool, error) {
		var a struct{ Conflicts []struct{ ID string } }
		err := s.call(ctx, http.MethodGet, "/conflicts", nil, &a)
		if len(a.Conflicts) > 0 {
			w.conflict = a.Conflicts[0].ID
		}
		return len(a.Conflicts) > 0, err
	})
}

// braked takes away more than the server lets pass without a person; what it holds answers with an error.
func braked(ctx context.Context, o options, s, _ *server, w *world) error {
	settings := map[string]any{
		"allow_transfer": []string{}, "contact": "", "nameservers": []string{"ns1.zonefleet.test", "ns2.zonefleet.test"},
		"brake": map[string]any{"on": true, "share": 1, "least": 10, "window": "1h"},
	}
	if err := s.call(ctx, http.MethodPut, "/settings", settings, nil); err != nil {
		return err
	}
	var list struct{ Held []struct{ ID uint64 } }
	var together errgroup.Group
	together.SetLimit(writersAtOnce)
	for i := range o.zones/100 + 100 {
		together.Go(func() error { return s.call(ctx, http.MethodDelete, "/zones/"+zoneName(o.zones-1-i), nil, nil) })
	}
	why := together.Wait()
	if err := s.call(ctx, http.MethodGet, "/held", nil, &list); err != nil {
		return err
	}
	if len(list.Held) == 0 {
		return fmt.Errorf("the brake holds nothing: %w", cmp.Or(why, ctx.Err(), errors.New("all was deleted")))
	}
	w.held = number(list.Held[0].ID)
	return nil
}

// drafted leaves a draft of the browser's person: the zone as a text, with one value changed in many records.
func (b *browser) drafted(ctx context.Context, zone string) error {
	var at struct{ ETag string }
	if err := b.s.call(ctx, http.MethodGet, "/zones/"+zone+"/records", nil, &at); err != nil {
		return err
	}
	text, err := b.s.ask(ctx, http.MethodGet, "/zones/"+zone+"/file", nil)
	if err != nil {
		return err
	}
	form := url.Values{"text": {strings.ReplaceAll(string(text), "192.0.2.1\n", "192.0.2.2\n")}, "against": {at.ETag}}
	res, err := b.client.PostForm("https://"+b.s.https+"/zones/"+zone+"/raw", form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if to := res.Header.Get("Location"); !strings.HasSuffix(to, "/review") {
		return fmt.Errorf("a draft of %s: answered %s, to %q", zone, res.Status, to)
	}
	return nil
}

func edit(operations ...any) map[string]any { return map[string]any{"operations": operations} }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// until asks again and again, for at most five minutes.
func until(ctx context.Context, what string, there func() (bool, error)) error {
	for began := time.Now(); time.Since(began) < 5*time.Minute; {
		if ok, err := there(); ok || err != nil {
			return err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New(what + " does not come")
}
