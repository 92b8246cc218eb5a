package web

import "net/http"

// problem is what the page of an error says.
type problem struct {
	Text, Hint string
	Details    []string
}

// refuse answers with the page of an error outside of a visit.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	s.refusal(&Visit{Request: r, w: w, server: s}, status, problem{Text: text})
}

// refusal renders without asking control anything: the page of an error must not fail.
func (s *Server) refusal(v *Visit, status int, p problem) {
	frame := v.bareFrame(page{Title: titleOf(status)})
	if err := v.write(status, layout(frame, refusalPage(status, titleOf(status), p))); err != nil {
		s.Logger.Error("page of an error was not made", "err", err)
		http.Error(v.w, http.StatusText(status), status)
	}
}

func titleOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "That did not work"
	case http.StatusUnauthorized:
		return "Sign in"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusNotFound:
		return "Not found"
	case http.StatusConflict:
		return "It has changed meanwhile"
	case http.StatusServiceUnavailable:
		return "Not now"
	case http.StatusInternalServerError:
		return "Something went wrong"
	}
	return http.StatusText(status)
}

func nothingHere(v *Visit) error {
	if v.session.ID == "" {
		v.mustSignIn() // who is not signed in does not learn what exists
		return nil
	}
	v.server.refusal(v, http.StatusNotFound, problem{Text: "There is no such page, or it is not yours.", Hint: "the menu lists what there is"})
	return nil
}
