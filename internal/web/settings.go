package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// settingsControl is what the page Settings asks for and changes.
type settingsControl interface {
	SetSettings(ctx context.Context, p acl.Principal, s control.Settings) error
	Notifications(ctx context.Context, p acl.Principal) (control.NotificationsView, error)
	SetNotifications(ctx context.Context, p acl.Principal, e control.NotificationsEdit) (string, error)
	TestNotification(ctx context.Context, p acl.Principal) ([]control.NotifyState, error)
}

// settingsView is the page: forms as they are, or as they were typed in.
type settingsView struct {
	Name, Advertise string
	Software        string
	Zones           newZonesForm
	Notify          notifyForm
	Doors           doorsForm
	Secret          string // of a new webhook, in the one answer that has it
}

type newZonesForm struct {
	Nameservers, Contact                 string
	Refresh, Retry, Expire, Minimum, TTL string
	Serial                               string
	OwnAddresses                         bool
	Wrong                                map[string]string
}

type notifyForm struct {
	Contacts, Host, Port, Security, User, From, Webhook string
	HasPassword, HasSecret                              bool
	States                                              []transportRow
	Wrong                                               map[string]string
}

type transportRow struct {
	Name string
	Chip chip
	Sent instant
}

type doorsForm struct {
	Transfer, HTTPS, API string
	Wrong                map[string]string
}

// software is what could answer DNS on a server; what this version cannot drive is shown as such.
func software() [][2]string {
	return [][2]string{
		{"embedded", "Embedded: answers from memory, with no other program"},
		{"powerdns", "PowerDNS"},
		{"bind", "BIND"},
		{"nsd", "NSD"},
		{"knot", "Knot DNS"},
		{"disabled", "Disabled: this server answers no DNS"},
	}
}

func showSettings(v *Visit) error {
	view, err := v.lookSettings()
	if err != nil {
		return err
	}
	return v.showSettings(http.StatusOK, view)
}

func (v *Visit) showSettings(status int, view settingsView) error {
	return v.show(status, page{Title: "Settings", Path: "/settings"}, settingsPage(view))
}

func (v *Visit) lookSettings() (settingsView, error) {
	c := v.server.Control
	n, err := c.Notifications(v.Context(), v.Principal()) // root's alone, as the page is
	if err != nil {
		return settingsView{}, err
	}
	set, err := c.Settings(v.Context(), v.Principal())
	if err != nil {
		return settingsView{}, err
	}
	st, err := c.Status(v.Context(), v.Principal())
	if err != nil {
		return settingsView{}, err
	}
	return settingsView{
		Name: st.Self.Name, Advertise: st.Self.Advertise, Software: st.Self.Software, Zones: newZonesFormOf(set), Notify: notifyFormOf(n),
		Doors: doorsForm{prefixText(set.AllowTransfer, "\n"), prefixText(set.Doors.HTTPS, ", "), prefixText(set.Doors.API, ", "), nil},
	}, nil
}

func newZonesFormOf(set control.Settings) newZonesForm {
	f := newZonesForm{}
	if set.Contact != "" {
		f.Contact = set.Contact.Text()
	}
	if set.NewZones == nil {
		return f
	}
	n := *set.NewZones
	f.Refresh, f.Retry, f.Expire, f.Minimum, f.TTL = fmt.Sprint(n.Refresh), fmt.Sprint(n.Retry), fmt.Sprint(n.Expire), fmt.Sprint(n.Minimum), fmt.Sprint(n.TTL)
	f.Serial, f.OwnAddresses = string(n.Serial), n.OwnAddresses
	var lines []string
	for _, name := range set.Nameservers {
		line := name.Text()
		for _, s := range n.Addresses {
			if s.Name != name {
				continue
			}
			for _, a := range s.Addresses {
				line += " " + a.String()
			}
		}
		lines = append(lines, line)
	}
	f.Nameservers = strings.Join(lines, "\n")
	return f
}

func notifyFormOf(n control.NotificationsView) notifyForm {
	f := notifyForm{
		Contacts: strings.Join(n.Contacts, "\n"), Host: n.SMTP.Host, Security: n.SMTP.Security, User: n.SMTP.User, From: n.SMTP.From,
		Webhook: n.Webhook, HasPassword: n.HasPassword, HasSecret: n.HasSecret,
	}
	if n.SMTP.Port != 0 {
		f.Port = strconv.Itoa(n.SMTP.Port)
	}
	for _, s := range n.States {
		if s.Set {
			f.States = append(f.States, transportRowOf(s))
		}
	}
	return f
}

