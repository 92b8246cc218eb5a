package control

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// Backend is a kind of server that a member can be. It describes its own form: pages, API and command line show what is
// here, so that a new kind needs nothing of theirs.
type Backend struct {
	Name      string // in requests
	Title     string // for people
	Needs     string // what must be at hand, in one line
	Available bool   // false: this version cannot do it yet
	Fields    []BackendField
}

// FieldType says how a field is shown.
type FieldType string

// The types of fields.
const (
	FieldText   FieldType = "text"
	FieldSecret FieldType = "secret" // may have several lines, and is never shown again
	FieldBinary FieldType = "binary" // "yes", or empty
	FieldChoice FieldType = "choice"
)

// BackendField is one field of a backend's form.
type BackendField struct {
	Name, Label, Hint string
	Type              FieldType
	Default           string
	Required          bool
	Choices           []BackendChoice // of a choice; the first is the default
}

// BackendChoice is one value of a choice.
type BackendChoice struct{ Value, Label, Hint string }

// Names of the fields that MemberForm knows.
const (
	FieldHost         = "host"
	FieldUsername     = "username"
	FieldToken        = "token"
	FieldRole         = "role"
	FieldReverseTrust = "reverse_trust"
	FieldSyncNow      = "sync_now"
	FieldZones        = "zones"
	FieldLeaf         = "leaf"
	FieldDebug        = "debug"
	FieldFingerprint  = "fingerprint"
)

const yes = "yes"

// Backends lists the kinds of servers, in the order of the menu.
func (c *Control) Backends(ctx context.Context, p acl.Principal) ([]Backend, error) {
	if err := allowed(p, acl.ReadMembers); err != nil {
		return nil, err
	}
	return backends(), nil
}

func backends() []Backend {
	return []Backend{
		{Name: BackendZonefleet, Title: "ZoneFleet", Available: true, Needs: "its host, and an API token made there", Fields: zonefleetForm()},
		{Name: "cpanel", Title: "cPanel", Needs: "host, user name and API token of a cPanel & WHM or DNSOnly server"},
		{Name: "softlayer", Title: "SoftLayer", Needs: "API user name and key from the provider"},
		{Name: "vpsnet", Title: "VPS.NET", Needs: "API user name and key from the provider"},
	}
}

func zonefleetForm() []BackendField {
	roles := []BackendChoice{
		{"", "as suggested", "what fits the profiles of the two servers; it is shown before anything is saved"},
		{string(cluster.Standalone), "Standalone", "this server takes newer states of zones that both have, and sends nothing"},
		{string(cluster.Synchronize), "Synchronize", "both ways: what is changed on one is joined on the other"},
		{string(cluster.WriteOnly), "Write-only", "this server sends, and what it sends replaces what is there"},
	}
	return []BackendField{
		{Name: FieldHost, Label: "Remote ZoneFleet DNS host", Hint: "name or address, with a port if that is not 2087", Type: FieldText, Required: true},
		{Name: FieldUsername, Label: "Remote server username", Hint: "usually root, or a reseller there", Type: FieldText, Default: acl.Root, Required: true},
		{
			Name: FieldToken, Label: "Remote server API token", Type: FieldSecret, Required: true,
			Hint: "made there: API tokens, For a DNS cluster…, or zonefleet token create --kind relay (or leaf). It stays here: both servers prove that they know it",
		},
		{
			Name: FieldReverseTrust, Label: "Setup reverse trust relationship", Type: FieldBinary, Default: yes,
			Hint: "registers this server there, as standalone, so that nobody has to sign in there; it switches clustering on there",
		},
		{
			Name: FieldSyncNow, Label: "Synchronize zones immediately", Type: FieldBinary, Default: yes,
			Hint: "with the role synchronize, all zones of that server come here too",
		},
		{Name: FieldRole, Label: "DNS role", Type: FieldChoice, Choices: roles},
		{
			Name: FieldZones, Label: "Zones that only that server has", Type: FieldChoice, Choices: []BackendChoice{
				{string(cluster.Common), "leave those made there later", ""}, {string(cluster.All), "take all of them", ""},
			},
		},
		{
			Name: FieldLeaf, Label: "Let it change only its own zones here", Type: FieldBinary,
			Hint: "for a web server of somebody else: zones whose home is another server are refused from it",
		},
		{Name: FieldDebug, Label: "Debug mode", Type: FieldBinary, Hint: "writes each transaction to DATA/log/cluster.log"},
		{Name: FieldFingerprint, Label: "Fingerprint of its key, if known", Type: FieldText, Hint: "as that server prints it when it starts; another key is then refused"},
	}
}

// MemberForm reads a backend's form. Errors have the field's name as their subject.
func MemberForm(backend string, values map[string]string) (MemberRequest, error) {
	b, err := backendNamed(backend)
	if err != nil {
		return MemberRequest{}, err
	}
	v := func(name string) string { return strings.Trim(breaks.Replace(values[name]), " \t") }
	r := MemberRequest{
		Backend: b.Name, Username: v(FieldUsername), Token: cleanToken(values[FieldToken]), Fingerprint: v(FieldFingerprint),
		Role: cluster.Role(v(FieldRole)), Zones: cluster.Zones(v(FieldZones)),
		ReverseTrust: v(FieldReverseTrust) != "", SyncNow: v(FieldSyncNow) != "", Leaf: v(FieldLeaf) != "", Debug: v(FieldDebug) != "",
	}
	if r.Host, r.Port, err = ParseHost(v(FieldHost)); err != nil {
		return r, err
	}
	for _, f := range b.Fields {
		text := v(f.Name)
		if f.Name == FieldToken {
			text = r.Token
		}
		switch {
		case f.Required && text == "":
			return r, fail(CodeInvalid, f.Name, "%s is missing", f.Label)
		case f.Type == FieldChoice && text != "" && !slices.ContainsFunc(f.Choices, func(c BackendChoice) bool { return c.Value == text }):
			return r, fail(CodeInvalid, f.Name, "%q is not one of the choices", text)
		}
	}
	return r, nil
}

func backendNamed(name string) (Backend, error) {
	name = cmp.Or(name, BackendZonefleet)
	var can []string
	for _, b := range backends() {
		if b.Available {
			can = append(can, b.Name)
		}
		switch {
		case b.Name == name && b.Available:
			return b, nil
		case b.Name == name:
			return b, fail(CodeInvalid, "backend", "this version cannot work with %s yet", b.Title)
		}
	}
	return Backend{}, fail(CodeInvalid, "backend", "backend type %q is not known", name).hint("it is %s", strings.Join(can, ", "))
}

// breaks are what pasting brings and no value of a form has.
var breaks = strings.NewReplacer("\r", "", "\n", "", "\f", "", "\x00", "")

// cleanToken takes line breaks out of a token, and the armour that WHM's old access keys had.
func cleanToken(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(breaks.Replace(line)); !strings.HasPrefix(line, "-----") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// ParseHost reads a host with or without a port, also as an address of a browser; the port is 0 where there is none.
func ParseHost(text string) (host string, port int, err error) {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "https://"), "/")
	host, number, err := net.SplitHostPort(text)
	if err != nil {
		return strings.Trim(text, "[]"), 0, nil
	}
	port, err = strconv.Atoi(number)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fail(CodeInvalid, FieldHost, "%q is not a port", number)
	}
	return host, port, nil
}
