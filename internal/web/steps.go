package web

import (
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
)

// step is one of the steps of the way in, with its state.
type step struct {
	Title, State string
	Done         bool
	Commands     []string // that do it, until a page can
	Links        []place  // pages that do it
	Post, Button string   // or a form
}

// stepsOf is the way in: shown while clustering is off or there is no member.
func stepsOf(st control.Status, settings control.Settings) []step {
	if st.Clustering && len(st.Members) > 0 {
		return nil
	}
	var addresses, names []string
	for _, a := range st.Self.Addresses {
		addresses = append(addresses, a.String())
	}
	for _, n := range settings.Nameservers {
		names = append(names, n.Text())
	}
	on := step{Title: "DNS clustering", State: "enabled on this server", Done: st.Clustering}
	if !st.Clustering {
		on.State, on.Post, on.Button = "disabled on this server", "/cluster/clustering", "Enable clustering"
	}
	server := step{Title: "This server", Done: true, State: st.Self.Name + ", reached by members at " + st.Self.Advertise}
	if len(addresses) > 0 && !strings.Contains(st.Self.Advertise, addresses[0]) {
		server.State += " (" + strings.Join(addresses, ", ") + ")"
	}
	ns := step{Title: "Nameserver names", Done: len(names) > 0, State: "new zones name " + strings.Join(names, ", ")}
	if len(names) == 0 {
		ns.State, ns.Commands = "none yet: new zones have to name their own", []string{"zonefleet settings set nameservers ns1.example.net ns2.example.net"}
	}
	trusted := step{Title: "Trusted IPs", Done: len(st.Members) > 0, State: "learned from the members, and kept by hand where a nameserver is none", Links: []place{{"Remote service IPs…", trustedPath}}}
	first := step{Title: "First member", Done: len(st.Members) > 0, State: count(len(st.Members), "member", "members")}
	if len(st.Members) == 0 {
		first.State = "none yet: add one with a token made there, or make a code here and use it there"
		first.Links = []place{{"Add a server…", addPath}, {"Make a join code…", invitePath}}
	}
	synced := true
	for _, m := range st.Members {
		synced = synced && m.Link.Connected && m.Link.Waiting == 0
	}
	sync := step{Title: "First synchronization", Done: len(st.Members) > 0 && synced && st.Clustering, State: "everything that is here has arrived"}
	if !sync.Done {
		sync.State = "begins by itself when a server joins; its progress is shown here"
	}
	test := step{Title: "Test", State: "ask every server for a name of one of your zones and compare", Commands: []string{"zonefleet ask www.example.com A --all"}}
	return []step{server, on, ns, trusted, first, sync, test}
}
