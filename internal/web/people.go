package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// users is what the pages of users ask for.
type users interface {
	ListUsers(ctx context.Context, p acl.Principal, f control.UserFilter) (control.UserPage, error)
	ShowUser(ctx context.Context, p acl.Principal, name string) (control.UserInfo, error)
	AddUser(ctx context.Context, p acl.Principal, r control.NewUser) (control.User, error)
	EditUser(ctx context.Context, p acl.Principal, e control.UserEdit) (control.UserInfo, error)
	PreviewDeleteUser(ctx context.Context, p acl.Principal, name string) (control.UserDeletion, error)
	DeleteUser(ctx context.Context, p acl.Principal, r control.DeleteRequestUser) (control.UserDeletion, error)
	MakeLink(ctx context.Context, p acl.Principal, user string) (string, error)
	PrivilegeLists(ctx context.Context, p acl.Principal) ([]control.PrivilegeList, error)
	RemoveTOTP(ctx context.Context, p acl.Principal, user, code string) error
	DeletePrivilegeList(ctx context.Context, p acl.Principal, name string) error
	SavePrivilegeList(ctx context.Context, p acl.Principal, l control.PrivilegeList) error
}

// userRow is one line of the list.
type userRow struct {
	Name, Owner, Path, Kind string
	Zones, Accounts         int
	SignIn                  chip
}

// resellersView is the page Resellers & privileges.
type resellersView struct {
	list
	Rows       []userRow
	Problem    string
	Name       string // typed in
	Contact    string
	Groups     []privilegeGroup
	Lists      []string
	Saved      []savedList
	MayAdd     bool
	Owner      string
	OwnerGiven bool // root may say who owns the account
}

// privilegeGroup is the checkboxes of one of WHM's groups.
type privilegeGroup struct {
	Title string
	Boxes []choice
}

const usersPerPage = 50

func resellers(v *Visit) error { return v.showResellers(http.StatusOK, "", control.NewUser{}) }

func (v *Visit) showResellers(status int, problem string, typed control.NewUser) error {
	c, ctx, p := v.server.Control, v.Context(), v.Principal()
	view := resellersView{list: list{
		ID: "users", Path: "/resellers", Noun: "users", Hint: "Part of a name", Search: strings.TrimSpace(v.FormValue("q")), After: v.FormValue("after"),
		Columns: []string{"Name", "Kind", "Owner", "Zones", "Accounts", "Sign-in"}, EmptyText: "No user here yet.",
	}, Problem: problem, Name: typed.Name, Contact: typed.Contact, Owner: typed.Owner, OwnerGiven: p.Root}
	found, err := c.ListUsers(ctx, p, control.UserFilter{Search: view.Search, After: view.After, Limit: usersPerPage})
	if err != nil {
		return err
	}
	view.Total, view.Next, view.Shown = found.Total, found.Next, len(found.Users)
	for _, u := range found.Users {
		view.Rows = append(view.Rows, userRowOf(u))
	}
	if status == http.StatusOK && v.isPart(view.ID) {
		return v.part(usersPart(view))
	}
	view.MayAdd = p.Privileges.Has(acl.CreateAccount)
	view.Groups = privilegeGroups(p, typed.Privileges)
	view.Saved = v.savedLists()
	for _, l := range view.Saved {
		view.Lists = append(view.Lists, l.Name)
	}
	return v.show(status, page{Title: "Resellers & privileges", Path: "/resellers"}, resellersPage(view))
}

// savedList is a list of privileges with its name.
type savedList struct{ Name, Privileges string }

// savedLists are those that there are; nobody sees them who gives none.
func (v *Visit) savedLists() (saved []savedList) {
	lists, err := v.server.Control.PrivilegeLists(v.Context(), v.Principal())
	if err != nil {
		return nil
	}
	for _, l := range lists {
		saved = append(saved, savedList{l.Name, strings.Join(l.Privileges.Names(), ", ")})
	}
	return saved
}

func userRowOf(u control.UserInfo) userRow {
	r := userRow{Name: u.Name, Owner: u.Owner, Path: "/resellers/" + u.Name, Kind: "account", Zones: u.Zones, Accounts: u.Accounts, SignIn: signInChip(u)}
	if u.Reseller {
		r.Kind = "reseller"
	}
	return r
}

