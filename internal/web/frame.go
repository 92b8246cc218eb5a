package web

import (
	"errors"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// page is what a handler says of its page.
type page struct {
	Title string
	Path  string // of its place in the navigation, empty if it has none
	Live  string // where its live parts come from; "/live/status" if empty, which keeps the header's chip fresh
}

// frame is what every page has around its content.
type frame struct {
	page
	Server, Version, User string
	Status                *chip // how the cluster is; nil where nobody may know
	Notices               []notice
	Places                []place
	URL                   func(asset string) string
}

// bareFrame is the frame of somebody who may not be signed in: it asks nothing and names nothing.
func (v *Visit) bareFrame(p page) frame {
	f := frame{page: p, URL: v.server.assetURL}
	if v.session.ID != "" {
		f.User, f.Places = v.session.Principal.Account(), built()
	}
	return f
}

func (s *Server) assetURL(name string) string { return s.assets().urls[name] }

func (v *Visit) frame(p page) (frame, error) {
	f := v.bareFrame(p)
	if f.Live == "" {
		f.Live = "/live/status"
	}
	f.Notices = v.server.flashes.take(v.session.ID)
	st, err := v.server.Control.Status(v.Context(), v.Principal())
	var denied *control.Error
	switch {
	case errors.As(err, &denied) && denied.Code == control.CodeDenied:
		return f, nil
	case err != nil:
		return f, err
	}
	f.Server, f.Version = st.Self.Name, st.Self.Version
	c := statusChip(st)
	f.Status = &c
	return f, nil
}

// level is how good something is; the style sheet gives it a colour, and words always say it too.
type level string

const (
	good level = "good" // as it should be
	busy level = "busy" // gets there by itself
	act  level = "act"  // somebody must act
	idle level = "idle" // switched off, or nothing to say
)

// levelOf reads the exit code of a cluster's status.
func levelOf(code int) level {
	switch code {
	case 0:
		return good
	case 1:
		return busy
	}
	return act
}

// statusChip is the cluster's state in two or three words; the page says the rest.
func statusChip(st control.Status) chip {
	words := map[level]string{good: "In step", busy: "Catching up", act: "Someone must act"}[levelOf(st.Exit)]
	if !st.Clustering {
		return chip{Level: idle, Text: "Clustering is off"}
	}
	return chip{Level: levelOf(st.Exit), Text: words}
}

type chip struct {
	Level level
	Text  string
}

type notice struct {
	Level level
	Text  string
	Lines []string
}

// instant is a moment, as a page shows it.
type instant struct{ at time.Time }

func instantOf(t zone.Millis) instant {
	if t == 0 {
		return instant{}
	}
	return instant{time.UnixMilli(int64(t)).UTC()}
}

func (i instant) machine() string { return i.at.Format(time.RFC3339) }
func (i instant) text() string    { return i.at.Format("2006-01-02 15:04:05 UTC") }

// ago is a span in words, as rough as people need it.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(int(d.Seconds()), 0))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// count is a number with its noun, in thousands that can be read.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
