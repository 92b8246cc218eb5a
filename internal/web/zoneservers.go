package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// questions is what the tab Servers asks for.
type questions interface {
	Ask(ctx context.Context, p acl.Principal, r control.AskRequest) ([]control.ServerAnswer, bool, error)
}

// serversView is who serves which version of a zone, and what every server answers to one question.
type serversView struct {
	zoneHead
	Servers    []serverLine
	Arrived    chip
	Name, Type string // of the question
	Wrong      string
	Asked      []answerLine
	Same       bool
}

// answerLine is what one server said.
type answerLine struct {
	Server, Address, Rcode, Took, Error string
	Records                             []string
	Differs                             bool // from what this server says
}

func showServers(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	name := z.View.Zone
	w := serversView{Name: strings.TrimSpace(v.FormValue("name")), Type: strings.ToUpper(strings.TrimSpace(v.FormValue("type")))}
	if w.zoneHead, err = v.zoneHead(z, "/servers"); err != nil {
		return err
	}
	if w.Servers, w.Arrived, err = v.arrival(name, z.Position, z.Head.StoredAt); err != nil {
		return err
	}
	status := http.StatusOK
	if w.Name != "" || w.Type != "" {
		if err := w.ask(v, name); err != nil {
			return err
		}
		if w.Wrong != "" {
			status = http.StatusUnprocessableEntity
		}
	}
	if w.Type == "" {
		w.Name, w.Type = "@", "SOA"
	}
	return v.showTab(status, w.zoneHead, "Servers", serversTab(w))
}

// ask asks every server the same question. A name that is not in the zone is nobody's business here.
func (w *serversView) ask(v *Visit, z zone.Name) error {
	name, err := ownerIn(w.Name, z)
	if err != nil {
		w.Wrong = sentence(err.Error())
		return nil
	}
	t, err := zone.ParseType(w.Type)
	if err != nil || t.IsMeta() {
		w.Wrong = "That is no type of records in a zone."
		return nil
	}
	answers, same, err := v.server.Control.Ask(v.Context(), v.Principal(), control.AskRequest{Name: name, Type: t, All: true})
	if control.CodeOf(err) == control.CodeUnavailable {
		w.Wrong = sentence(err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	w.Same = same
	for _, a := range answers {
		l := answerLine{Server: a.Server, Address: a.Address, Rcode: a.Rcode, Error: a.Error, Took: strconv.FormatFloat(float64(a.Took.Microseconds())/1000, 'f', 1, 64) + " ms"}
		l.Differs = a.Error != "" || a.Said() != answers[0].Said()
		for _, r := range a.Records {
			l.Records = append(l.Records, strconv.FormatUint(uint64(r.TTL), 10)+" "+r.Type+" "+r.Data)
		}
		w.Asked = append(w.Asked, l)
	}
	return nil
}
