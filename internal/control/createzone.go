package control

import (
	"cmp"
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// CreateRequest asks for a new zone. With Text the zone file is the content, and of the rest only Zone, Owner and Reason
// count; otherwise SOA and NS are made from the settings where RRsets has none at the apex.
type CreateRequest struct {
	Zone        zone.Name
	Owner       string // default: the principal's account
	Nameservers []zone.Name
	RRsets      []zone.RRset
	// Template, or an address, makes it of a template: "standard" if only an address is given.
	Template string
	Addresses
	Text   string
	DryRun bool // check everything and say what it would have, change nothing
	Reason string
}

// templated says that the zone is made of a template.
func (r CreateRequest) templated() bool {
	return r.Template != "" || r.IPv4.IsValid() || r.IPv6.IsValid() || r.FTP.IsValid()
}

// CreateZone makes a new zone with this node as its home. It is refused if the zone exists here or, where a link asks,
// at a member; a member that does not answer is a warning.
func (c *Control) CreateZone(ctx context.Context, p acl.Principal, r CreateRequest) (EditResult, error) {
	owner := cmp.Or(r.Owner, p.Account())
	if err := c.allowCreate(p, r.Zone, owner); err != nil {
		return EditResult{}, err
	}
	r.Owner = owner
	f, err := c.newContent(r)
	if err != nil {
		return EditResult{}, err
	}
	warnings, err := c.mayCreate(ctx, p, f.Zone, owner)
	if err != nil {
		return EditResult{}, err
	}
	elsewhere, err := c.checkDelegation(ctx, f.Zone)
	if err != nil {
		return EditResult{}, err
	}
	if elsewhere != "" {
		warnings = append(warnings, elsewhere)
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: f.Zone, kind: "create", reason: r.Reason, dry: r.DryRun,
		build: func(s *zone.State) (zone.Change, error) {
			if _, lives := s.Life(); lives {
				return zone.Change{}, existsHere(f.Zone)
			}
			return c.creation(p, s, f, owner), nil
		},
	})
	w.Warnings, w.Findings = warnings, f.Findings
	return EditResult{Result: w.Result, Differences: w.differences}, err
}

// newContent is the content of a new zone as a file, linted.
func (c *Control) newContent(r CreateRequest) (*zone.File, error) {
	if r.Text != "" {
		return parseZone(r.Text, r.Zone)
	}
	if err := checkName(r.Zone); err != nil {
		return nil, err
	}
	if r.templated() {
		return c.fromTemplate(r)
	}
	sets, err := c.content(r)
	if err != nil {
		return nil, err
	}
	findings, err := lintChange(r.Zone, nil, sets)
	return &zone.File{Zone: r.Zone, RRsets: sets, Findings: findings}, err
}

// fromTemplate is the content of a new zone as a template has it.
func (c *Control) fromTemplate(r CreateRequest) (*zone.File, error) {
	if len(r.Nameservers) > 0 || len(r.RRsets) > 0 {
		return nil, fail(CodeInvalid, textOf(r.Zone), "a zone is made of a template, or of nameservers and records").
			hint("a template takes the nameservers of the account, or of the settings")
	}
	text, err := c.expand(TemplateRequest{Template: r.Template, Zone: r.Zone, Owner: r.Owner, Addresses: r.Addresses})
	if err != nil {
		return nil, err
	}
	return parseZone(text, r.Zone)
}

// creation is the Change that starts a life with the content of a file.
func (c *Control) creation(p acl.Principal, s *zone.State, f *zone.File, owner string) zone.Change {
	o := c.options(p)
	o.Owner, o.Serial, o.HasSerial = owner, f.Serial, f.HasSerial
	if fresh, err := c.newZones(c.Store); err == nil && !f.HasSerial {
		o.Serial, o.HasSerial = fresh.serialAt(c.Now())
	}
	if f.Stamp != "" {
		o.Meta = map[string]string{zone.MetaStamp: f.Stamp}
	}
	return s.Create(f.RRsets, o)
}

// options are what each new life made here has.
func (c *Control) options(p acl.Principal) zone.CreateOptions {
	return zone.CreateOptions{Owner: p.Account(), Home: c.home(), Author: c.author(p), Now: c.Now()}
}

func existsHere(z zone.Name) error {
	return fail(CodeExists, textOf(z), "the zone exists here already").hint("import it to replace its content, or edit it")
}
