package web

import (
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
)

// What a token of the form is for.
const (
	forProgram = "program"
	forACME    = "acme"
	forRecords = "records"
	forCluster = "cluster"
)

// tokenForm is the form of a new token, or of one that is changed, as it was typed in.
type tokenForm struct {
	ID, For                         string // no ID: a new one
	Name, Until, From, Names, Types string
	Never                           bool
	Kind, Claims                    string         // leaf or relay
	Narrow                          bool           // of one that is changed: it is for single records
	Chosen                          acl.Privileges // of a new token for a program
	Wrong                           map[string]string
}

// givable are the privileges that somebody can give to a token; root need not choose among them.
func givable(p acl.Principal) acl.Privileges {
	var list acl.Privileges
	for _, a := range acl.Known() {
		if a.Does != "" && (p.Root || p.Privileges.Has(a.Name)) {
			list = append(list, a.Name)
		}
	}
	return list
}

// chosen are the privileges of the form; nil where all are ticked: then it has those to come too.
func (f tokenForm) chosen(p acl.Principal) acl.Privileges {
	all := givable(p)
	if len(f.Chosen) == 0 {
		f.Wrong["privileges"] = "Give at least one."
		return nil
	}
	if all.Within(f.Chosen) && len(f.Chosen) >= len(all) {
		return nil
	}
	if len(f.Chosen) > 1 && f.Chosen.Has(acl.All) {
		f.Wrong["privileges"] = "All Features has all the others in it: untick it too, or leave it alone."
	}
	return f.Chosen
}

func (f tokenForm) path() string {
	if f.ID == "" {
		return "/tokens"
	}
	return "/tokens/" + f.ID
}

func newToken(v *Visit) error {
	f := tokenForm{For: v.FormValue("for"), Kind: "leaf", Until: v.server.Now().AddDate(1, 0, 0).UTC().Format(time.DateOnly), Never: true}
	f.Chosen = givable(v.Principal())
	switch f.For {
	case forACME:
		f.Names = "*"
	case forRecords, forCluster:
	default:
		f.For = forProgram
	}
	return v.showTokenForm(http.StatusOK, f)
}

func (v *Visit) showTokenForm(status int, f tokenForm) error {
	title := "New API token"
	if f.ID != "" {
		title = "Edit the token " + f.Name
	}
	return v.show(status, page{Title: title, Path: "/tokens"}, tokenFormPage(title, f, givable(v.Principal())))
}

func readTokenForm(v *Visit) tokenForm {
	value := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return tokenForm{
		For: value("for"), Name: value("name"), Never: value("expires") != "date", Until: value("until"), From: value("from"),
		Names: value("names"), Types: value("types"), Kind: value("kind"), Claims: value("claims"), Wrong: map[string]string{},
	}
}

// expires is the end of the day of the form; the zero time is never.
func (f tokenForm) expires() time.Time {
	if f.Never {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, f.Until)
	if err != nil {
		f.Wrong["until"] = "Give a day, as 2027-12-31."
	}
	return day.Add(24*time.Hour - time.Second)
}

func (f tokenForm) addresses() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range strings.Fields(strings.ReplaceAll(f.From, ",", " ")) {
		p, err := netip.ParsePrefix(s)
		if a, aerr := netip.ParseAddr(s); aerr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			f.Wrong["from"] = s + " is neither an address nor a range, as 192.0.2.0/24."
			continue
		}
		out = append(out, p.Masked())
	}
	return out
}

func (f tokenForm) scope() acl.Scope {
	names := strings.Fields(strings.ReplaceAll(f.Names, ",", " "))
	types := strings.Fields(strings.ReplaceAll(f.Types, ",", " "))
	if f.For == forACME {
		types = []string{"TXT"}
		for i := range names {
			names[i] = "_acme-challenge." + strings.TrimPrefix(names[i], "_acme-challenge.")
		}
	}
	if len(names) == 0 {
		f.Wrong["names"] = "Give at least one name; * is every name."
		return acl.Scope{}
	}
	s, err := acl.ParseScope(names, types)
	if err != nil {
		f.Wrong["names"] = sentence(err.Error())
	}
	return s
}