func transportRowOf(s control.NotifyState) transportRow {
	r := transportRow{Name: s.Name, Sent: instant{s.Sent.UTC()}, Chip: chip{idle, "nothing was sent since the start"}}
	switch {
	case s.Error != "":
		r.Chip = chip{act, "failed: " + s.Error}
	case s.Messages > 0:
		r.Chip = chip{good, count(s.Messages, "message", "messages") + " sent"}
	}
	return r
}

// setNewZones saves the part of the settings about new zones; the rest of them stays.
func setNewZones(v *Visit) error {
	f := readNewZonesForm(v)
	set, err := v.server.Control.Settings(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	f.into(&set)
	if len(f.Wrong) == 0 {
		err = v.server.Control.SetSettings(v.Context(), v.Principal(), set)
		if e := invalidOf(err); e != "" {
			f.Wrong["form"], err = e, nil
		}
	}
	if err != nil {
		return err
	}
	if len(f.Wrong) > 0 {
		view, err := v.lookSettings()
		if err != nil {
			return err
		}
		view.Zones = f
		return v.showSettings(http.StatusUnprocessableEntity, view)
	}
	return v.done("/settings", notice{Level: good, Text: "The settings for new zones are saved."})
}

func readNewZonesForm(v *Visit) newZonesForm {
	value := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return newZonesForm{
		Nameservers: value("nameservers"), Contact: value("contact"), Refresh: value("refresh"), Retry: value("retry"), Expire: value("expire"),
		Minimum: value("minimum"), TTL: value("ttl"), Serial: value("serial"), OwnAddresses: v.PostFormValue("own_addresses") != "", Wrong: map[string]string{},
	}
}

func (f newZonesForm) into(set *control.Settings) {
	n := control.NewZones{Serial: control.SerialPolicy(f.Serial), OwnAddresses: f.OwnAddresses}
	for _, t := range []struct {
		name, text string
		to         *uint32
	}{{"refresh", f.Refresh, &n.Refresh}, {"retry", f.Retry, &n.Retry}, {"expire", f.Expire, &n.Expire}, {"minimum", f.Minimum, &n.Minimum}, {"ttl", f.TTL, &n.TTL}} {
		seconds, err := strconv.ParseUint(t.text, 10, 31)
		if err != nil || seconds == 0 {
			f.Wrong[t.name] = "Give seconds, from 1 to 2,147,483,647."
		}
		*t.to = uint32(seconds)
	}
	set.Nameservers, set.Contact = nil, ""
	for line := range strings.Lines(f.Nameservers) {
		fields := strings.Fields(strings.ReplaceAll(line, ",", " "))
		if len(fields) == 0 {
			continue
		}
		name, err := zone.ParseName(fields[0])
		if err != nil {
			f.Wrong["nameservers"] = sentence(err.Error())
			continue
		}
		set.Nameservers = append(set.Nameservers, name)
		s := control.Nameserver{Name: name}
		for _, text := range fields[1:] {
			a, err := netip.ParseAddr(text)
			if err != nil {
				f.Wrong["nameservers"] = text + " is no address."
			}
			s.Addresses = append(s.Addresses, a)
		}
		if len(s.Addresses) > 0 {
			n.Addresses = append(n.Addresses, s)
		}
	}
	if f.Contact != "" {
		var err error
		if set.Contact, err = zone.ParseName(strings.Replace(f.Contact, "@", ".", 1)); err != nil {
			f.Wrong["contact"] = sentence(err.Error())
		}
	}
	set.NewZones = &n
}

// invalidOf is the sentence of an error about what was typed in, empty for every other.
func invalidOf(err error) string {
	var e *control.Error
	if errors.As(err, &e) && (e.Code == control.CodeInvalid || e.Code == control.CodeTooLarge) {
		return sentence(e.Message)
	}
	return ""
}

// setTransfer saves who may transfer zones; the rest of the settings stays.
func setTransfer(v *Visit) error {
	set, err := v.server.Control.Settings(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	f := tokenForm{From: v.PostFormValue("transfer"), Wrong: map[string]string{}}
	set.AllowTransfer = f.addresses()
	if len(f.Wrong) > 0 {
		view, err := v.lookSettings()
		if err != nil {
			return err
		}
		view.Doors.Transfer, view.Doors.Wrong = f.From, f.Wrong
		return v.showSettings(http.StatusUnprocessableEntity, view)
	}
	if err := v.server.Control.SetSettings(v.Context(), v.Principal(), set); err != nil {
		return err
	}
	return v.done("/settings", notice{Level: good, Text: "Who may transfer zones is saved."})
}
