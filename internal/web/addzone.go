package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"unicode"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// zoneMaking is what making zones, and making them anew, asks for.
type zoneMaking interface {
	Templates(ctx context.Context, p acl.Principal) ([]control.Template, error)
	CreateZone(ctx context.Context, p acl.Principal, r control.CreateRequest) (control.EditResult, error)
	ResetZone(ctx context.Context, p acl.Principal, r control.ResetRequest) (control.EditResult, error)
}

// addForm is a new zone as a person gives it, with what is wrong by the name of the field.
type addForm struct {
	Domain, IPv4, IPv6, Template, Owner string
	Templates                           []string
	Wrong                               map[string]string
	Hint                                string // to what is wrong
	Looked                              bool   // what would be made is shown
	Lines                               []diffLine
	Warnings                            []string
}

func addZonePage(v *Visit) error {
	return v.showAddZone(http.StatusOK, addForm{Template: "standard", Owner: v.Principal().Account()})
}

func (v *Visit) showAddZone(status int, f addForm) error {
	var err error
	if f.Templates, err = v.templateNames(); err != nil {
		return err
	}
	return v.show(status, page{Title: "Add a DNS zone", Path: "/zones"}, addZoneView(f))
}

func (v *Visit) templateNames() (names []string, err error) {
	all, err := v.server.Control.Templates(v.Context(), v.Principal())
	for _, t := range all {
		names = append(names, t.Name)
	}
	return names, err
}

func addZone(v *Visit) error {
	f := addForm{
		Domain: strings.TrimSpace(v.PostFormValue("domain")), IPv4: strings.TrimSpace(v.PostFormValue("ipv4")), IPv6: strings.TrimSpace(v.PostFormValue("ipv6")),
		Template: v.PostFormValue("template"), Owner: strings.TrimSpace(v.PostFormValue("owner")), Wrong: map[string]string{},
	}
	r := control.CreateRequest{Owner: f.Owner, Template: f.Template, DryRun: v.PostFormValue("look") != ""}
	var err error
	if r.Zone, err = zone.ParseName(f.Domain); err != nil {
		f.Wrong["domain"] = sentence(err.Error())
	}
	switch {
	case f.Domain == "":
		f.Wrong["domain"] = "Give the domain, as example.com."
	case noDomain(f.Domain):
		f.Wrong["domain"] = "That is no domain: give its name alone, as example.com."
	}
	if f.IPv4 == "" && f.IPv6 == "" {
		f.Wrong["ipv4"] = "Give an IPv4 or an IPv6 address."
	}
	r.Addresses = f.addresses()
	if len(f.Wrong) > 0 {
		return v.showAddZone(http.StatusUnprocessableEntity, f)
	}
	res, err := v.server.Control.CreateZone(v.Context(), v.Principal(), r)
	var wrong *control.Error
	if errors.As(err, &wrong) && statusOf(wrong.Code) < http.StatusInternalServerError && wrong.Code != control.CodeUnauthenticated {
		f.blame(wrong)
		return v.showAddZone(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	f.Warnings = sentences(res.Warnings)
	for _, finding := range res.Findings {
		f.Warnings = append(f.Warnings, sentence(finding.String()))
	}
	if r.DryRun {
		f.Looked, f.Lines = true, diffLines(res.Zone, res.Differences)
		return v.showAddZone(http.StatusOK, f)
	}
	return v.done(zonePath(res.Zone), notice{Level: good, Text: res.Zone.Text() + " is made. This server is its home.", Lines: f.Warnings})
}

// noDomain says that somebody typed an address of the web or of a host, or two lines. Names as odd as these are imported.
func noDomain(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || strings.Contains(s, ":") || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// addresses reads those that are given; what is none is wrong.
func (f *addForm) addresses() (a control.Addresses) {
	var err error
	if f.IPv4 != "" {
		if a.IPv4, err = netip.ParseAddr(f.IPv4); err != nil || !a.IPv4.Is4() {
			f.Wrong["ipv4"] = "That is no IPv4 address."
		}
	}
	if f.IPv6 != "" {
		if a.IPv6, err = netip.ParseAddr(f.IPv6); err != nil || a.IPv6.Is4() {
			f.Wrong["ipv6"] = "That is no IPv6 address."
		}
	}
	return a
}

// blame shows a refusal at its field: that of the domain, where it is about no other.
func (f *addForm) blame(e *control.Error) {
	switch e.Subject {
	case "owner", "ipv4", "ipv6", "template":
		f.Wrong[e.Subject] = sentence(e.Message)
	case f.Owner:
		f.Wrong["owner"] = sentence(e.Message)
	case f.Template:
		f.Wrong["template"] = sentence(e.Message)
	default:
		f.Wrong["domain"] = sentence(e.Message)
	}
	f.Hint = strings.Join(e.Details, "; ")
}

// resetView is the review of a reset.
type resetView struct {
	Zone, Path, ETag     string
	Template, IPv4, IPv6 string
	Templates            []string
	Lines                []diffLine
	Wrong                string
}

func (v *Visit) resetRequest() (r control.ResetRequest, err error) {
	if r.Zone, err = zone.ParseName(v.PathValue("zone")); err != nil {
		return r, &control.Error{Code: control.CodeNotFound, Subject: v.PathValue("zone"), Message: "there is no such zone here"}
	}
	r.Template = v.FormValue("template")
	if r.Template == "" {
		r.Template = "standard"
	}
	f := addForm{IPv4: strings.TrimSpace(v.FormValue("ipv4")), IPv6: strings.TrimSpace(v.FormValue("ipv6")), Wrong: map[string]string{}}
	r.Addresses = f.addresses()
	for _, text := range f.Wrong {
		err = &control.Error{Code: control.CodeInvalid, Message: text}
	}
	return r, err
}

// askReset shows what a reset would change.
func askReset(v *Visit) error {
	r, err := v.resetRequest()
	if r.Zone == "" {
		return err
	}
	z, showErr := v.server.Control.ShowZone(v.Context(), v.Principal(), r.Zone)
	if showErr != nil {
		return showErr
	}
	view := resetView{Zone: r.Zone.Text(), Path: zonePath(r.Zone), ETag: z.ETag, Template: r.Template, IPv4: v.FormValue("ipv4"), IPv6: v.FormValue("ipv6")}
	if view.Templates, showErr = v.templateNames(); showErr != nil {
		return showErr
	}
	var res control.EditResult
	if err == nil {
		r.DryRun, r.IfMatch = true, z.ETag
		res, err = v.server.Control.ResetZone(v.Context(), v.Principal(), r)
	}
	status := http.StatusOK
	var wrong *control.Error
	switch {
	case errors.As(err, &wrong):
		status, view.Wrong = http.StatusUnprocessableEntity, sentence(wrong.Message)
	case err != nil:
		return err
	}
	view.Lines = diffLines(r.Zone, res.Differences)
	return v.show(status, page{Title: "Reset " + view.Zone, Path: "/zones"}, resetPage(view))
}

// doReset is the second click, made against the version that was shown.
func doReset(v *Visit) error {
	r, err := v.resetRequest()
	if err != nil {
		return err
	}
	if r.IfMatch = v.PostFormValue("etag"); r.IfMatch == "" {
		return &control.Error{Code: control.CodeInvalid, Subject: "etag", Message: "the version that was shown is missing"}
	}
	res, err := v.server.Control.ResetZone(v.Context(), v.Principal(), r)
	if err != nil {
		return err
	}
	return v.done(zonePath(r.Zone), notice{Level: good, Text: r.Zone.Text() + " is what the template " + r.Template + " says.", Lines: sentences(res.Warnings)})
}