func signInChip(u control.UserInfo) chip {
	switch {
	case u.Suspended:
		return chip{act, "suspended"}
	case !u.SignIn.Password:
		return chip{idle, "no password"}
	case u.SignIn.Code:
		return chip{good, "password and code"}
	}
	return chip{good, "password"}
}

// privilegeGroups are the checkboxes of what p may give; what the user has already is shown too.
func privilegeGroups(p acl.Principal, has acl.Privileges) (groups []privilegeGroup) {
	for _, a := range acl.Known() {
		if !p.Root && !p.Privileges.Has(a.Name) && !slices.Contains(has, a.Name) {
			continue
		}
		hint := a.Does
		if hint == "" {
			hint = "has no effect here; it is kept"
		}
		if a.Warn != "" {
			hint += ". Warning: " + a.Warn
		}
		if len(groups) == 0 || groups[len(groups)-1].Title != a.Group {
			groups = append(groups, privilegeGroup{Title: a.Group})
		}
		g := &groups[len(groups)-1]
		g.Boxes = append(g.Boxes, choice{Name: "may-" + string(a.Name), Value: "on", Label: a.Label + " (" + string(a.Name) + ")", Hint: sentence(hint), Chosen: slices.Contains(has, a.Name)})
	}
	return groups
}

// chosenPrivileges reads the checkboxes, and those of a saved list.
func (v *Visit) chosenPrivileges() (set acl.Privileges, err error) {
	for _, a := range acl.Known() {
		if v.PostFormValue("may-"+string(a.Name)) != "" {
			set = append(set, a.Name)
		}
	}
	if name := v.PostFormValue("list"); name != "" {
		lists, err := v.server.Control.PrivilegeLists(v.Context(), v.Principal())
		if err != nil {
			return nil, err
		}
		for _, l := range lists {
			if l.Name == name {
				set = append(set, l.Privileges...)
			}
		}
	}
	return acl.ParsePrivileges(set.Names()...)
}

// savedNotice says that privileges were given, and what they open beside what their names say: they may have come from a
// saved list, whose boxes nobody saw.
func savedNotice(text string, given acl.Privileges) notice {
	n := notice{Level: good, Text: text}
	for _, w := range given.Warnings() {
		n.Level, n.Lines = busy, append(n.Lines, sentence("warning: "+w))
	}
	return n
}

func addUser(v *Visit) error {
	set, err := v.chosenPrivileges()
	if err != nil {
		return err
	}
	r := control.NewUser{Name: strings.TrimSpace(v.PostFormValue("name")), Owner: strings.TrimSpace(v.PostFormValue("owner")), Contact: strings.TrimSpace(v.PostFormValue("contact")), Privileges: set}
	u, err := v.server.Control.AddUser(v.Context(), v.Principal(), r)
	if e := mistake(err); e != nil {
		return v.showResellers(http.StatusUnprocessableEntity, sentence(e.Error()), r)
	}
	if err != nil {
		return err
	}
	return v.done("/resellers/"+u.Name, savedNotice("User "+u.Name+" is added. Make a link with which the password is set.", set))
}

// mistake is what a person can put right in the form; nil is anything else.
func mistake(err error) *control.Error {
	var e *control.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code {
	case control.CodeInvalid, control.CodeExists, control.CodeTooLarge, control.CodeConflict, control.CodeRefused, control.CodeStale:
		return e
	}
	return nil
}

// userView is the page of one user.
type userView struct {
	userRow
	Contact     string
	Own         bool // the visitor's
	Groups      []privilegeGroup
	Nameservers string
	Suspended   bool
	Unique      bool
	Link        string // just made, shown once
	Problem     string
	Lists       []string
	MayCluster  bool // the visitor says how its accounts are clustered
	MayDrop     bool // the visitor removes its authenticator
}

func showUser(v *Visit) error { return v.showUserPage(http.StatusOK, "", "") }

