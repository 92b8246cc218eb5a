package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Content is what a zone served once, kept outside of this server's history: in a backup. It is not checked again: it was
// served, and whoever restores it has no time for what was wrong with it then.
type Content struct {
	RRsets []zone.RRset
	Owner  string // account; "" is the principal's
	Stamp  string
}

// RestoreContent makes the zone's content what it was: by an edit where it lives, in a new life where it is deleted or was
// never here. What the zone serves now and the content lacks is deleted. With dry, only the difference is said.
func (c *Control) RestoreContent(ctx context.Context, p acl.Principal, r RestoreRequest, content Content, dry bool) (ImportResult, error) {
	if err := c.allowContent(ctx, p, r.Zone, content.Owner); err != nil {
		return ImportResult{}, err
	}
	if err := allSubdomains(r.Zone, content.RRsets); err != nil {
		return ImportResult{}, err
	}
	old := content.view(r.Zone)
	var out ImportResult
	w, err := c.write(ctx, p, zoneWrite{
		zone: r.Zone, kind: "restore", reason: r.Reason, dry: dry, meant: r.Meant,
		build: func(s *zone.State) (zone.Change, error) {
			_, lives := s.Life()
			out.Created = !lives
			return c.backTo(p, s, old)
		},
	})
	out.Result, out.Differences = w.Result, w.differences
	return out, err
}

// allowContent asks for the right to write a zone that has been here, and to create one that has not.
func (c *Control) allowContent(ctx context.Context, p acl.Principal, z zone.Name, owner string) error {
	h, err := c.Store.Head(z)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if err := c.allowCreate(p, z, cmp.Or(owner, p.Account())); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("read zone %s: %w", textOf(z), err)
	default:
		if !h.Live && !p.Root {
			err = c.allowCreate(p, z, cmp.Or(owner, p.Account()))
		} else {
			err = c.allowZone(p, acl.WriteZone, z)
		}
		if err != nil {
			return err
		}
	}
	if h.Live || p.Root {
		return nil
	}
	_, err = c.mayCreate(ctx, p, z, cmp.Or(owner, p.Account())) // a new life with the owner of then
	return err
}

func (content Content) view(z zone.Name) *zone.View {
	v := &zone.View{Zone: z, Owner: content.Owner, RRsets: content.RRsets}
	if content.Stamp != "" {
		v.Meta = map[string]string{zone.MetaStamp: content.Stamp}
	}
	return v
}

// allSubdomains refuses what can be no zone: records of others, or no SOA.
func allSubdomains(z zone.Name, sets []zone.RRset) error {
	soa := false
	for _, set := range sets {
		if !set.Owner.IsSubdomainOf(z) {
			return fail(CodeInvalid, textOf(z), "%s is not in the zone", set.Owner.Text())
		}
		soa = soa || set.Owner == z && set.Type == zone.TypeSOA
	}
	if !soa {
		return fail(CodeInvalid, textOf(z), "the content has no SOA")
	}
	return nil
}
