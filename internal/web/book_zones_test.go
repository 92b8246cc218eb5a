package web

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (b *book) Templates(context.Context, acl.Principal) ([]control.Template, error) {
	return []control.Template{{Name: "standard"}}, nil
}

func (b *book) CreateZone(_ context.Context, _ acl.Principal, r control.CreateRequest) (control.EditResult, error) {
	return control.EditResult{Result: control.Result{Zone: r.Zone}}, b.err
}

func (b *book) ResetZone(context.Context, acl.Principal, control.ResetRequest) (control.EditResult, error) {
	return control.EditResult{}, b.err
}

func (b *book) ShowTemplate(_ context.Context, _ acl.Principal, name string) (control.Template, error) {
	return control.Template{Name: name}, b.err
}

func (b *book) SetTemplate(_ context.Context, _ acl.Principal, name, _ string) (control.Template, error) {
	return control.Template{Name: name}, b.err
}

func (b *book) DeleteTemplate(context.Context, acl.Principal, string) error { return b.err }

func (b *book) PreviewTemplate(context.Context, acl.Principal, control.TemplateRequest) (string, *zone.File, error) {
	return "", &zone.File{}, b.err
}

func (b *book) WayIn(context.Context, acl.Principal) ([]control.Step, error) {
	return []control.Step{{Name: control.StepServer, Done: true, State: "web1.example"}, {Name: control.StepMember, State: "none yet", Command: "zonefleet member invite"}}, b.err
}