func (v *Visit) showUserPage(status int, problem, link string) error {
	u, err := v.server.Control.ShowUser(v.Context(), v.Principal(), v.PathValue("user"))
	if err != nil {
		return err
	}
	view := userView{
		userRow: userRowOf(u), Contact: u.Contact, Own: u.Name == v.Principal().User, Groups: privilegeGroups(v.Principal(), u.Privileges),
		Suspended: u.Suspended, Unique: u.Unique, Problem: problem, Link: link,
	}
	for _, l := range v.savedLists() {
		view.Lists = append(view.Lists, l.Name)
	}
	p := v.Principal()
	view.MayCluster = u.Reseller && (p.Root || view.Own && p.Privileges.HasAny(acl.Clustering))
	view.MayDrop = u.SignIn.Code && !view.Own && (p.Root || p.Privileges.HasAny(acl.ChangePasswords))
	var lines []string
	for _, n := range u.Nameservers {
		line := n.Name.Text()
		for _, a := range n.Addresses {
			line += " " + a.String()
		}
		lines = append(lines, line)
	}
	view.Nameservers = strings.Join(lines, "\n")
	return v.show(status, page{Title: u.Name, Path: "/resellers"}, userPage(view))
}

// editUser carries out one of the forms of the page.
func editUser(v *Visit) error {
	e := control.UserEdit{Name: v.PathValue("user")}
	switch v.PostFormValue("what") {
	case "privileges":
		set, err := v.chosenPrivileges()
		if err != nil {
			return err
		}
		e.Privileges = &set
	case "contact":
		contact := strings.TrimSpace(v.PostFormValue("contact"))
		e.Contact = &contact
	case "nameservers":
		list, err := readNameservers(v.PostFormValue("nameservers"))
		if err != nil {
			return v.showUserPage(http.StatusUnprocessableEntity, sentence(err.Error()), "")
		}
		e.Nameservers = &list
	case "suspend", "unsuspend":
		on := v.PostFormValue("what") == "suspend"
		e.Suspended = &on
	}
	_, err := v.server.Control.EditUser(v.Context(), v.Principal(), e)
	if m := mistake(err); m != nil {
		return v.showUserPage(http.StatusUnprocessableEntity, sentence(m.Error()), "")
	}
	if err != nil {
		return err
	}
	if e.Privileges != nil {
		return v.done("/resellers/"+e.Name, savedNotice("Saved.", *e.Privileges))
	}
	return v.done("/resellers/"+e.Name, notice{Level: good, Text: "Saved."})
}

// readNameservers reads a line for each: its name, and addresses behind it.
func readNameservers(text string) (list []control.Nameserver, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		n := control.Nameserver{}
		if n.Name, err = zone.ParseName(words[0]); err != nil {
			return nil, err
		}
		for _, w := range words[1:] {
			a, err := netip.ParseAddr(w)
			if err != nil {
				return nil, errors.New(w + " is not an address")
			}
			n.Addresses = append(n.Addresses, a)
		}
		list = append(list, n)
	}
	return list, nil
}

// makeLink shows a link once: it is in this answer alone.
func makeLink(v *Visit) error {
	secret, err := v.server.Control.MakeLink(v.Context(), v.Principal(), v.PathValue("user"))
	if err != nil {
		return err
	}
	return v.showUserPage(http.StatusOK, "", "https://"+v.Host+LinkPath(secret))
}

func askDeleteUser(v *Visit) error {
	d, err := v.server.Control.PreviewDeleteUser(v.Context(), v.Principal(), v.PathValue("user"))
	if err != nil {
		return err
	}
	trash := v.FormValue("zones") == "trash"
	lines := []string{"Its zones stay on all servers and are answered; they are root's from then on.", "Whoever is signed in as it is signed out, and its tokens stop working."}
	if trash {
		lines[0] = "Its zones go to the trash on all servers, from where they can be restored."
	}
	for _, s := range d.Stays {
		lines = append(lines, sentence(s.Text()))
	}
	c := confirmation{
		Title: "Delete the user " + d.User + "?",
		Numbers: []figure{
			{number(d.Zones), "zones"}, {number(d.Accounts), "accounts that pass to root"}, {number(d.Tokens), "tokens that stop working"}, {number(d.Members), "own members that are removed"},
		},
		Lines: lines, Post: "/resellers/" + d.User + "/delete", Hidden: []hidden{{"confirm", strconv.Itoa(d.Zones)}, {"zones", v.FormValue("zones")}},
		Button: "Delete " + d.User, Danger: true, Back: "/resellers/" + d.User,
	}
	return v.show(http.StatusOK, page{Title: c.Title, Path: "/resellers"}, confirmPage(c))
}

