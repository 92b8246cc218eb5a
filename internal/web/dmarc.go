package web

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// dmarcType is the choice of the menu for a TXT record that says a DMARC policy (RFC 7489).
const dmarcType = "DMARC"

const (
	dmarcLabel   = "_dmarc"
	dmarcVersion = "v=DMARC1"
)

// dmarcTags are the tags that the form has a control for, in the order in which they are written (RFC 7489 section 6.3). A
// tag with its default is left out. What else a record says is kept in the last control, as it stands.
func dmarcTags() []dataField {
	alignment := []option{{"r", "relaxed: a name below the domain passes too"}, {"s", "strict: the very same name"}}
	return []dataField{
		{Tag: "p", Label: "Policy", Options: []option{{"none", "none: deliver, and report"}, {"quarantine", "quarantine: as spam"}, {"reject", "reject"}}, Default: "none"},
		{Tag: "sp", Label: "Policy of subdomains", Options: []option{{"", "as the domain"}, {"none", "none"}, {"quarantine", "quarantine"}, {"reject", "reject"}}},
		{Tag: "adkim", Label: "Alignment of DKIM", Options: alignment, Default: "r"},
		{Tag: "aspf", Label: "Alignment of SPF", Options: alignment, Default: "r"},
		{Tag: "pct", Label: "Percent of messages", Hint: "That the policy is used for.", Min: "0", Max: "100", Default: "100"},
		{Tag: "fo", Label: "Report a failure", Options: []option{{"0", "when nothing passed"}, {"1", "when anything failed"}, {"d", "when DKIM failed"}, {"s", "when SPF failed"}}, Default: "0"},
		{Tag: "ri", Label: "Seconds between reports", Min: "0", Max: "4294967295", Default: "86400"},
		{Tag: "rua", Label: "Send daily reports to", Hint: "Addresses with commas between. Another domain has to say that it takes them (RFC 7489 section 7.1)."},
		{Tag: "ruf", Label: "Send reports of failures to", Hint: "Addresses with commas between; may be empty."},
		{Tag: dmarcOther, Label: "Other tags", Hint: "As they stand in the record, like np=reject; may be empty."},
	}
}

// dmarcOther is the control of what has none of its own.
const dmarcOther = "more"

func dmarcControl(tag string) string { return "dmarc-" + tag }

// readDMARC reads the controls. A form that came from another type has none: it begins with the defaults.
func readDMARC(q url.Values) map[string]string {
	tags := map[string]string{}
	for _, d := range dmarcTags() {
		tags[d.Tag] = d.Default
		if q.Has(dmarcControl(d.Tag)) {
			tags[d.Tag] = strings.TrimSpace(q.Get(dmarcControl(d.Tag)))
		}
	}
	return tags
}

// isDMARC says whether a TXT record stands where the policy of a domain is looked for.
func isDMARC(owner zone.Name, t zone.Type) bool {
	return t == zone.TypeTXT && strings.HasPrefix(strings.ToLower(owner.Text())+".", dmarcLabel+".")
}

// dmarcOf takes a record apart; nil: it says something that the form could not give back.
func dmarcOf(text string) map[string]string {
	tags := readDMARC(nil)
	first, rest, _ := strings.Cut(text, ";")
	if strings.ReplaceAll(first, " ", "") != dmarcVersion {
		return nil
	}
	var other []string
	seen := map[string]bool{}
	for part := range strings.SplitSeq(rest, ";") {
		tag, value, ok := strings.Cut(part, "=")
		tag, value = strings.ToLower(strings.TrimSpace(tag)), strings.TrimSpace(value)
		switch _, known := tags[tag]; {
		case strings.TrimSpace(part) == "":
			continue
		case !ok || seen[tag] || tag == dmarcOther:
			return nil
		case known:
			tags[tag] = value
		default:
			other = append(other, strings.TrimSpace(part))
		}
		seen[tag] = true
	}
	tags["rua"], tags["ruf"] = withoutMailto(tags["rua"]), withoutMailto(tags["ruf"])
	tags[dmarcOther] = strings.Join(other, "; ")
	if _, wrong := dmarcText(tags); !seen["p"] || len(wrong) > 0 {
		return nil
	}
	return tags
}

