package web

import (
	"context"
	"net/url"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// ways is what the steps of the way in are asked of.
type ways interface {
	WayIn(ctx context.Context, p acl.Principal) ([]control.Step, error)
}

// step is one of the steps of the way in, with its state.
type step struct {
	Title, State string
	Done         bool
	Command      string  // that does it too, where no page can
	Links        []place // pages that do it
	Post, Button string  // or a form
}

// lookSteps is the way in: shown while clustering is off or there is no member.
func (v *Visit) lookSteps(st control.Status) ([]step, error) {
	if st.Clustering && len(st.Members) > 0 {
		return nil, nil
	}
	list, err := v.server.Control.WayIn(v.Context(), v.Principal())
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, s := range list {
		steps = append(steps, stepOf(s))
	}
	return steps, nil
}

// stepOf says at which page a step is done.
func stepOf(s control.Step) step {
	out := step{State: s.State, Done: s.Done}
	member := "/members/" + url.PathEscape(s.About)
	switch s.Name {
	case control.StepServer:
		out.Title, out.Links = "Name and addresses of this server", []place{{"Settings", "/settings#server"}}
		if !s.Done {
			out.Command = s.Command
		}
	case control.StepClustering:
		out.Title = "DNS clustering"
		if !s.Done {
			out.Post, out.Button = "/cluster/clustering", "Enable clustering"
		}
	case control.StepNameservers:
		out.Title, out.Links = "Its nameserver names", []place{{"Settings: nameservers…", "/settings#zones"}}
	case control.StepTrusted:
		out.Title, out.Links = "Trusted IPs", []place{{"Remote service IPs…", trustedPath}}
	case control.StepMember:
		out.Title, out.Links = "First member", []place{{"Add a server…", addPath}, {"Make a join code…", invitePath}}
	case control.StepSync:
		out.Title, out.Links = "First synchronization", []place{{"Synchronize…", "/synchronize"}}
		if s.About != "" {
			out.Links = []place{{"Progress", member + "/progress"}}
		}
	case control.StepTest:
		out.Title, out.Links = "Test", []place{{"Add a zone to ask for…", "/zones/add"}}
		if s.About != "" {
			out.Links = []place{{"Ask every server for " + s.About + "…", "/zones/" + url.PathEscape(s.About) + "/servers"}}
		}
	}
	return out
}
