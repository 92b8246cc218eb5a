package api

import "time"

// User is somebody with an account at this server.
type User struct {
	Name        string           `json:"name"`
	Owner       string           `json:"owner" doc:"who owns the account: root or a reseller"`
	Reseller    bool             `json:"reseller" doc:"root's user with a privilege or with accounts"`
	Contact     string           `json:"contact,omitempty" doc:"mail address"`
	Privileges  []string         `json:"privileges" doc:"by WHM's names, see /privileges"`
	Nameservers []UserNameserver `json:"nameservers" doc:"own ones; none: its owner's, in the end those of the settings"`
	Unique      bool             `json:"unique_clustering" doc:"unique DNS clustering: own members for the zones of own accounts"`
	Suspended   bool             `json:"suspended"`
	Created     *time.Time       `json:"created,omitempty"`
	Accounts    int              `json:"accounts" doc:"that it owns"`
	Zones       int              `json:"zones" doc:"that live"`
	Password    bool             `json:"password" doc:"one is set"`
	Code        bool             `json:"code" doc:"an authenticator is asked for"`
	Recovery    int              `json:"recovery_codes" doc:"that are left"`
	Warnings    []string         `json:"warnings,omitempty" doc:"where the user is added, edited or shown alone: what its privileges open beside what their names say"`
}

// UserNameserver is a name that new zones are delegated to.
type UserNameserver struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses,omitempty" doc:"A and AAAA"`
}

// UserList is one page of users by name.
type UserList struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty" doc:"give as after to get the next page"`
	Total int    `json:"total"`
}

// NewUser asks for an account.
type NewUser struct {
	Name       string   `json:"name"`
	Owner      string   `json:"owner,omitempty" doc:"default: who asks"`
	Contact    string   `json:"contact,omitempty"`
	Privileges []string `json:"privileges,omitempty"`
	Password   string   `json:"password,omitempty" doc:"may be set later, or by the user with a sign-in link"`
}

// UserEdit changes a user; what is absent stays as it is.
type UserEdit struct {
	Owner       *string           `json:"owner,omitempty"`
	Contact     *string           `json:"contact,omitempty"`
	Privileges  *[]string         `json:"privileges,omitempty"`
	Nameservers *[]UserNameserver `json:"nameservers,omitempty"`
	Unique      *bool             `json:"unique_clustering,omitempty"`
	Suspended   *bool             `json:"suspended,omitempty"`
}

// UserEditPreview is what an edit of a user would do. Nothing is changed by asking.
type UserEditPreview struct {
	User    string   `json:"user"`
	Changes []string `json:"changes" doc:"what would be different, in words"`
	Stays   []Stay   `json:"stays" doc:"zones that would be left behind at members, because no link would carry them there any more"`
}

// UserDeletion is what deleting a user did, or would do.
type UserDeletion struct {
	User     string `json:"user"`
	Zones    int    `json:"zones" doc:"that it owns: they stay and are root's, or go to the trash"`
	Accounts int    `json:"accounts" doc:"that pass to root"`
	Tokens   int    `json:"tokens" doc:"that are revoked"`
	Members  int    `json:"members" doc:"of its own, with which this server stops working"`
	Stays    []Stay `json:"stays,omitempty" doc:"zones that would be left behind at members; of a deletion that was done, that were"`
}

// SetPassword sets a password.
type SetPassword struct {
	Password string `json:"password"`
}

// Unlock lets a user try again.
type Unlock struct {
	DropCode bool `json:"drop_code,omitempty" doc:"the authenticator is taken away too"`
}

// Session is one that is open in a browser.
type Session struct {
	ID     string    `json:"id"`
	From   string    `json:"from" doc:"address"`
	Means  string    `json:"means" enum:"password,link" doc:"how it was opened"`
	Opened time.Time `json:"opened"`
	Seen   time.Time `json:"seen"`
	Until  time.Time `json:"until" doc:"when it ends unless it is used, at the latest 12 hours after it was opened"`
}

// SessionList is the open sessions of a user, the newest first.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

// TOTP sets an authenticator up: without a code it asks for a secret, with both it confirms it.
type TOTP struct {
	Secret string `json:"secret,omitempty"`
	Code   string `json:"code,omitempty"`
}

// TOTPRemoval removes an authenticator.
type TOTPRemoval struct {
	Code string `json:"code,omitempty" doc:"for the own one: a code of it, or a recovery code; absent for that of another user, and for root with a token"`
}

// TOTPResult is a secret to confirm, or, once it is confirmed, the recovery codes. Both are shown in this answer alone.
type TOTPResult struct {
	Secret   string   `json:"secret,omitempty"`
	URI      string   `json:"uri,omitempty" doc:"for an authenticator"`
	Recovery []string `json:"recovery_codes,omitempty"`
}

// Privilege is one that can be given.
type Privilege struct {
	Name  string `json:"name"`
	Label string `json:"label" doc:"as WHM calls it"`
	Group string `json:"group"`
	Does  string `json:"does,omitempty" doc:"here; absent: it is kept and has no effect"`
	Warn  string `json:"warn,omitempty"`
}

// Privileges is every privilege that can be given.
type Privileges struct {
	Privileges []Privilege `json:"privileges"`
}

// PrivilegeList is a set of privileges with a name.
type PrivilegeList struct {
	Name       string   `json:"name"`
	Privileges []string `json:"privileges"`
	Warnings   []string `json:"warnings,omitempty" doc:"what they open beside what their names say"`
}

// PrivilegeLists is those that are saved.
type PrivilegeLists struct {
	Lists []PrivilegeList `json:"lists"`
}