func withoutMailto(list string) string {
	var out []string
	for uri := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimPrefix(strings.TrimSpace(uri), "mailto:"))
	}
	return strings.Join(out, ", ")
}

// dmarcText writes the record; wrong holds what is wrong, by tag.
func dmarcText(tags map[string]string) (text string, wrong map[string]error) {
	wrong = map[string]error{}
	parts := []string{dmarcVersion}
	for _, d := range dmarcTags() {
		value, err := dmarcValue(d, tags[d.Tag])
		switch {
		case err != nil:
			wrong[d.Tag] = err
		case d.Tag == dmarcOther && value != "":
			parts = append(parts, value)
		case value != "" && (value != d.Default || d.Tag == "p"):
			parts = append(parts, d.Tag+"="+value)
		}
	}
	return strings.Join(parts, "; "), wrong
}

func dmarcValue(d dataField, value string) (string, error) {
	switch {
	case d.Options != nil:
		if !slices.ContainsFunc(d.Options, func(o option) bool { return o.Value == value }) {
			return "", errors.New("choose one of the menu")
		}
	case d.Max != "":
		return numberWithin(value, d)
	case d.Tag == dmarcOther:
		return otherTags(value)
	default:
		return reportAddresses(value)
	}
	return value, nil
}

// numberWithin checks a number against the bounds of its control.
func numberWithin(value string, d dataField) (string, error) {
	highest, err := strconv.ParseUint(d.Max, 10, 32)
	n, bad := strconv.ParseUint(value, 10, 32)
	if err != nil || bad != nil || n > highest {
		return "", fmt.Errorf("it is a whole number of at most %s", d.Max)
	}
	return strconv.FormatUint(n, 10), nil
}

// otherTags are tags for which there is no control, as somebody wrote them.
func otherTags(text string) (string, error) {
	var list []string
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		tag, _, ok := strings.Cut(part, "=")
		tag = strings.ToLower(strings.TrimSpace(tag))
		if !ok || tag == "" || !plainText(part) {
			return "", fmt.Errorf("%q is not a tag, an equals sign and a value", part)
		}
		if tag == "v" || tag != dmarcOther && slices.ContainsFunc(dmarcTags(), func(d dataField) bool { return d.Tag == tag }) {
			return "", fmt.Errorf("%q has a field of its own", tag)
		}
		list = append(list, part)
	}
	return strings.Join(list, "; "), nil
}

// reportAddresses are the URIs of a list of mail addresses. Other URIs stay as they are; a size may follow (RFC 7489
// section 6.2).
func reportAddresses(list string) (string, error) {
	var out []string
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		if !plainText(one) || strings.ContainsAny(one, " ;") {
			return "", fmt.Errorf("%q is not an address", one)
		}
		if uri, err := url.Parse(one); err == nil && uri.Scheme != "" && uri.Scheme != "mailto" {
			out = append(out, one)
			continue
		}
		address := strings.TrimPrefix(one, "mailto:")
		local, domain, ok := strings.Cut(address, "@")
		domain, _, _ = strings.Cut(domain, "!")
		if _, err := zone.ParseName(domain); !ok || local == "" || domain == "" || err != nil {
			return "", fmt.Errorf("%q is not a mail address", one)
		}
		out = append(out, "mailto:"+address)
	}
	return strings.Join(out, ","), nil
}

// plainText says that a text has printable ASCII alone.
func plainText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// dmarcData is the TXT data that the form says; what is wrong is said at its field.
func (f *recordForm) dmarcData(owner, z zone.Name) []byte {
	if owner != "" && !isDMARC(owner, zone.TypeTXT) {
		f.wrong("name", "a DMARC policy is looked for at "+dmarcLabel+", or at "+dmarcLabel+".NAME for a name below")
	}
	text, wrong := dmarcText(f.DMARC)
	for tag, err := range wrong {
		f.wrong(dmarcControl(tag), err.Error())
	}
	if len(f.Errors) > 0 {
		return nil
	}
	data, err := zone.ParseData(zone.TypeTXT, z, []string{quote(text)})
	if err != nil {
		f.wrong(dmarcControl(dmarcOther), err.Error())
	}
	return data
}
