package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
)

// replaceForm is what stands where, and what shall.
type replaceForm struct {
	From, To, Reason   string
	FromError, ToError string
}

func replacePage(v *Visit) error {
	return v.showReplace(http.StatusOK, replaceForm{From: strings.TrimSpace(v.FormValue("from"))})
}

func (v *Visit) showReplace(status int, f replaceForm) error {
	return v.show(status, page{Title: "Replace a value everywhere", Path: "/zones"}, replaceView(f))
}

// searchReplace begins the search. What it finds is shown, and waits.
func searchReplace(v *Visit) error {
	f := replaceForm{From: v.PostFormValue("from"), To: v.PostFormValue("to"), Reason: strings.TrimSpace(v.PostFormValue("reason"))}
	s, err := v.server.Control.BeginChangeSet(v.Context(), v.Principal(), control.SetRequest{
		Kind: control.SetReplace, SetParams: control.SetParams{From: f.From, To: f.To}, Reason: f.Reason,
	})
	var wrong *control.Error
	switch {
	case errors.As(err, &wrong) && wrong.Code == control.CodeInvalid && wrong.Subject == "from":
		f.FromError = sentence(wrong.Message)
	case errors.As(err, &wrong) && wrong.Code == control.CodeInvalid && wrong.Subject == "to":
		f.ToError = sentence(wrong.Message)
	case err != nil:
		return err
	default:
		return v.redirect(setPath(s.ID))
	}
	return v.showReplace(http.StatusUnprocessableEntity, f)
}
