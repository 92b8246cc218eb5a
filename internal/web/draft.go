package web

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// draft is what a person has changed of a zone and not saved: RRsets as they are to be. It is kept for the session, so
// that searching, paging and other tabs do not lose it; a review carries it in its form, so that what is saved is what was
// shown, whatever became of the kept one.
type draft struct {
	Against string       // ETag of the version that it was begun on
	Sets    []zone.RRset // in the order in which they were first changed; one without data is to be deleted
}

func (d draft) empty() bool { return len(d.Sets) == 0 }

// set takes an RRset into the draft, in the place of what it said of it before.
func (d *draft) set(set zone.RRset) {
	for i := range d.Sets {
		if d.Sets[i].Owner == set.Owner && d.Sets[i].Type == set.Type {
			d.Sets[i] = set
			return
		}
	}
	d.Sets = append(d.Sets, set)
}

// drop forgets what the draft says of an RRset.
func (d *draft) drop(owner zone.Name, t zone.Type) {
	d.Sets = slices.DeleteFunc(d.Sets, func(s zone.RRset) bool { return s.Owner == owner && s.Type == t })
}

// keep drops what the person may not write any more: rights are taken away while a draft lies there.
func (d *draft) keep(right control.RecordRight) {
	d.Sets = slices.DeleteFunc(d.Sets, func(s zone.RRset) bool { return !right.Allows(s.Owner, s.Type) })
}

// check refuses a draft with a record that the person may not write.
func (d draft) check(right control.RecordRight) error {
	keys := make([]zone.Key, 0, len(d.Sets))
	for _, s := range d.Sets {
		keys = append(keys, zone.Key{Owner: s.Owner, Type: s.Type})
	}
	return right.CheckAll(keys)
}

// edit is the draft as control takes it.
func (d draft) edit(z zone.Name) control.EditRequest {
	return control.EditRequest{Zone: z, IfMatch: d.Against, Sets: d.Sets}
}

// draftOf makes a draft of differences.
func draftOf(against string, list []control.Difference) draft {
	d := draft{Against: against}
	for _, x := range list {
		set := zone.RRset{Owner: x.Owner, Type: x.Type}
		if x.After != nil {
			set = *x.After
		}
		d.Sets = append(d.Sets, set)
	}
	return d
}

func (d draft) octets() int {
	n := len(d.Against)
	for _, s := range d.Sets {
		n += len(s.Owner) + 32
		for _, data := range s.Data {
			n += len(data) + 24
		}
	}
	return n
}

// draftText is the form in which a page carries a draft. A name in it is its wire form, which is no valid JSON string.
type draftText struct {
	Owner []byte   `json:"n"`
	Type  uint16   `json:"t"`
	TTL   uint32   `json:"s"`
	Data  [][]byte `json:"d"`
}

func (d draft) text() string {
	list := make([]draftText, len(d.Sets))
	for i, s := range d.Sets {
		list[i] = draftText{[]byte(s.Owner), uint16(s.Type), s.TTL, s.Data}
	}
	b, err := json.Marshal(list)
	if err != nil {
		return "" // numbers and octets: there is nothing that could not be written
	}
	return string(b)
}

// parseDraft reads a draft out of a form. Its records are checked by control, like those of any edit.
func parseDraft(against, text string) (draft, error) {
	broken := &control.Error{Code: control.CodeInvalid, Subject: "draft", Message: "the form is not as the page made it", Hint: "review the changes again"}
	var list []draftText
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 || against == "" {
		return draft{}, broken
	}
	d := draft{Against: against}
	for _, t := range list {
		owner, n, err := zone.NameFromWire(t.Owner)
		if err != nil || n != len(t.Owner) {
			return draft{}, broken
		}
		d.Sets = append(d.Sets, zone.NewRRset(owner, zone.Type(t.Type), t.TTL, t.Data))
	}
	return d, nil
}

// The bounds of what is kept. What one person writes in one go fits; when all drafts together are more, the one longest
// untouched is forgotten: its person reads that there are no unsaved changes.
const (
	maxDraft       = 4 << 20 // octets of one
	maxDraftOctets = 64 << 20
	maxDrafts      = 1024
)

// drafts keeps drafts by session and zone.
type drafts struct {
	mu     sync.Mutex
	kept   map[draftKey]draft
	order  []draftKey // the longest untouched first
	octets int
}

type draftKey struct {
	session string
	zone    zone.Name
}

func (k *drafts) get(key draftKey) draft {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.kept[key]
	d.Sets = slices.Clone(d.Sets)
	return d
}

// put keeps a draft; an empty one is forgotten.
func (k *drafts) put(key draftKey, d draft) error {
	size := d.octets()
	if size > maxDraft {
		return &control.Error{Code: control.CodeTooLarge, Subject: "draft", Message: "so many changes are not kept at once", Hint: "save what there is first, or use zonefleet zone edit"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remove(key)
	if d.empty() {
		return nil
	}
	for len(k.order) > 0 && (len(k.order) >= maxDrafts || k.octets+size > maxDraftOctets) {
		k.remove(k.order[0])
	}
	if k.kept == nil {
		k.kept = map[draftKey]draft{}
	}
	k.kept[key], k.order, k.octets = d, append(k.order, key), k.octets+size
	return nil
}

func (k *drafts) remove(key draftKey) {
	if d, ok := k.kept[key]; ok {
		k.octets -= d.octets()
		delete(k.kept, key)
		k.order = slices.DeleteFunc(k.order, func(o draftKey) bool { return o == key })
	}
}