func createToken(v *Visit) error {
	f := readTokenForm(v)
	r := control.TokenRequest{Name: f.Name, Expires: f.expires(), Addresses: f.addresses()}
	switch f.For {
	case forProgram:
		for _, name := range v.PostForm["privilege"] {
			f.Chosen = append(f.Chosen, acl.Privilege(name))
		}
		r.Privileges = f.chosen(v.Principal())
	case forACME, forRecords:
		r.Scope = f.scope()
	case forCluster:
		r.Kind, r.Relay = auth.KindMember, f.Kind == "relay"
		if n, err := strconv.Atoi(f.Claims); f.Claims != "" && err == nil && n >= 0 {
			r.Claims = n
		} else if f.Claims != "" {
			f.Wrong["claims"] = "Give a number of zones."
		}
	}
	if len(f.Wrong) > 0 {
		return v.showTokenForm(http.StatusUnprocessableEntity, f)
	}
	t, err := v.server.Control.CreateToken(v.Context(), v.Principal(), r)
	if f.takes(err) {
		return v.showTokenForm(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	// The one answer that has the secret; like every page it is kept by nobody (no-store).
	return v.show(http.StatusOK, page{Title: "New API token", Path: "/tokens"}, newTokenPage(tokenRowOf(t.Token, v.server.Now()), t.Text, v.Host, f))
}

// takes puts an error that is about a field beside it.
func (f tokenForm) takes(err error) bool {
	var e *control.Error
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case e.Code == control.CodeExists:
		f.Wrong["name"] = sentence(e.Message)
	case e.Subject == "expires":
		f.Wrong["until"] = sentence(e.Message)
	case e.Subject == "addresses":
		f.Wrong["from"] = sentence(e.Message)
	case e.Subject == "scope":
		f.Wrong["names"] = sentence(e.Message)
	case e.Subject == "name":
		f.Wrong["name"] = sentence(e.Message)
	default:
		return false
	}
	return true
}

func editTokenPage(v *Visit) error {
	t, err := v.server.Control.ShowToken(v.Context(), v.Principal(), v.PathValue("id"))
	if err != nil {
		return err
	}
	f := tokenForm{
		ID: t.ID, For: forProgram, Name: t.Name, Never: t.Expires.IsZero(), From: prefixText(t.Addresses, "\n"), Narrow: !t.Scope.IsZero(),
		Names: strings.Join(t.Scope.NameList(), "\n"), Types: strings.Join(t.Scope.TypeList(), " "),
	}
	if !f.Never {
		f.Until = t.Expires.UTC().Format(time.DateOnly)
	} else {
		f.Until = v.server.Now().AddDate(1, 0, 0).UTC().Format(time.DateOnly)
	}
	return v.showTokenForm(http.StatusOK, f)
}

func editToken(v *Visit) error {
	t, err := v.server.Control.ShowToken(v.Context(), v.Principal(), v.PathValue("id"))
	if err != nil {
		return err
	}
	f := readTokenForm(v)
	f.ID, f.For, f.Narrow = t.ID, forRecords, !t.Scope.IsZero()
	e := control.TokenEdit{ID: t.ID, Name: &f.Name}
	if until := f.expires(); f.Never || until.UTC().Format(time.DateOnly) != t.Expires.UTC().Format(time.DateOnly) {
		e.Expires = &until // an end that is not at the end of a day stays what it is
	}
	from := f.addresses()
	e.Addresses = &from
	if f.Narrow {
		scope := f.scope()
		e.Scope = &scope
	}
	if len(f.Wrong) > 0 {
		return v.showTokenForm(http.StatusUnprocessableEntity, f)
	}
	_, err = v.server.Control.EditToken(v.Context(), v.Principal(), e)
	if f.takes(err) {
		return v.showTokenForm(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.done("/tokens", notice{Level: good, Text: "The token " + f.Name + " is saved. Its secret stays the same."})
}

func prefixText(list []netip.Prefix, between string) string {
	texts := make([]string, 0, len(list))
	for _, p := range list {
		if p.IsSingleIP() {
			texts = append(texts, p.Addr().String())
			continue
		}
		texts = append(texts, p.String())
	}
	return strings.Join(texts, between)
}
