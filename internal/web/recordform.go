package web

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// recordForm is the form of one record, as it is shown and as it comes back.
type recordForm struct {
	ID     string // of the record that it changes; empty: a new one
	Name   string // relative to the zone
	Type   string // chosen in the menu, otherType for one that it does not have, dmarcType for a TXT record with a policy
	Other  string // name of such a type
	TTL    string // empty: as the RRset has
	Values []string
	Errors map[string]string // by control
	Beside int               // records of the same name and type beside it
	DMARC  map[string]string // by tag
}

// rtype is the type that the form is for, 0 if its name means none.
func (f recordForm) rtype() zone.Type {
	name := f.Type
	switch name {
	case otherType:
		name = strings.TrimSpace(f.Other)
	case dmarcType:
		return zone.TypeTXT
	}
	t, err := zone.ParseType(name)
	if err != nil {
		return 0
	}
	return t
}

func (f recordForm) value(i int) string {
	if i < len(f.Values) {
		return f.Values[i]
	}
	return ""
}

func (f *recordForm) wrong(control, text string) {
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	f.Errors[control] = sentence(text)
}

// focus is the first control with a mistake, empty if there is none.
func (f recordForm) focus() string {
	controls := []string{"name", "other", "ttl"}
	for i := range dataControls {
		controls = append(controls, controlOf(i))
	}
	for _, d := range dmarcTags() {
		controls = append(controls, dmarcControl(d.Tag))
	}
	if at := slices.IndexFunc(controls, func(c string) bool { return f.Errors[c] != "" }); at >= 0 {
		return controls[at]
	}
	return ""
}

// controlOf is the name of a data field's control.
func controlOf(i int) string { return "d" + strconv.Itoa(i) }

// dataControls is the most fields that a form has: those of SOA.
const dataControls = 7

// readRecord reads the form of a request. Fields of another type stay where they are, so that changing the type loses
// nothing before it is saved.
func readRecord(q url.Values) recordForm {
	f := recordForm{ID: q.Get("id"), Name: strings.TrimSpace(q.Get("name")), Type: q.Get("type"), Other: q.Get("other"), TTL: strings.TrimSpace(q.Get("ttl"))}
	for i := range dataControls {
		f.Values = append(f.Values, strings.TrimSpace(q.Get(controlOf(i))))
	}
	if f.DMARC = readDMARC(q); !q.Has(dmarcControl("p")) && dmarcOf(f.value(0)) != nil {
		f.DMARC = dmarcOf(f.value(0)) // it was a text before
	}
	if f.Type == dmarcType && f.Name == "" {
		f.Name = dmarcLabel
	}
	return f
}

// recordFormOf fills a form with a record.
func recordFormOf(z zone.Name, set zone.RRset, data []byte) recordForm {
	f := recordForm{
		ID: recordID(set.Owner, set.Type, data), Name: set.Owner.Relative(z), Type: set.Type.String(), TTL: strconv.FormatUint(uint64(set.TTL), 10),
		Beside: len(set.Data) - 1,
	}
	if !slices.Contains(menu(), set.Type) {
		f.Type, f.Other = otherType, set.Type.String()
	}
	f.Values, f.DMARC = fieldValues(set.Type, data), readDMARC(nil)
	if isDMARC(set.Owner, set.Type) {
		if tags := dmarcOf(f.value(0)); tags != nil {
			f.Type, f.DMARC = dmarcType, tags
		}
	}
	return f
}

// fieldValues is a record's data as the fields of its form; one text where it has no form or does not fit it.
func fieldValues(t zone.Type, data []byte) []string {
	whole := zone.DataString(t, data)
	form := formOf(t)
	if t == zone.TypeTXT {
		return []string{textOf(data)}
	}
	fields, err := zone.Fields(whole)
	if err != nil || len(fields) != len(form) || !fits(form, fields) {
		return []string{whole}
	}
	for i, d := range form {
		if d.Quoted {
			fields[i] = unquote(fields[i])
		}
		if d.Target && fields[i] != "." {
			fields[i] = strings.TrimSuffix(fields[i], ".")
		}
		if d.Mail {
			fields[i] = mailAddress(fields[i])
		}
	}
	return fields
}

// fits says that the menus of a form have the values.
func fits(form []dataField, fields []string) bool {
	for i, d := range form {
		if d.Options != nil && !slices.ContainsFunc(d.Options, func(o option) bool { return o.Value == fields[i] }) {
			return false
		}
	}
	return true
}

