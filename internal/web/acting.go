package web

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// managers is what managing the cluster of a reseller asks for.
type managers interface {
	ActAs(ctx context.Context, p acl.Principal, user string) (acl.Principal, error)
	ClusterUsers(ctx context.Context, p acl.Principal) ([]string, error)
	Unique(ctx context.Context, p acl.Principal) (control.UniqueState, error)
	SetUnique(ctx context.Context, p acl.Principal, on bool) (control.UniqueState, error)
}

// acting is whose cluster each session manages, where that is not its own user's. It lives as long as the process: after a
// restart everybody manages the own one.
type acting struct {
	mu   sync.Mutex
	user map[string]string // by session
}

// actingSessions bounds them; when there are more, all begin anew with their own cluster.
const actingSessions = 1000

func (a *acting) set(session, user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.user == nil || len(a.user) >= actingSessions {
		a.user = map[string]string{}
	}
	a.user[session] = user
}

func (a *acting) of(session string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.user[session]
}

// actsOn says which pages are about the cluster that is chosen; all others are about the own user's things.
func actsOn(pattern string) bool {
	for _, part := range []string{"/{$}", "/cluster/", "/members/", "/synchronize", "/live/cluster", "/live/members/", "/live/synchronize"} {
		if strings.HasPrefix(pattern, part) {
			return true
		}
	}
	return false
}

// act makes the visit one of whose cluster was chosen. Somebody who is no more, or may not be chosen any more, is not.
func (v *Visit) act(pattern string) {
	user := v.server.acting.of(v.session.ID)
	if user == "" || !actsOn(pattern) {
		return
	}
	as, err := v.server.Control.ActAs(v.Context(), v.session.Principal, user)
	if err != nil {
		v.server.acting.set(v.session.ID, "")
		return
	}
	v.as = &as
}

// chooseUser changes whose cluster is managed.
func chooseUser(v *Visit) error {
	user := v.PostFormValue("user")
	if _, err := v.server.Control.ActAs(v.Context(), v.session.Principal, user); err != nil {
		return err
	}
	v.server.acting.set(v.session.ID, user)
	return v.redirect("/")
}

// actingView is what the first page says of whose cluster it is.
type actingView struct {
	As     string
	Users  []string // that can be chosen; empty: none but the own
	Unique *control.UniqueState
}

func (v *Visit) lookActing() (actingView, error) {
	p := v.Principal()
	view := actingView{As: p.Account()}
	users, err := v.server.Control.ClusterUsers(v.Context(), v.session.Principal)
	if err != nil {
		return view, err
	}
	if view.Users = users; p.Account() == acl.Root || p.Root {
		return view, nil
	}
	u, err := v.server.Control.Unique(v.Context(), p)
	view.Unique = &u
	return view, err
}

// askUnique says what stops before unique DNS clustering is switched off.
func askUnique(v *Visit) error {
	u, err := v.server.Control.Unique(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Disable unique DNS clustering", Path: "/"}, confirmPage(confirmation{
		Title: "Disable unique DNS clustering for accounts owned by " + u.User + "?", Numbers: []figure{{number(u.Members), "entries of " + u.User}},
		Lines: sentences(u.Stops), Post: "/cluster/unique", Hidden: []hidden{{"to", "off"}}, Button: "Disable unique DNS clustering", Danger: true, Back: "/",
	}))
}

func setUnique(v *Visit) error {
	on := v.PostFormValue("to") == "on"
	u, err := v.server.Control.SetUnique(v.Context(), v.Principal(), on)
	if err != nil {
		return err
	}
	n := notice{Level: good, Text: "Unique DNS clustering is enabled for accounts owned by " + u.User + ": add servers for them."}
	if !on {
		n = notice{Level: idle, Text: "Unique DNS clustering is disabled: the servers of root apply to accounts owned by " + u.User + "."}
	}
	return v.done("/", n)
}
