package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// templates is what the pages of zone templates ask for.
type templates interface {
	ShowTemplate(ctx context.Context, p acl.Principal, name string) (control.Template, error)
	SetTemplate(ctx context.Context, p acl.Principal, name, text string) (control.Template, error)
	DeleteTemplate(ctx context.Context, p acl.Principal, name string) error
	PreviewTemplate(ctx context.Context, p acl.Principal, r control.TemplateRequest) (string, *zone.File, error)
}

func listTemplates(v *Visit) error {
	all, err := v.server.Control.Templates(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Zone templates", Path: "/templates"}, templatesPage(all))
}

// templateForm is a template while it is written, with what it makes of an example.
type templateForm struct {
	Name, Text  string
	Of          string // whose it is, for people
	Own         bool
	New         bool
	NameError   string
	TextError   string
	Made        string // of the example
	Domain, IP4 string
}

func editTemplate(v *Visit) error {
	t, err := v.server.Control.ShowTemplate(v.Context(), v.Principal(), v.PathValue("name"))
	if err != nil {
		return err
	}
	return v.showTemplate(http.StatusOK, v.formOf(t))
}

func (v *Visit) formOf(t control.Template) templateForm {
	f := templateForm{Name: t.Name, Text: t.Text, Of: "built in", Own: t.Owner == v.Principal().Account()}
	if !t.BuiltIn() {
		f.Of = t.Owner + "'s"
	}
	return f
}

// newTemplate begins with the text of another one.
func newTemplate(v *Visit) error {
	from := v.FormValue("from")
	if from == "" {
		from = "standard"
	}
	t, err := v.server.Control.ShowTemplate(v.Context(), v.Principal(), from)
	if err != nil {
		return err
	}
	return v.showTemplate(http.StatusOK, templateForm{New: true, Text: t.Text})
}

func (v *Visit) showTemplate(status int, f templateForm) error {
	title := "Template " + f.Name
	if f.New {
		title = "New zone template"
	}
	if f.Domain == "" {
		f.Domain, f.IP4 = "example.com", "192.0.2.1"
	}
	if f.TextError == "" {
		f.try(v)
	}
	return v.show(status, page{Title: title, Path: "/templates"}, templatePage(f))
}

// try shows what the text makes of the example.
func (f *templateForm) try(v *Visit) {
	r := control.TemplateRequest{Text: f.Text}
	var err error
	if r.Zone, err = zone.ParseName(f.Domain); err == nil {
		if r.IPv4, err = netip.ParseAddr(f.IP4); err == nil {
			f.Made, _, err = v.server.Control.PreviewTemplate(v.Context(), v.Principal(), r)
		}
	}
	if err != nil {
		f.TextError = sentence(err.Error())
	}
}

// saveTemplate writes it, or with the button "try" shows what it would make.
func saveTemplate(v *Visit) error {
	f := templateForm{
		Name: v.PostFormValue("name"), Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), New: v.PostFormValue("new") != "",
		Domain: v.PostFormValue("domain"), IP4: v.PostFormValue("ipv4"), Of: v.PostFormValue("of"), Own: v.PostFormValue("own") != "",
	}
	if v.PostFormValue("try") != "" {
		return v.showTemplate(http.StatusOK, f)
	}
	if f.New {
		if old, err := v.server.Control.ShowTemplate(v.Context(), v.Principal(), f.Name); err == nil && old.Owner == v.Principal().Account() {
			f.NameError = "There is one of that name: open it to change it."
			return v.showTemplate(http.StatusUnprocessableEntity, f)
		}
	}
	t, err := v.server.Control.SetTemplate(v.Context(), v.Principal(), f.Name, f.Text)
	var wrong *control.Error
	if errors.As(err, &wrong) && (wrong.Code == control.CodeInvalid || wrong.Code == control.CodeTooLarge) {
		f.NameError, f.TextError = "", sentence(strings.Join(append([]string{wrong.Message}, wrong.Details...), "; "))
		if wrong.Subject == "name" {
			f.NameError, f.TextError = sentence(wrong.Message), ""
		}
		return v.showTemplate(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.done("/templates", notice{Level: good, Text: "The template " + t.Name + " is saved. Zones that are there stay as they are."})
}

func deleteTemplate(v *Visit) error {
	name := v.PathValue("name")
	if err := v.server.Control.DeleteTemplate(v.Context(), v.Principal(), name); err != nil {
		return err
	}
	return v.done("/templates", notice{Level: good, Text: "Your template " + name + " is deleted."})
}

func askDeleteTemplate(v *Visit) error {
	t, err := v.server.Control.ShowTemplate(v.Context(), v.Principal(), v.PathValue("name"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Delete template", Path: "/templates"}, confirmPage(confirmation{
		Title: "Delete your template " + t.Name + "?", Danger: true, Button: "Delete", Post: "/templates/" + t.Name + "/delete", Back: "/templates",
		Lines: []string{"One of that name which is root's, or built in, counts again for your zones.", "Zones that were made of it stay as they are."},
	}))
}
