package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// seenAt is what one server shows at the end.
type seenAt struct {
	zones     map[string]string // deleted ones too: ETag, serial, deleted or not
	conflicts map[string]string // by id
}

// of is what of it a server must show as well.
func (a seenAt) of(srv *server) seenAt {
	own := seenAt{map[string]string{}, map[string]string{}}
	for z, text := range a.zones {
		if srv.shows(z) {
			own.zones[z] = text
		}
	}
	for id, text := range a.conflicts {
		if _, z, _ := strings.Cut(text, " "); srv.shows(z) {
			own.conflicts[id] = text
		}
	}
	return own
}

// look asks a server for everything that must be equal.
func look(ctx context.Context, srv *server) (seenAt, error) {
	at := seenAt{map[string]string{}, map[string]string{}}
	after := ""
	for {
		var page api.ZoneList
		if err := srv.call(ctx, http.MethodGet, "/zones?deleted=true&limit=1000&after="+url.QueryEscape(after), nil, &page); err != nil {
			return at, err
		}
		for _, z := range page.Zones {
			at.zones[z.Name] = fmt.Sprintf("etag %.12s serial %d records %d deleted %t conflicts %d", z.ETag, z.Serial, z.Count, z.Deleted, z.Conflicts)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for {
		var page api.ConflictList
		if err := srv.call(ctx, http.MethodGet, "/conflicts?limit=1000&after="+url.QueryEscape(after), nil, &page); err != nil {
			return at, err
		}
		for _, c := range page.Conflicts {
			at.conflicts[c.ID] = conflictText(c)
		}
		if after = page.Next; after == "" {
			return at, nil
		}
	}
}

func conflictText(c api.Conflict) string {
	return fmt.Sprintf("%s %s %s %s%s by %s at %s", c.Kind, c.Zone, c.Name, c.Type, c.Meta, c.Hidden.Author, c.Hidden.Time.Format(time.RFC3339Nano))
}

// differences says in what two maps differ, a few of them.
func differences(a, b map[string]string) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if v, ok := b[k]; !ok {
			list = append(list, fmt.Sprintf("%s: %s ≠ nothing", k, a[k]))
		} else if v != a[k] {
			list = append(list, fmt.Sprintf("%s: %s ≠ %s", k, a[k], v))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[k]; !ok {
			list = append(list, fmt.Sprintf("%s: nothing ≠ %s", k, b[k]))
		}
	}
	return list
}

// settle waits until all servers show the same, at most for the grace, and returns what they then differ in.
func (s *storm) settle(ctx context.Context) []string {
	ended := time.Now()
	for {
		differ := s.differ(ctx)
		if len(differ) == 0 {
			fmt.Fprintf(s.out, "all servers are equal %.1f s after the end\n", time.Since(ended).Seconds())
			return nil
		}
		if time.Since(ended) > s.grace || ctx.Err() != nil {
			s.logMembers(ctx)
			return differ
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// logMembers writes what each server knows of its members: where to look first.
func (s *storm) logMembers(ctx context.Context) {
	for _, srv := range s.servers {
		var list api.MemberList
		if err := srv.call(ctx, http.MethodGet, "/members", nil, &list); err != nil {
			s.log.say(fmt.Sprintf("members of %s: %v", srv.name, err))
		}
		for _, m := range list.Members {
			s.log.say(fmt.Sprintf("%s has the member %s %s: %s, connected %t, waiting %d, exceptions %d, failures %d, %q",
				srv.name, m.Name, m.Role, m.State, m.Connected, m.Waiting, m.Exceptions, m.Failures, m.LastError))
		}
	}
}

func (s *storm) differ(ctx context.Context) []string {
	var first seenAt
	var list []string
	for i, srv := range s.servers {
		at, err := look(ctx, srv)
		if err != nil {
			return append(list, fmt.Sprintf("%s: %v", srv.name, err))
		}
		if i == 0 {
			first = at
			continue
		}
		pair := s.servers[0].name[:1] + "–" + srv.name[:1] + ": "
		want, at := first.of(srv), at.of(srv)
		for _, d := range append(differences(want.zones, at.zones), differences(want.conflicts, at.conflicts)...) {
			list = append(list, pair+d)
		}
	}
	return list
}

// held lists what the brake holds at any server: a storm is no accident.
func (s *storm) held(ctx context.Context) (list []string) {
	for _, srv := range s.servers {
		var at api.HeldList
		if err := srv.call(ctx, http.MethodGet, "/held", nil, &at); err != nil {
			list = append(list, fmt.Sprintf("%s does not say what it holds: %v", srv.name, err))
		}
		for _, h := range at.Held {
			list = append(list, fmt.Sprintf("%s holds: %+v", srv.name, h))
		}
	}
	return list
}

// contents reads every zone whole at every server, by REST and by transfer, and says what differs.
func (s *storm) contents(ctx context.Context) (served map[string]map[string]bool, differ []string) {
	served = map[string]map[string]bool{}
	for i, srv := range s.servers {
		var list api.ZoneList
		if err := srv.call(ctx, http.MethodGet, "/zones?limit=1000", nil, &list); err != nil {
			return served, append(differ, fmt.Sprintf("%s: %v", srv.name, err))
		}
		for _, z := range list.Zones {
			records, err := s.content(ctx, srv, z.Name)
			if err != nil {
				differ = append(differ, fmt.Sprintf("%s: zone %s: %v", srv.name, z.Name, err))
				continue
			}
			switch {
			case i == 0:
				served[z.Name] = records
			case srv.shows(z.Name) && !maps.Equal(records, served[z.Name]):
				differ = append(differ, fmt.Sprintf("zone %s differs between %s and %s", z.Name, s.servers[0].name, srv.name))
			}
		}
	}
	return served, differ
}

// content is the records of a zone, one text each: "owner type data". A transfer must say the same.
func (s *storm) content(ctx context.Context, srv *server, z string) (map[string]bool, error) {
	var detail api.ZoneDetail
	if err := srv.call(ctx, http.MethodGet, zonePath(z), nil, &detail); err != nil {
		return nil, err
	}
	records := map[string]bool{}
	for _, rr := range detail.Records {
		records[rr.Name+" "+rr.Type+" "+rr.Data] = true
	}
	r := newReader(s, srv, nil)
	texts, serial, err := r.transfer(ctx, z)
	if err != nil {
		return records, fmt.Errorf("transfer: %w", err)
	}
	if serial != detail.Serial {
		return records, fmt.Errorf("its serial is %d by transfer and %d by REST", serial, detail.Serial)
	}
	n := 0
	for name, list := range texts {
		for _, text := range list {
			n++
			if data := strings.Trim(text, "[]"); !records[name+" TXT "+data] {
				return records, fmt.Errorf("a transfer has %s TXT %s and REST has not", name, data)
			}
		}
	}
	return records, nil
}
