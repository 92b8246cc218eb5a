package rest

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) userRoutes(a huma.API) {
	handle(s, a, op("list-users", http.MethodGet, "/users", "users", "List users: root all of them, others themselves and their accounts"), s.listUsers)
	handle(s, a, op("add-user", http.MethodPost, "/users", "users", "Add an account"), s.addUser)
	handle(s, a, op("show-user", http.MethodGet, "/users/{name}", "users", "Show a user"), s.showUser)
	handle(s, a, op("edit-user", http.MethodPatch, "/users/{name}", "users", "Change a user; what is absent stays as it is"), s.editUser)
	handle(s, a, op("preview-user", http.MethodPost, "/users/{name}/preview", "users", "Say what an edit of a user would do, also to zones at other servers"), s.previewUser)
	handle(s, a, op("delete-user", http.MethodDelete, "/users/{name}", "users", "Delete a user; its zones stay and are root's, or go to the trash"), s.deleteUser)
	handle(s, a, op("set-password", http.MethodPut, "/users/{name}/password", "users", "Set the password of a user; sessions end"), s.setPassword)
	handle(s, a, op("unlock-user", http.MethodPost, "/users/{name}/unlock", "users", "Forget the failed sign-ins of a user"), s.unlockUser)
	handle(s, a, op("set-totp", http.MethodPost, "/users/{name}/totp", "users", "Set an own authenticator up: first for a secret, then with a code of it"), s.setTOTP)
	handle(s, a, op("remove-totp", http.MethodDelete, "/users/{name}/totp", "users", "Remove an authenticator: the own one with a code, a user's without"), s.removeTOTP)
	handle(s, a, op("user-link", http.MethodPost, "/users/{name}/link", "users", "Make a link that signs in as the user, once, within an hour"), s.userLink)
	handle(s, a, op("list-sessions", http.MethodGet, "/users/{name}/sessions", "users", "List the open sessions of a user"), s.listSessions)
	handle(s, a, op("end-sessions", http.MethodDelete, "/users/{name}/sessions", "users", "End one session of a user, or all"), s.endSessions)
	handle(s, a, op("list-privileges", http.MethodGet, "/privileges", "users", "List what can be given to users, and what it does here"), s.listPrivileges)
	handle(s, a, op("list-privilege-lists", http.MethodGet, "/privilege-lists", "users", "List the saved lists of privileges"), s.privilegeLists)
	handle(s, a, op("save-privilege-list", http.MethodPut, "/privilege-lists/{name}", "users", "Save a list of privileges"), s.savePrivilegeList)
	handle(s, a, op("delete-privilege-list", http.MethodDelete, "/privilege-lists/{name}", "users", "Forget a list; users keep what they have"), s.deletePrivilegeList)
}

// OneUser names the user of a call.
type OneUser struct {
	Name string `path:"name"`
}

