package acl

import (
	"fmt"
	"slices"
	"strings"
)

// Privilege is a right that a user has, by WHM's name of it.
type Privilege string

// The privileges that mean something here. Known has these and the others that WHM's lists name.
const (
	All              Privilege = "all"
	Clustering       Privilege = "clustering"
	CreateDNS        Privilege = "create-dns"
	KillDNS          Privilege = "kill-dns"
	EditDNS          Privilege = "edit-dns"
	EditMX           Privilege = "edit-mx"
	ManageDNSRecords Privilege = "manage-dns-records"
	NSConfig         Privilege = "ns-config"
	ManageAPITokens  Privilege = "manage-api-tokens"
	Status           Privilege = "status"
	BasicSystemInfo  Privilege = "basic-system-info"
	CreateAccount    Privilege = "create-acct"
	KillAccount      Privilege = "kill-acct"
	SuspendAccount   Privilege = "suspend-acct"
	EditAccount      Privilege = "edit-account"
	ChangePasswords  Privilege = "passwd"
	CreateSession    Privilege = "create-user-session"
)

// About is what people are told of a privilege.
type About struct {
	Name  Privilege
	Label string // as WHM calls it
	Group string // of WHM's page: initial, standard, account, global, super, root
	Does  string // here; empty: it is kept and has no effect
	Warn  string // what else it opens, may be empty
}

// Known lists every privilege that can be given, in the order in which pages show them. Those without an effect are there
// so that lists made elsewhere can be taken over as they are.
func Known() []About {
	return []About{
		{ManageDNSRecords, "Manage DNS Records", "initial", "edits the records of own zones and of the zones of own accounts", ""},
		{NSConfig, "Nameserver Configuration", "initial", "sets the nameservers that own accounts' new zones get", ""},
		{ManageAPITokens, "Manage API Tokens", "initial", "makes API tokens that may do as much as the user, or less", "a token with it can make others, which end later and work from everywhere"},
		{BasicSystemInfo, "Basic System Information", "initial", "sees the name and the version of this server", ""},
		{"basic-whm-functions", "Basic WHM Functions", "initial", "", ""},
		{CreateSession, "Create User Session", "initial", "makes a link that signs in as one of the own accounts", "whoever has the link is that account"},
		{CreateDNS, "Add DNS Zones", "standard", "adds zones to own accounts", ""},
		{KillDNS, "Remove DNS Zones", "standard", "deletes zones of own accounts", ""},
		{"park-dns", "Park DNS Zones", "standard", "", ""},
		{EditDNS, "Edit DNS Zones", "standard", "edits zones of own accounts: records, history, restoring", ""},
		{EditMX, "Edit MX Entries", "standard", "edits MX records alone in zones of own accounts", ""},
		{"list-accts", "List Accounts", "account", "", ""},
		{CreateAccount, "Create Accounts", "account", "adds accounts", ""},
		{EditAccount, "Edit Accounts", "account", "changes contact and privileges of own accounts", ""},
		{SuspendAccount, "Suspend Accounts", "account", "suspends and unsuspends own accounts", ""},
		{KillAccount, "Terminate Accounts", "account", "deletes own accounts", ""},
		{ChangePasswords, "Change Passwords", "account", "sets passwords of own accounts and unlocks them", "whoever sets a password can sign in with it"},
		{"restart", "Restart Services", "global", "", ""},
		{Status, "View Server Status", "global", "sees whether the cluster is in step", ""},
		{"stats", "View Server Information", "global", "", ""},
		{"ssl-info", "SSL Information", "global", "", ""},
		{"manage-styles", "Manage Styles", "global", "", ""},
		{Clustering, "DNS Clustering", "super", "sees the page DNS Cluster, and manages own members of it", "what own members send is changed by no other privilege: it goes past many restrictions on zones"},
		{All, "All Features", "root", "everything that root may", "the same as root"},
	}
}

// Privileges is a set, in the order of its names.
type Privileges []Privilege

// ParsePrivileges makes a set of names; each must be known.
func ParsePrivileges(names ...string) (Privileges, error) {
	var set Privileges
	for _, n := range names {
		p := Privilege(strings.ToLower(strings.TrimSpace(n)))
		if p == "" {
			continue
		}
		if !slices.ContainsFunc(Known(), func(a About) bool { return a.Name == p }) {
			return nil, fmt.Errorf("privilege %q is not known", n)
		}
		set = append(set, p)
	}
	slices.Sort(set)
	return slices.Compact(set), nil
}

// Has reports whether the set has the privilege, or all.
func (s Privileges) Has(p Privilege) bool { return slices.Contains(s, p) || slices.Contains(s, All) }

// HasAny reports whether it has one of them.
func (s Privileges) HasAny(list ...Privilege) bool { return slices.ContainsFunc(list, s.Has) }

// Within reports whether everything that the set has is also had by t: nobody gives more than he has.
func (s Privileges) Within(t Privileges) bool {
	return !slices.ContainsFunc(s, func(p Privilege) bool { return !t.Has(p) })
}

// And is what both sets have.
func (s Privileges) And(t Privileges) Privileges {
	var both Privileges
	for _, a := range Known() {
		if s.Has(a.Name) && t.Has(a.Name) {
			both = append(both, a.Name)
		}
	}
	slices.Sort(both)
	return both
}

// Names are the names as text.
func (s Privileges) Names() []string {
	names := make([]string, len(s))
	for i, p := range s {
		names[i] = string(p)
	}
	return names
}
