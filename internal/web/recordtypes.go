package web

import (
	"slices"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// dataField is one control of a record's data.
type dataField struct {
	Label, Hint string
	Min, Max    string // of a number
	Options     []option
	Area        bool   // several lines
	Target      bool   // a name: what has a dot is whole, what has none is in the zone
	Quoted      bool   // a text that a zone file puts in quotes
	Sample      string // a value that is right, so that the other fields can be checked one by one
	Mail        bool   // a domain name that means a mail address (RFC 1035 section 3.3.13)
	Tag         string // of a DMARC policy
	Default     string // what it is when nothing is said
}

// option is one entry of a menu.
type option struct{ Value, Text string }

const (
	targetHint = "A whole name, like mail.example.net; a word without a dot is a name of this zone."
	sampleName = "sample.example."
)

// formOf is the fields of a type's data in the order of a zone file (RFC 1035 section 3.3 and each type's own); none for
// types that are written as text.
func formOf(t zone.Type) []dataField {
	target := dataField{Label: "Target", Hint: targetHint, Target: true, Sample: sampleName}
	number := func(label, hint string) dataField {
		return dataField{Label: label, Hint: hint, Min: "0", Max: "65535", Sample: "0"}
	}
	switch t {
	case zone.TypeA:
		return []dataField{{Label: "IPv4 address", Hint: "Like 192.0.2.1.", Sample: "192.0.2.1"}}
	case zone.TypeAAAA:
		return []dataField{{Label: "IPv6 address", Hint: "Like 2001:db8::1.", Sample: "2001:db8::1"}}
	case zone.TypeCNAME:
		target.Label, target.Hint = "Points to", "The real name. "+targetHint+" No other record may stand at the name of a CNAME."
		return []dataField{target}
	case zone.TypeNS:
		target.Label, target.Hint = "Nameserver", targetHint+" It needs an address record of its own."
		return []dataField{target}
	case zone.TypePTR:
		target.Label = "Host name"
		return []dataField{target}
	case zone.TypeMX:
		target.Label, target.Hint = "Mail server", targetHint+" A lone dot says that the name takes no mail."
		return []dataField{number("Priority", "The server with the lowest number is tried first."), target}
	case zone.TypeSRV:
		target.Hint += " A lone dot says that there is no such service."
		return []dataField{
			number("Priority", "The lowest is tried first."), number("Weight", "Among equal priorities, the share of the load."),
			number("Port", ""), target,
		}
	case zone.TypeTXT:
		return []dataField{{Label: "Text", Hint: "Without quotes; it may be long. Text that begins with a quote is read as in a zone file.", Area: true, Quoted: true, Sample: `"x"`}}
	case zone.TypeCAA:
		return []dataField{
			{Label: "Critical", Options: []option{{"0", "0: who does not know the tag may ignore it"}, {"128", "128: who does not know the tag must not issue"}}, Sample: "0"},
			{Label: "Tag", Options: []option{{"issue", "issue: may issue certificates"}, {"issuewild", "issuewild: may issue wildcard certificates"}, {"iodef", "iodef: where to report to"}}, Sample: "issue"},
			{Label: "Value", Hint: "A certificate authority like letsencrypt.org, ; for nobody, or for iodef mailto: or an https address.", Quoted: true, Sample: `"x"`},
		}
	case zone.TypeSOA:
		seconds := func(label, hint, sample string) dataField {
			return dataField{Label: label, Hint: hint, Min: "0", Max: "2147483647", Sample: sample}
		}
		target.Label, target.Hint = "First nameserver", "Where the zone is written, by tradition; NOTIFY and updates of others use it."
		return []dataField{
			target,
			{Label: "Contact", Hint: "A mail address, or the name that stands for it.", Mail: true, Sample: sampleName},
			{Label: "Serial", Hint: "Rises by itself with each change. It never goes back.", Min: "0", Max: "4294967295", Sample: "1"},
			seconds("Refresh", "How often other nameservers look, in seconds.", "3600"), seconds("Retry", "After a failure.", "900"),
			seconds("Expire", "How long they answer without having reached this one.", "1209600"),
			seconds("Negative TTL", "How long resolvers remember that a name is not there (RFC 2308).", "300"),
		}
	case zone.TypeDS:
		return []dataField{
			number("Key tag", ""),
			{Label: "Algorithm", Options: []option{{"8", "8: RSA/SHA-256"}, {"10", "10: RSA/SHA-512"}, {"13", "13: ECDSA P-256"}, {"14", "14: ECDSA P-384"}, {"15", "15: Ed25519"}, {"16", "16: Ed448"}}, Sample: "13"},
			{Label: "Digest type", Options: []option{{"2", "2: SHA-256"}, {"4", "4: SHA-384"}, {"1", "1: SHA-1 (old)"}}, Sample: "5"},
			{Label: "Digest", Hint: "Hexadecimal, as the child zone's operator gives it.", Area: true, Sample: "00"},
		}
	}
	return nil
}

// nameHint says what the name of the record looks like.
func (f recordForm) nameHint() string {
	if f.Type == dmarcType {
		return dmarcLabel + " for the zone itself, " + dmarcLabel + ".NAME for a name below. The zone is appended by itself."
	}
	return nameHint(f.rtype())
}

// nameHint says what the name of a record of a type looks like.
func nameHint(t zone.Type) string {
	switch t {
	case zone.TypeSRV:
		return "_service._protocol, like _sip._tcp. The zone is appended by itself."
	case zone.TypePTR:
		return "The last parts of the address in reverse, like 1 in 2.0.192.in-addr.arpa. The zone is appended by itself."
	case zone.TypeDS, zone.TypeNS:
		return "The zone itself is @; a name below it delegates that name. The zone is appended by itself."
	}
	return "The zone is appended by itself; @ is the zone itself, * any name."
}

// offered is the types of the menu that somebody may add to a zone.
func offered(z zone.Name, right control.RecordRight) []zone.Type {
	return slices.DeleteFunc(menu(), func(t zone.Type) bool { return !right.Allows(z, t) })
}

// menu is the types of the menu: the ones with a form first, then others that people use.
func menu() []zone.Type {
	list := []zone.Type{zone.TypeA, zone.TypeAAAA, zone.TypeCAA, zone.TypeCNAME, zone.TypeMX, zone.TypeNS, zone.TypeSRV, zone.TypeTXT, zone.TypePTR, zone.TypeDS}
	return append(list, zone.TypeHTTPS, zone.TypeSVCB, zone.TypeTLSA, zone.TypeSSHFP, zone.TypeNAPTR, zone.TypeDNAME, zone.TypeURI, zone.TypeHINFO, zone.TypeRP, zone.TypeAFSDB, zone.TypeSOA)
}

// otherType is the choice for a type that the menu does not have.
const otherType = "other"