type listUsers struct {
	Search    string `query:"q" doc:"part of the name"`
	Owner     string `query:"owner" doc:"whose accounts"`
	Resellers bool   `query:"resellers" doc:"resellers only"`
	After     string `query:"after"`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) listUsers(ctx context.Context, p acl.Principal, in *listUsers) (*body[api.UserList], error) {
	found, err := s.Control.ListUsers(ctx, p, control.UserFilter{Search: in.Search, Owner: in.Owner, Resellers: in.Resellers, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := api.UserList{Users: make([]api.User, 0, len(found.Users)), Next: found.Next, Total: found.Total}
	for _, u := range found.Users {
		out.Users = append(out.Users, userOf(u))
	}
	return answer(out), nil
}

func userOf(u control.UserInfo) api.User {
	out := api.User{
		Name: u.Name, Owner: u.Owner, Reseller: u.Reseller, Contact: u.Contact, Privileges: u.Privileges.Names(),
		Nameservers: []api.UserNameserver{}, Unique: u.Unique, Suspended: u.Suspended, Accounts: u.Accounts, Zones: u.Zones,
		Password: u.SignIn.Password, Code: u.SignIn.Code, Recovery: u.SignIn.Recovery,
	}
	if u.Created != 0 {
		at := timeOf(u.Created)
		out.Created = &at
	}
	for _, n := range u.Nameservers {
		one := api.UserNameserver{Name: n.Name.Text()}
		for _, a := range n.Addresses {
			one.Addresses = append(one.Addresses, a.String())
		}
		out.Nameservers = append(out.Nameservers, one)
	}
	return out
}

// warnedUser is a user with what whoever gives its privileges is warned of.
func warnedUser(u control.UserInfo) api.User {
	out := userOf(u)
	out.Warnings = u.Privileges.Warnings()
	return out
}

type createdUser struct {
	Status int
	Body   api.User
}

func (s *Server) addUser(ctx context.Context, p acl.Principal, in *struct{ Body api.NewUser }) (*createdUser, error) {
	b := in.Body
	privileges, err := privilegesOf(b.Privileges)
	if err != nil {
		return nil, err
	}
	_, err = s.Control.AddUser(ctx, p, control.NewUser{Name: b.Name, Owner: b.Owner, Contact: b.Contact, Privileges: privileges, Password: b.Password})
	if err != nil {
		return nil, err
	}
	u, err := s.Control.ShowUser(ctx, p, b.Name)
	if err != nil {
		return nil, err
	}
	return &createdUser{http.StatusCreated, warnedUser(u)}, nil
}

func privilegesOf(names []string) (acl.Privileges, error) {
	set, err := acl.ParsePrivileges(names...)
	if err != nil {
		return nil, invalid("privileges", "%v", err)
	}
	return set, nil
}

func (s *Server) showUser(ctx context.Context, p acl.Principal, in *OneUser) (*body[api.User], error) {
	u, err := s.Control.ShowUser(ctx, p, in.Name)
	if err != nil {
		return nil, err
	}
	return answer(warnedUser(u)), nil
}

type editUser struct {
	OneUser
	Body api.UserEdit
}

func (s *Server) editUser(ctx context.Context, p acl.Principal, in *editUser) (*body[api.User], error) {
	e, err := in.edit()
	if err != nil {
		return nil, err
	}
	u, err := s.Control.EditUser(ctx, p, e)
	if err != nil {
		return nil, err
	}
	return answer(warnedUser(u)), nil
}

func (s *Server) previewUser(ctx context.Context, p acl.Principal, in *editUser) (*body[api.UserEditPreview], error) {
	e, err := in.edit()
	if err != nil {
		return nil, err
	}
	v, err := s.Control.PreviewUserEdit(ctx, p, e)
	if err != nil {
		return nil, err
	}
	return answer(api.UserEditPreview{User: v.User, Changes: append([]string{}, v.Changes...), Stays: staysOf(v.Stays)}), nil
}

// edit is the request in control's words.
func (in *editUser) edit() (e control.UserEdit, err error) {
	b := in.Body
	e = control.UserEdit{Name: in.Name, Owner: b.Owner, Contact: b.Contact, Unique: b.Unique, Suspended: b.Suspended}
	if b.Privileges != nil {
		set, err := privilegesOf(*b.Privileges)
		if err != nil {
			return e, err
		}
		e.Privileges = &set
	}
	if b.Nameservers != nil {
		list, err := nameserversOf(*b.Nameservers)
		if err != nil {
			return e, err
		}
		e.Nameservers = &list
	}
	return e, nil
}

func nameserversOf(list []api.UserNameserver) ([]control.Nameserver, error) {
	out := make([]control.Nameserver, 0, len(list))
	for _, n := range list {
		name, err := zone.ParseName(n.Name)
		if err != nil {
			return nil, invalid("nameserver "+n.Name, "%v", err)
		}
		one := control.Nameserver{Name: name}
		for _, text := range n.Addresses {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, invalid("nameserver "+n.Name, "%q is not an address", text)
			}
			one.Addresses = append(one.Addresses, a)
		}
		out = append(out, one)
	}
	return out, nil
}

type deleteUser struct {
	OneUser
	Trash   bool `query:"trash" doc:"its zones go to the trash on all servers; otherwise they stay and are root's"`
	Confirm int  `query:"confirm" doc:"number of these zones, with trash"`
	DryRun  bool `query:"dry_run" doc:"say what would happen, do nothing"`
}

func (s *Server) deleteUser(ctx context.Context, p acl.Principal, in *deleteUser) (*body[api.UserDeletion], error) {
	var d control.UserDeletion
	var err error
	if in.DryRun {
		d, err = s.Control.PreviewDeleteUser(ctx, p, in.Name)
	} else {
		d, err = s.Control.DeleteUser(ctx, p, control.DeleteRequestUser{Name: in.Name, Trash: in.Trash, Confirm: in.Confirm})
	}
	if err != nil {
		return nil, err
	}
	return answer(api.UserDeletion{User: d.User, Zones: d.Zones, Accounts: d.Accounts, Tokens: d.Tokens, Members: d.Members, Stays: staysOf(d.Stays)}), nil
}

type setPassword struct {
	OneUser
	Body api.SetPassword
}

func (s *Server) setPassword(ctx context.Context, p acl.Principal, in *setPassword) (*struct{}, error) {
	return nil, s.Control.SetPassword(ctx, p, in.Name, in.Body.Password)
}

type unlockUser struct {
	OneUser
	Body api.Unlock
}

func (s *Server) unlockUser(ctx context.Context, p acl.Principal, in *unlockUser) (*struct{}, error) {
	return nil, s.Control.UnlockUser(ctx, p, in.Name, in.Body.DropCode)
}

type setTOTP struct {
	OneUser
	Body api.TOTP
}

func (s *Server) setTOTP(ctx context.Context, p acl.Principal, in *setTOTP) (*body[api.TOTPResult], error) {
	if in.Name != p.User {
		return nil, &control.Error{Code: control.CodeDenied, Message: "everybody sets up the own authenticator"}
	}
	if in.Body.Code == "" {
		o, err := s.Control.OfferTOTP(ctx, p)
		if err != nil {
			return nil, err
		}
		return answer(api.TOTPResult{Secret: o.Secret, URI: o.URI}), nil
	}
	codes, err := s.Control.ConfirmTOTP(ctx, p, in.Body.Secret, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return answer(api.TOTPResult{Recovery: codes}), nil
}

type removeTOTP struct {
	OneUser
	Body *api.TOTPRemoval `required:"false"`
}

func (s *Server) removeTOTP(ctx context.Context, p acl.Principal, in *removeTOTP) (*struct{}, error) {
	code := ""
	if in.Body != nil {
		code = in.Body.Code
	}
	return nil, s.Control.RemoveTOTP(ctx, p, in.Name, code)
}

func (s *Server) userLink(ctx context.Context, p acl.Principal, in *OneUser) (*body[api.SignInLink], error) {
	if s.LinkOf == nil {
		return nil, &control.Error{Code: control.CodeUnavailable, Message: "this server has no pages"}
	}
	secret, err := s.Control.MakeLink(ctx, p, in.Name)
	if err != nil {
		return nil, err
	}
	return answer(api.SignInLink{URL: s.LinkOf(secret)}), nil
}

func (s *Server) listSessions(ctx context.Context, p acl.Principal, in *OneUser) (*body[api.SessionList], error) {
	list, err := s.Control.Sessions(ctx, p, in.Name)
	if err != nil {
		return nil, err
	}
	out := api.SessionList{Sessions: make([]api.Session, 0, len(list))}
	for _, l := range list {
		out.Sessions = append(out.Sessions, api.Session{ID: l.ID, From: l.From, Means: l.Means, Opened: timeOf(l.Opened), Seen: timeOf(l.Seen), Until: timeOf(l.Until)})
	}
	return answer(out), nil
}

type endSessions struct {
	OneUser
	ID string `query:"id" doc:"of the session; absent: all"`
}

func (s *Server) endSessions(ctx context.Context, p acl.Principal, in *endSessions) (*struct{}, error) {
	_, err := s.Control.EndSessions(ctx, p, in.Name, in.ID)
	return nil, err
}

func (s *Server) listPrivileges(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.Privileges], error) {
	if err := may(p, acl.ReadUser); err != nil {
		return nil, err
	}
	out := api.Privileges{}
	for _, k := range acl.Known() {
		out.Privileges = append(out.Privileges, api.Privilege{Name: string(k.Name), Label: k.Label, Group: k.Group, Does: k.Does, Warn: k.Warn})
	}
	return answer(out), nil
}

func (s *Server) privilegeLists(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.PrivilegeLists], error) {
	list, err := s.Control.PrivilegeLists(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.PrivilegeLists{Lists: make([]api.PrivilegeList, 0, len(list))}
	for _, l := range list {
		out.Lists = append(out.Lists, privilegeListOf(l))
	}
	return answer(out), nil
}

func privilegeListOf(l control.PrivilegeList) api.PrivilegeList {
	return api.PrivilegeList{Name: l.Name, Privileges: l.Privileges.Names(), Warnings: l.Privileges.Warnings()}
}

type savePrivilegeList struct {
	Name string `path:"name"`
	Body struct {
		Privileges []string `json:"privileges"`
	}
}

func (s *Server) savePrivilegeList(ctx context.Context, p acl.Principal, in *savePrivilegeList) (*body[api.PrivilegeList], error) {
	set, err := privilegesOf(in.Body.Privileges)
	if err != nil {
		return nil, err
	}
	l := control.PrivilegeList{Name: in.Name, Privileges: set}
	if err := s.Control.SavePrivilegeList(ctx, p, l); err != nil {
		return nil, err
	}
	return answer(privilegeListOf(l)), nil
}

func (s *Server) deletePrivilegeList(ctx context.Context, p acl.Principal, in *struct {
	Name string `path:"name"`
},
) (*struct{}, error) {
	return nil, s.Control.DeletePrivilegeList(ctx, p, in.Name)
}
