package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// recordsView is the tab Records.
type recordsView struct {
	zoneHead
	Against  string // what forms are made against
	Search   string
	Type     string // chip that is on
	From     int    // first row of this page
	Next     int    // of the next, 0 if there is none
	Total    int    // rows that match
	Chips    []typeChip
	Rows     []recordRow
	Form     *recordForm // open: of the row with that ID, or of a new record
	Problems []problemLine
	Clashes  int
	Origin   string      // the zone, with a dot before it
	Offered  []zone.Type // types of which the person may add records
	Limited  bool        // some records are only shown
}

type typeChip struct {
	Type  string
	Count int
	On    bool
}

// recordRow is one record, or a record that the draft deletes.
type recordRow struct {
	ID, Owner, Name, Type, Data string
	TTL                         string
	Mark                        string // "", added, deleted
	Problems                    []problemLine
	Fixed                       bool // only shown: the person may not change it
	owner                       zone.Name
	rtype                       zone.Type
}

// problemLine is a finding as a page says it.
type problemLine struct {
	Level level
	Text  string
}

// recordsPerPage is what a person looks through; the search finds the rest.
const recordsPerPage = 100

// lookDraft is the zone with what the person has changed of it and not saved. Without a draft, Review is of an edit that
// changes nothing.
func (v *Visit) lookDraft() (control.Zone, draft, control.Review, error) {
	z, err := v.showZone()
	if err != nil {
		return z, draft{}, control.Review{}, err
	}
	name := z.View.Zone
	d := v.server.drafts.get(v.draftKey(name))
	d.keep(z.Right)
	none := control.Review{Zone: name, Against: z.ETag, ETag: z.ETag, RRsets: z.View.RRsets, Serial: z.View.Serial, Next: z.View.Serial}
	if d.empty() {
		return z, d, none, nil
	}
	r, err := v.server.Control.ReviewEdit(v.Context(), v.Principal(), d.edit(name))
	if control.CodeOf(err) == control.CodeStale { // the version that it was begun on is not kept any more
		d.Against = z.ETag
		if err := v.server.drafts.put(v.draftKey(name), d); err != nil {
			return z, d, none, err
		}
		r, err = v.server.Control.ReviewEdit(v.Context(), v.Principal(), d.edit(name))
	}
	return z, d, r, err
}

func showRecords(v *Visit) error {
	var f *recordForm
	switch open := v.FormValue("open"); open {
	case "":
	case "new":
		form := readRecord(v.Form)
		form.ID, form.Type = "", cmp.Or(form.Type, zone.TypeA.String())
		f = &form
	default:
		form := readRecord(v.Form) // of another type, chosen in the form; nothing at first
		form.ID = open
		f = &form
	}
	return v.recordsPage(http.StatusOK, f)
}

// recordsPage shows the table, with one form in it. A form that comes with values keeps them.
func (v *Visit) recordsPage(status int, f *recordForm) error {
	z, _, r, err := v.lookDraft()
	if err != nil {
		return err
	}
	name := z.View.Zone
	view := recordsView{
		Offered: offered(name, z.Right), Limited: !z.Right.Everything(),
		Search: strings.TrimSpace(v.FormValue("q")), Type: v.FormValue("only"), Against: r.ETag, Clashes: len(r.Clashes), Origin: "." + name.Text(), Form: f,
	}
	if len(r.Clashes) > 0 {
		view.Against = r.Against
	}
	view.From, _ = strconv.Atoi(v.FormValue("after"))
	if view.zoneHead, err = v.zoneHead(z, ""); err != nil {
		return err
	}
	rows := rowsOf(name, r)
	view.choose(name, rows, r)
	for i := range view.Rows {
		view.Rows[i].Fixed = !z.Right.Allows(view.Rows[i].owner, view.Rows[i].rtype)
	}
	if f != nil {
		if err := view.mayOpen(f, z.Right); err != nil {
			return err
		}
	}
	if f != nil && f.ID != "" && f.Type == "" {
		if err := v.fill(f, name, r); err != nil {
			return err
		}
	}
	switch {
	case v.isPart("records"):
		return v.part(recordsTable(view))
	case f != nil && v.isPart("r-"+rowOf(f)):
		return v.part(recordFormRow(view, *f))
	}
	return v.showTab(status, view.zoneHead, "Records", recordsTab(view))
}

// mayOpen refuses the form of a record that the person may not change; a new one begins with a type that may be added.
func (w recordsView) mayOpen(f *recordForm, right control.RecordRight) error {
	if at := slices.IndexFunc(w.Rows, func(row recordRow) bool { return row.ID == f.ID }); at >= 0 && f.ID != "" {
		return right.Check(w.Rows[at].owner, w.Rows[at].rtype)
	}
	if f.ID == "" && len(w.Offered) > 0 && !slices.Contains(w.Offered, f.rtype()) && w.Limited {
		f.Type = w.Offered[0].String()
	}
	return nil
}

// rowOf is the id of the row in which a form stands.
func rowOf(f *recordForm) string {
	if f.ID == "" {
		return "new"
	}
	return f.ID
}

// fill fills a form with the record that it names.
func (v *Visit) fill(f *recordForm, z zone.Name, r control.Review) error {
	set, data, found := findRecord(r, f.ID)
	if !found {
		return &control.Error{Code: control.CodeNotFound, Subject: z.Text(), Message: "the record is not there any more", Details: nil}
	}
	*f = recordFormOf(z, set, data)
	return nil
}

func findRecord(r control.Review, id string) (set zone.RRset, data []byte, found bool) {
	for _, set := range r.RRsets {
		for _, d := range set.Data {
			if recordID(set.Owner, set.Type, d) == id {
				return set, d, true
			}
		}
	}
	return zone.RRset{}, nil, false
}

