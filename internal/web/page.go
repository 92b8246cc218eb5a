package web

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// view is what the page shows. Without Server nobody is signed in.
type view struct {
	Used, Entering, Failed bool

	Server, Version, Key string
	Clustering           bool
	Sentence, Level      string
	Zones, Conflicts     int
	Members              []row
	Changes              []change
	Now                  string
}

type row struct {
	Name, Host, Role, State, Level, Version, Software string
	Waiting                                           int
	Oldest                                            string
}

type change struct {
	ID                       uint64
	Zone, Kind, Author, Time string
}

// latest is how many changes the page shows.
const latest = 12

// levels are the words for how it is, by the exit code of cluster status; the style sheet gives them colours.
func level(code int) string {
	switch code {
	case 0:
		return "good"
	case 1:
		return "busy"
	}
	return "act"
}

func (s *Server) look(ctx context.Context) (view, error) {
	root := acl.Local()
	status, err := s.cluster.Status(ctx, root)
	if err != nil {
		return view{}, err
	}
	changes, err := s.cluster.Changes(ctx, root, 0, latest)
	if err != nil {
		return view{}, err
	}
	v := view{
		Server: status.Self.Name, Version: status.Self.Version, Key: status.Self.Fingerprint, Clustering: status.Clustering,
		Sentence: status.Sentence, Level: level(status.Exit), Zones: status.Zones, Conflicts: status.Conflicts,
		Now: stamp(zone.Millis(s.sessions.now().UnixMilli())),
	}
	for _, m := range status.Members {
		v.Members = append(v.Members, rowOf(m))
	}
	for _, c := range changes {
		v.Changes = append(v.Changes, change{uint64(c.Position), c.Zone.Text(), c.Kind, c.Author, stamp(c.Time)})
	}
	return v, nil
}

func rowOf(m control.MemberStatus) row {
	r := row{
		Name: m.Name, Host: net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), Role: string(m.Role), Version: m.Version, Software: m.Software, Waiting: m.Link.Waiting,
		State: string(m.Health.Current()), Level: "act",
	}
	if r.State == "active" {
		r.State, r.Level = "not connected", "busy"
		if m.Link.Connected {
			r.State, r.Level = "connected", "good"
		}
	}
	if m.Link.Oldest != 0 {
		r.Oldest = stamp(m.Link.Oldest)
	}
	return r
}

func stamp(t zone.Millis) string {
	return time.UnixMilli(int64(t)).UTC().Format("2006-01-02 15:04:05 UTC")
}
