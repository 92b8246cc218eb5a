package zone

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// TemplateVariable is a name that stands between percent signs in a zone template, with what it is for people.
type TemplateVariable struct{ Name, Means string }

// TemplateVariables are all of them, in the order in which people look for them.
func TemplateVariables() []TemplateVariable {
	list := []TemplateVariable{
		{"domain", "the zone, without a dot at its end"},
		{"ip", "IPv4 address"},
		{"ipv6", "IPv6 address"},
		{"ftpip", "IPv4 address of FTP; the IPv4 address, where none is given"},
		{"maildomain", "host that takes the zone's mail: the zone itself"},
	}
	for _, n := range []string{"", "2", "3", "4"} {
		list = append(list,
			TemplateVariable{"nameserver" + n, "name of nameserver " + number(n)},
			TemplateVariable{"nameservera" + n, "IPv4 address of nameserver " + number(n) + ", where it is known"},
			TemplateVariable{"nameserverentry" + n, "name of nameserver " + number(n) + ", if it lies in the zone, for glue"})
	}
	return append(list,
		TemplateVariable{"ttl", "TTL of records: 14400"},
		TemplateVariable{"nsttl", "TTL of SOA and NS: 86400"},
		TemplateVariable{"serial", "serial to begin with: the day"},
		TemplateVariable{"rpemail", "contact address, as a domain name"},
		TemplateVariable{"reseller", "who owns the account"},
		TemplateVariable{"cpversion", "version of this program"})
}

func number(n string) string {
	if n == "" {
		return "1"
	}
	return n
}

// maxTemplate bounds a template's text: a zone with a thousand records fits.
const maxTemplate = 64 << 10

// templateWord compiles at each use: there are few templates, and no package variables.
func templateWord() *regexp.Regexp { return regexp.MustCompile(`%([a-z][a-z0-9]*)%`) }

// ExpandTemplate puts values in the place of variables. A line with a variable that has no value is left out, so that one
// template does for zones with and without an IPv6 address. A variable that is not known is an error.
func ExpandTemplate(text string, values map[string]string) (string, error) {
	if len(text) > maxTemplate {
		return "", fmt.Errorf("a template has at most %d octets", maxTemplate)
	}
	known := map[string]bool{}
	for _, v := range TemplateVariables() {
		known[v.Name] = true
	}
	word := templateWord()
	var out []string
	for i, line := range strings.Split(text, "\n") {
		code, _, _ := strings.Cut(line, ";")
		missing := false
		for _, m := range word.FindAllStringSubmatch(code, -1) {
			if !known[m[1]] {
				return "", fmt.Errorf("line %d: there is no variable %s", i+1, m[0])
			}
			missing = missing || values[m[1]] == ""
		}
		if !missing {
			out = append(out, word.ReplaceAllStringFunc(line, func(s string) string { return values[strings.Trim(s, "%")] }))
		}
	}
	return strings.Join(out, "\n"), nil
}

// CheckTemplate expands a template for an example with everything, and reads it: what is wrong with every zone made of it
// is told before one is.
func CheckTemplate(text string) error {
	values := map[string]string{}
	for _, v := range TemplateVariables() {
		values[v.Name] = "192.0.2.1"
	}
	for name, value := range map[string]string{
		"domain": "example.com", "maildomain": "example.com", "ipv6": "2001:db8::1", "rpemail": "hostmaster.example.com", "reseller": "root",
		"ttl": "14400", "nsttl": "86400", "serial": "2026010100", "cpversion": "1",
	} {
		values[name] = value
	}
	for _, n := range []string{"", "2", "3", "4"} {
		values["nameserver"+n] = "ns" + number(n) + ".example.com"
		values["nameserverentry"+n] = values["nameserver"+n]
		values["nameservera"+n] = "192.0.2.5" + number(n)
	}
	file, err := ExpandTemplate(text, values)
	if err != nil {
		return err
	}
	_, err = ParseText(file, "\x07example\x03com\x00")
	return err
}

// BuiltInTemplates are the templates that every server has, by name.
func BuiltInTemplates() map[string]string {
	return map[string]string{
		"simple":             templateHead + templateAddress,
		"standard":           templateHead + templateAddress + templateMail + "ftp IN CNAME %domain%.\n",
		"standardvirtualftp": templateHead + templateAddress + templateMail + "ftp IN A %ftpip%\n",
	}
}

const (
	templateHead = `$TTL %ttl%
@ %nsttl% IN SOA %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400
@ %nsttl% IN NS %nameserver%.
@ %nsttl% IN NS %nameserver2%.
@ %nsttl% IN NS %nameserver3%.
@ %nsttl% IN NS %nameserver4%.
%nameserverentry%. IN A %nameservera%
%nameserverentry2%. IN A %nameservera2%
%nameserverentry3%. IN A %nameservera3%
%nameserverentry4%. IN A %nameservera4%
`
	templateAddress = `@ IN A %ip%
@ IN AAAA %ipv6%
`
	templateMail = `@ IN MX 0 %maildomain%.
mail IN CNAME %domain%.
www IN CNAME %domain%.
`
)

// Reset returns what is to be written so that a zone with the sets before becomes what a template made, but for its TXT
// records, which stay. Sets without data are deletions.
func Reset(before, made []RRset) (sets []RRset) {
	kept := map[Name]bool{}
	for _, set := range before {
		if set.Type.isText() {
			kept[set.Owner] = true
		}
	}
	want := make([]RRset, 0, len(made))
	for _, set := range made {
		if set.Type.isText() && kept[set.Owner] || set.Type == TypeCNAME && kept[set.Owner] {
			continue // what is kept goes before
		}
		want = append(want, set)
	}
	for _, d := range Diff(before, want) {
		switch {
		case d.After != nil:
			sets = append(sets, *d.After)
		case !d.Type.isText():
			sets = append(sets, RRset{Owner: d.Owner, Type: d.Type})
		}
	}
	return sets
}

// AddressOf is the address in the rdata of an A or AAAA record.
func AddressOf(data []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(data)
	return a
}