func deleteUser(v *Visit) error {
	confirm, _ := strconv.Atoi(v.PostFormValue("confirm"))
	name := v.PathValue("user")
	_, err := v.server.Control.DeleteUser(v.Context(), v.Principal(), control.DeleteRequestUser{Name: name, Trash: v.PostFormValue("zones") == "trash", Confirm: confirm})
	if control.CodeOf(err) == control.CodeStale {
		return askDeleteUser(v)
	}
	if err != nil {
		return err
	}
	return v.done("/resellers", notice{Level: idle, Text: "User " + name + " is deleted."})
}

func saveList(v *Visit) error {
	set, err := v.chosenPrivileges()
	if err != nil {
		return err
	}
	l := control.PrivilegeList{Name: strings.TrimSpace(v.PostFormValue("name")), Privileges: set}
	err = v.server.Control.SavePrivilegeList(v.Context(), v.Principal(), l)
	if m := mistake(err); m != nil {
		typed := control.NewUser{Name: l.Name, Owner: v.PostFormValue("owner"), Contact: v.PostFormValue("contact"), Privileges: set}
		return v.showResellers(http.StatusUnprocessableEntity, sentence(m.Error()), typed)
	}
	if err != nil {
		return err
	}
	return v.done("/resellers", savedNotice("The list "+l.Name+" is saved.", set))
}

func askDeleteList(v *Visit) error {
	name := v.PathValue("list")
	for _, l := range v.savedLists() {
		if l.Name == name {
			return v.show(http.StatusOK, page{Title: "Delete a list", Path: "/resellers"}, confirmPage(confirmation{
				Title: "Delete the list " + name + "?", Lead: l.Privileges, Lines: []string{"Users keep the privileges that they have."},
				Post: "/resellers/lists/" + name + "/delete", Button: "Delete " + name, Danger: true, Back: "/resellers",
			}))
		}
	}
	return &control.Error{Code: control.CodeNotFound, Subject: name, Message: "there is no such list of privileges"}
}

func deleteList(v *Visit) error {
	name := v.PathValue("list")
	if err := v.server.Control.DeletePrivilegeList(v.Context(), v.Principal(), name); err != nil {
		return err
	}
	return v.done("/resellers", notice{Level: idle, Text: "The list " + name + " is deleted."})
}

// dropCode removes the authenticator of another user, who has lost it.
func dropCode(v *Visit) error {
	user := v.PathValue("user")
	if err := v.server.Control.RemoveTOTP(v.Context(), v.Principal(), user, ""); err != nil {
		return err
	}
	return v.done("/resellers/"+user, notice{Level: good, Text: user + " signs in without a code from now on."})
}

// actFor is the visitor managing the cluster of the user of the page.
func (v *Visit) actFor() (acl.Principal, error) {
	return v.server.Control.ActAs(v.Context(), v.Principal(), v.PathValue("user"))
}

// askUserUnique says what starts or stops when unique DNS clustering of the user is switched.
func askUserUnique(v *Visit) error {
	as, err := v.actFor()
	if err != nil {
		return err
	}
	u, err := v.server.Control.Unique(v.Context(), as)
	if err != nil {
		return err
	}
	back := "/resellers/" + v.PathValue("user")
	c := confirmation{
		Title: "Enable unique DNS clustering for accounts owned by " + u.User + "?", Numbers: []figure{{number(u.Members), "entries of " + u.User}},
		Lines: sentences(u.Starts), Post: back + "/unique", Hidden: []hidden{{"to", "on"}}, Button: "Enable unique DNS clustering", Back: back,
	}
	if u.On {
		c.Title, c.Lines, c.Hidden = "Disable unique DNS clustering for accounts owned by "+u.User+"?", sentences(u.Stops), []hidden{{"to", "off"}}
		c.Button, c.Danger = "Disable unique DNS clustering", true
	}
	return v.show(http.StatusOK, page{Title: "Unique DNS clustering", Path: "/resellers"}, confirmPage(c))
}

func setUserUnique(v *Visit) error {
	as, err := v.actFor()
	if err != nil {
		return err
	}
	u, err := v.server.Control.SetUnique(v.Context(), as, v.PostFormValue("to") == "on")
	if err != nil {
		return err
	}
	word := map[bool]string{true: "enabled", false: "disabled"}[u.On]
	return v.done("/resellers/"+u.User, notice{Level: good, Text: "Unique DNS clustering is " + word + " for accounts owned by " + u.User + "."})
}
