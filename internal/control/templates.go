package control

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Template is a zone template. Templates are settings of one server, as in WHM: they do not travel. A reseller's own are
// for the zones of that reseller's accounts, and go before root's of the same name, which go before the built-in ones.
type Template struct {
	Name    string
	Owner   string // root or a reseller; empty: built in
	Text    string
	Changed zone.Millis
}

// BuiltIn says that nobody has written it.
func (t Template) BuiltIn() bool { return t.Owner == "" }

// kindTemplate rows: owner NUL name → Template.
const kindTemplate = "template"

// maxTemplates bounds the own templates of one owner.
const maxTemplates = 100

// usualTemplate is what a zone is made of where an address is given and no template.
const usualTemplate = "standard"

// forgetTemplates deletes those of a user who goes: the next one of the name would make zones of them.
func (c *Control) forgetTemplates(tx *store.Tx, owner string) error {
	rows, err := loadAll[Template](c.Store, kindTemplate)
	for id, t := range rows {
		if t.Owner == owner {
			tx.DeleteRecord(kindTemplate, id)
		}
	}
	return err
}

// Templates lists what p can make zones of, by name.
func (c *Control) Templates(_ context.Context, p acl.Principal) ([]Template, error) {
	if err := c.allowOwned(p, acl.CreateZone, "", p.Account()); err != nil {
		return nil, err
	}
	byName := map[string]Template{}
	for name, text := range zone.BuiltInTemplates() {
		byName[name] = Template{Name: name, Text: text}
	}
	rows, err := loadAll[Template](c.Store, kindTemplate)
	if err != nil {
		return nil, err
	}
	owners, err := c.templateOwners(p.Account())
	if err != nil {
		return nil, err
	}
	for _, owner := range slices.Backward(owners) {
		for _, t := range rows {
			if t.Owner == owner {
				byName[t.Name] = t
			}
		}
	}
	list := make([]Template, 0, len(byName))
	for _, t := range byName {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Template) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// templateOwners are whose templates count for an account, the first that has one.
func (c *Control) templateOwners(account string) ([]string, error) {
	reseller, err := c.resellerOf(account)
	if err != nil {
		return nil, err
	}
	return slices.Compact([]string{account, reseller, acl.Root}), nil
}

// ShowTemplate returns the template of that name which counts for p's zones.
func (c *Control) ShowTemplate(_ context.Context, p acl.Principal, name string) (Template, error) {
	if err := c.allowOwned(p, acl.CreateZone, "", p.Account()); err != nil {
		return Template{}, err
	}
	return c.template(p.Account(), name)
}

func (c *Control) template(account, name string) (Template, error) {
	owners, err := c.templateOwners(account)
	if err != nil {
		return Template{}, err
	}
	for _, owner := range owners {
		t, found, err := load[Template](c.Store, kindTemplate, accountID(owner, name))
		if err != nil || found {
			return t, err
		}
	}
	if text, ok := zone.BuiltInTemplates()[name]; ok {
		return Template{Name: name, Text: text}, nil
	}
	return Template{}, fail(CodeNotFound, "template "+name, "there is no such template").hint("zonefleet template list")
}

// SetTemplate writes a template of p's own. It is tried with an example first.
func (c *Control) SetTemplate(ctx context.Context, p acl.Principal, name, text string) (Template, error) {
	if err := c.allowOwned(p, acl.CreateZone, "", p.Account()); err != nil {
		return Template{}, err
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,49}$`).MatchString(name) {
		return Template{}, fail(CodeInvalid, "name", "a template's name has small letters, digits, dots, dashes and underscores, at most 50")
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if err := zone.CheckTemplate(text); err != nil {
		return Template{}, parseError("text", err)
	}
	t := Template{Name: name, Owner: p.Account(), Text: text, Changed: c.Now()}
	own, err := c.Store.RecordIDs(kindTemplate, accountID(t.Owner, ""))
	if err != nil {
		return Template{}, fmt.Errorf("read templates of %s: %w", t.Owner, err)
	}
	if len(own) >= maxTemplates && !slices.Contains(own, accountID(t.Owner, name)) {
		return Template{}, fail(CodeTooLarge, "templates", "at most %d of one's own", maxTemplates)
	}
	err = c.commitRecords(ctx, "template "+name, func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "template-changed", "template "+name+" of "+t.Owner+" changed"))
		return save(tx, kindTemplate, accountID(t.Owner, name), t)
	})
	return t, err
}

// DeleteTemplate deletes one of p's own; root's or a built-in one of the same name counts again.
func (c *Control) DeleteTemplate(ctx context.Context, p acl.Principal, name string) error {
	if err := c.allowOwned(p, acl.CreateZone, "", p.Account()); err != nil {
		return err
	}
	id := accountID(p.Account(), name)
	return c.commitRecords(ctx, "template "+name, func(tx *store.Tx) error {
		if _, found, err := load[Template](tx, kindTemplate, id); err != nil {
			return err
		} else if !found {
			return fail(CodeNotFound, "template "+name, "you have no such template of your own")
		}
		tx.AppendEvent(c.event(p, "template-changed", "template "+name+" of "+p.Account()+" deleted"))
		tx.DeleteRecord(kindTemplate, id)
		return nil
	})
}

// TemplateRequest is a zone that is made of a template.
type TemplateRequest struct {
	Template string // name; "standard" if empty
	Text     string // instead of a template that is kept, to try one
	Zone     zone.Name
	Owner    string // of the zone; default: the principal's account
	Addresses
}

// Addresses are what templates put in; each may be missing.
type Addresses struct{ IPv4, IPv6, FTP netip.Addr }

// check refuses an address in the place of another kind.
func (a Addresses) check() error {
	switch {
	case a.IPv4.IsValid() && !a.IPv4.Unmap().Is4():
		return fail(CodeInvalid, "ipv4", "%s is no IPv4 address", a.IPv4)
	case a.IPv6.IsValid() && (a.IPv6.Unmap().Is4() || a.IPv6.Zone() != ""):
		return fail(CodeInvalid, "ipv6", "%s is no IPv6 address", a.IPv6)
	case a.FTP.IsValid() && !a.FTP.Unmap().Is4():
		return fail(CodeInvalid, "ftp", "%s is no IPv4 address", a.FTP)
	}
	return nil
}

// PreviewTemplate is the zone file that a template makes, and what a check of it says.
func (c *Control) PreviewTemplate(_ context.Context, p acl.Principal, r TemplateRequest) (text string, f *zone.File, err error) {
	r.Owner = cmp.Or(r.Owner, p.Account())
	if err := c.allowOwned(p, acl.CreateZone, textOf(r.Zone), r.Owner); err != nil {
		return "", nil, err
	}
	if text, err = c.expand(r); err != nil {
		return "", nil, err
	}
	f, err = parseZone(text, r.Zone)
	return text, f, err
}

// expand makes the text of a zone file. r.Owner is given.
func (c *Control) expand(r TemplateRequest) (string, error) {
	if err := checkName(r.Zone); err != nil {
		return "", err
	}
	if err := r.check(); err != nil {
		return "", err
	}
	text := r.Text
	if text == "" {
		t, err := c.template(r.Owner, cmp.Or(r.Template, usualTemplate))
		if err != nil {
			return "", err
		}
		text = t.Text
	}
	values, err := c.templateValues(r)
	if err != nil {
		return "", err
	}
	out, err := zone.ExpandTemplate(text, values)
	if err != nil {
		return "", fail(CodeInvalid, "template", "%v", err)
	}
	return out, nil
}

func (c *Control) templateValues(r TemplateRequest) (map[string]string, error) {
	settings, err := c.settings()
	if err != nil {
		return nil, err
	}
	fresh, err := c.newZones(c.Store)
	if err != nil {
		return nil, err
	}
	reseller, err := c.resellerOf(r.Owner)
	if err != nil {
		return nil, err
	}
	domain := strings.TrimSuffix(r.Zone.Text(), ".")
	values := map[string]string{
		"domain": domain, "maildomain": domain, "reseller": reseller, "cpversion": c.Self.Version,
		"ip": addressText(r.IPv4), "ipv6": addressText(r.IPv6), "ftpip": cmp.Or(addressText(r.FTP), addressText(r.IPv4)),
		"ttl": strconv.Itoa(defaultRecordTTL), "nsttl": strconv.FormatUint(uint64(fresh.TTL), 10), "serial": fmt.Sprint(zone.DateSerial(c.Now())),
		"rpemail": "hostmaster." + domain,
	}
	if settings.Contact != "" {
		values["rpemail"] = strings.TrimSuffix(settings.Contact.String(), ".")
	}
	return values, c.nameserverValues(r, values)
}

func (c *Control) nameserverValues(r TemplateRequest, values map[string]string) error {
	list, err := c.nameserversOf(r.Owner)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		own, err := zone.ParseName(c.Self.Name)
		if err != nil {
			return fail(CodeInvalid, textOf(r.Zone), "no nameservers are set")
		}
		list = []Nameserver{{Name: own, Addresses: c.Self.Addresses}}
	}
	for i, n := range []string{"", "2", "3", "4"} {
		if i >= len(list) {
			return nil
		}
		name := strings.TrimSuffix(list[i].Name.String(), ".")
		values["nameserver"+n] = name
		for _, a := range list[i].Addresses {
			if a.Unmap().Is4() && values["nameservera"+n] == "" {
				values["nameservera"+n] = a.Unmap().String()
			}
		}
		if list[i].Name.IsSubdomainOf(r.Zone) {
			values["nameserverentry"+n] = name
		}
	}
	return nil
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}