// textOf is the text of TXT data as people read it, in one piece where that comes back to the same octets.
func textOf(data []byte) string {
	var joined []byte
	for rest := data; len(rest) > 0; {
		n := min(1+int(rest[0]), len(rest))
		joined, rest = append(joined, rest[1:n]...), rest[n:]
	}
	text := string(joined)
	again, err := zone.ParseData(zone.TypeTXT, zone.Root, []string{quote(text)})
	plain := utf8.Valid(joined) && !strings.ContainsFunc(text, unicode.IsControl) && strings.TrimSpace(text) == text && !strings.HasPrefix(text, `"`)
	if err != nil || !plain || string(again) != string(data) {
		return zone.DataString(zone.TypeTXT, data)
	}
	return text
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// unquote takes a zone file's text apart; escapes other than of quotes stay, and are read back as they are.
func unquote(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
}

// recordID names a record by what it says.
func recordID(owner zone.Name, t zone.Type, data []byte) string {
	h := sha256.New()
	h.Write([]byte(owner))
	h.Write(binary.BigEndian.AppendUint16(nil, uint16(t)))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// record is what a form that is right says.
type record struct {
	Owner   zone.Name
	Type    zone.Type
	TTL     uint32
	KeepTTL bool
	Data    []byte
}

// parse reads the form; false means that Errors says what is wrong.
func (f *recordForm) parse(z zone.Name) (record, bool) {
	f.Errors = nil
	r := record{Type: f.rtype()}
	if r.Type == 0 || r.Type.IsMeta() {
		f.wrong("other", "give the name of a type, like TLSA, or TYPE and its number")
		return r, false
	}
	var err error
	if r.Owner, err = ownerIn(f.Name, z); err != nil {
		f.wrong("name", err.Error())
	}
	if r.KeepTTL = f.TTL == ""; !r.KeepTTL {
		if r.TTL, err = zone.ParseTTL(f.TTL); err != nil {
			f.wrong("ttl", err.Error())
		}
	}
	if f.Type == dmarcType {
		r.Data = f.dmarcData(r.Owner, z)
	} else {
		r.Data = f.data(r.Type, z)
	}
	return r, len(f.Errors) == 0
}

// data reads the fields. Each is tried beside right ones, so that the mistake is said where it is.
func (f *recordForm) data(t zone.Type, z zone.Name) []byte {
	form := formOf(t)
	if form == nil || f.isText(form) {
		if f.value(0) == "" {
			f.wrong(controlOf(0), "the data is missing")
			return nil
		}
		data, err := zone.ParseData(t, z, []string{f.value(0)})
		if err != nil {
			f.wrong(controlOf(0), strings.TrimPrefix(err.Error(), t.String()+": "))
		}
		return data
	}
	fields := make([]string, len(form))
	for i, d := range form {
		fields[i] = f.field(i, d)
		if f.value(i) == "" {
			f.wrong(controlOf(i), "this is missing")
			continue
		}
		if d.Options != nil {
			if !slices.ContainsFunc(d.Options, func(o option) bool { return o.Value == f.value(i) }) {
				f.wrong(controlOf(i), "choose one of the menu")
			}
			continue
		}
		tried := make([]string, len(form))
		for k := range form {
			tried[k] = form[k].Sample
		}
		tried[i] = fields[i]
		if _, err := zone.ParseData(t, z, tried); err != nil {
			f.wrong(controlOf(i), strings.TrimPrefix(err.Error(), t.String()+": "))
		}
	}
	if len(f.Errors) > 0 {
		return nil
	}
	data, err := zone.ParseData(t, z, fields)
	if err != nil {
		f.wrong(controlOf(len(form)-1), strings.TrimPrefix(err.Error(), t.String()+": "))
	}
	return data
}

// isText says that the data of a type with a form was written as text: its menus do not have what it says.
func (f *recordForm) isText(form []dataField) bool {
	return len(form) > 1 && f.value(0) != "" && f.value(1) == "" && strings.ContainsAny(f.value(0), " \t")
}

// field is a value as a zone file writes it.
func (f *recordForm) field(i int, d dataField) string {
	value := f.value(i)
	switch {
	case d.Area:
		value = strings.NewReplacer("\r", "", "\n", "").Replace(value)
		if !d.Quoted {
			value = strings.ReplaceAll(value, " ", "")
		} else if !strings.HasPrefix(value, `"`) {
			value = quote(value)
		}
	case d.Quoted:
		value = quote(value)
	case d.Mail:
		value = target(mailName(value))
	case d.Target:
		value = target(value)
	}
	return value
}

// mailName is the domain name that stands for a mail address: the part before the @ is its first label (RFC 1035 section
// 8). What is no address is such a name already.
func mailName(s string) string {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || domain == "" {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, ".", `\.`).Replace(local) + "." + strings.TrimSuffix(domain, ".") + "."
}

// mailAddress is the address that such a name stands for, or the name where that says more than an address can.
func mailAddress(name string) string {
	n, err := zone.ParseName(name)
	if err != nil || n == zone.Root {
		return name
	}
	local, domain := n[1:1+n[0]], n[1+n[0]:]
	address := string(local) + "@" + strings.TrimSuffix(domain.String(), ".")
	if domain == zone.Root || !plainText(address) || mailName(address) != name {
		return name
	}
	return address
}

// target is a name that something points to: people write whole names without the dot at their end.
func target(s string) string {
	if s != "." && strings.Contains(s, ".") && !strings.HasSuffix(s, ".") {
		return s + "."
	}
	return s
}

// ownerIn is the name of a record. The zone is appended unless it stands there already.
func ownerIn(s string, z zone.Name) (zone.Name, error) {
	low, whole := strings.ToLower(s), strings.TrimSuffix(z.String(), ".")
	switch {
	case s == "":
		return z, nil
	case low == whole || strings.HasSuffix(low, "."+whole):
		s += "."
	}
	n, err := zone.ParseNameAt(s, z)
	if err != nil {
		return "", err
	}
	if !n.IsSubdomainOf(z) {
		return "", errOutside(z)
	}
	return n, nil
}

type errOutside zone.Name

func (e errOutside) Error() string { return "the name is not in the zone " + zone.Name(e).Text() }

func ttlHint(f recordForm) string {
	if f.Beside > 0 {
		return "Seconds, or 5m, 1h, 1d. It is that of all " + strconv.Itoa(f.Beside+1) + " records of this name and type."
	}
	return "Seconds, or 5m, 1h, 1d. Empty: as the name has for this type, else 14400."
}

func formButton(f recordForm) string {
	if f.ID == "" {
		return "Add to the changes"
	}
	return "Keep the change"
}