// rowsOf is every record of the draft, and those that it deletes.
func rowsOf(z zone.Name, r control.Review) []recordRow {
	changed := map[zone.Key]control.Difference{}
	for _, d := range r.Differences {
		changed[zone.Key{Owner: d.Owner, Type: d.Type}] = d
	}
	rows := make([]recordRow, 0, len(r.RRsets))
	for _, set := range r.RRsets {
		d, isChanged := changed[zone.Key{Owner: set.Owner, Type: set.Type}]
		for _, data := range set.Data {
			row := newRow(z, set, data)
			if isChanged && !has(d.Before, set.TTL, data) {
				row.Mark = "added"
			}
			rows = append(rows, row)
		}
	}
	for _, d := range r.Differences {
		if d.Before == nil {
			continue
		}
		for _, data := range d.Before.Data {
			if !has(d.After, d.Before.TTL, data) {
				row := newRow(z, *d.Before, data)
				row.Mark, row.ID = "deleted", "x"+row.ID
				rows = append(rows, row)
			}
		}
	}
	if len(r.Differences) > 0 {
		slices.SortStableFunc(rows, func(a, b recordRow) int {
			if c := a.owner.Compare(b.owner); c != 0 {
				return c
			}
			return int(a.rtype) - int(b.rtype)
		})
	}
	return rows
}

func newRow(z zone.Name, set zone.RRset, data []byte) recordRow {
	return recordRow{
		ID: recordID(set.Owner, set.Type, data), Name: set.Owner.Relative(z), Owner: set.Owner.Text(), Type: set.Type.String(),
		TTL: strconv.FormatUint(uint64(set.TTL), 10), Data: zone.DataString(set.Type, data), owner: set.Owner, rtype: set.Type,
	}
}

// has says that an RRset has the record, with that TTL.
func has(set *zone.RRset, ttl uint32, data []byte) bool {
	return set != nil && set.TTL == ttl && slices.ContainsFunc(set.Data, func(d []byte) bool { return string(d) == string(data) })
}

// choose cuts the rows to those that are searched for and to this page, and puts what is wrong beside them.
func (w *recordsView) choose(z zone.Name, rows []recordRow, r control.Review) {
	counts := map[zone.Type]int{}
	search := strings.ToLower(w.Search)
	open := ""
	if w.Form != nil {
		open = w.Form.ID
	}
	var found []recordRow
	for _, row := range rows {
		if search != "" && !strings.Contains(strings.ToLower(row.Owner+" "+row.Data), search) {
			continue
		}
		counts[row.rtype]++
		if w.Type == "" || row.Type == w.Type || row.ID == open {
			found = append(found, row)
		}
	}
	for t, n := range counts {
		w.Chips = append(w.Chips, typeChip{t.String(), n, t.String() == w.Type})
	}
	slices.SortFunc(w.Chips, func(a, b typeChip) int { return strings.Compare(a.Type, b.Type) })
	w.Total = len(found)
	w.From = max(0, min(w.From, len(found)-1))
	if at := slices.IndexFunc(found, func(row recordRow) bool { return row.ID == open }); at >= 0 && (at < w.From || at >= w.From+recordsPerPage) {
		w.From = at / recordsPerPage * recordsPerPage
	}
	end := min(w.From+recordsPerPage, len(found))
	if end < len(found) {
		w.Next = end
	}
	w.Rows = found[w.From:end]
	w.place(z, r)
}

// place puts each finding at the first row that it is about, or above the table.
func (w *recordsView) place(z zone.Name, r control.Review) {
	for _, f := range r.Findings {
		line := problemOf(f)
		at := slices.IndexFunc(w.Rows, func(row recordRow) bool { return row.owner == f.Owner && row.rtype == f.Type && row.Mark != "deleted" })
		if at < 0 {
			w.Problems = append(w.Problems, line)
			continue
		}
		w.Rows[at].Problems = append(w.Rows[at].Problems, line)
	}
}

func problemOf(f zone.Finding) problemLine {
	l := problemLine{busy, sentence(f.String())}
	if f.Severity == zone.Error {
		l.Level = act
	}
	return l
}

// at is the address of the table with the same search, and something else changed.
func (w recordsView) at(change map[string]string) string {
	q := url.Values{}
	put := func(k, value string) {
		if value != "" && value != "0" {
			q.Set(k, value)
		}
	}
	put("q", w.Search)
	put("only", w.Type)
	put("after", strconv.Itoa(w.From))
	for k, value := range change {
		q.Del(k)
		put(k, value)
	}
	if len(q) == 0 {
		return w.Path
	}
	return w.Path + "?" + q.Encode()
}

// quick are the types that zones have most of, each one click away.
func (w recordsView) quick() (list []string) {
	for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA, zone.TypeCNAME, zone.TypeMX, zone.TypeTXT} {
		if slices.Contains(w.Offered, t) {
			list = append(list, t.String())
		}
	}
	if slices.Contains(w.Offered, zone.TypeTXT) {
		list = append(list, dmarcType)
	}
	return list
}

func (w recordsView) openNew(t string) string {
	return w.at(map[string]string{"open": "new", "type": t})
}

func (w recordsView) open(id string) string { return w.at(map[string]string{"open": id}) }

// limitedText says to whom not all records are open what is.
func limitedText(may []zone.Type) string {
	if len(may) == 0 {
		return "You may look at these records and change none of them."
	}
	names := make([]string, len(may))
	for i, t := range may {
		names[i] = t.String()
	}
	return "You may change " + strings.Join(names, ", ") + " records; the others are shown only."
}
