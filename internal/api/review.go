package api

import "time"

// ReviewRequest is an edit that is not made yet: operations, or the whole zone as a zone file.
type ReviewRequest struct {
	Operations []Operation `json:"operations,omitempty" maxItems:"100000"`
	Text       string      `json:"text,omitempty" doc:"the whole zone as a zone file, instead of operations"`
}

// Review is what saving an edit would do now, and what stands in its way.
type Review struct {
	Zone      string       `json:"zone"`
	Saveable  bool         `json:"saveable" doc:"saving would be done: nothing clashes, no finding is an error"`
	Against   string       `json:"against" doc:"version (ETag) that was edited"`
	ETag      string       `json:"etag" doc:"version there is now: give it as If-Match to save what was reviewed"`
	Serial    uint32       `json:"serial" doc:"now"`
	Next      uint32       `json:"next_serial" doc:"after saving"`
	RRsets    []RRsetDelta `json:"rrsets" doc:"what saving would change"`
	Meanwhile []RRsetDelta `json:"meanwhile" doc:"what others changed since the version that was edited"`
	Changes   []Change     `json:"changes" doc:"the changes that did it, the newest first, 20 at most"`
	Clashes   []Clash      `json:"clashes" doc:"RRsets that both changed"`
	Findings  []Finding    `json:"findings" doc:"what the edit brings; errors refuse it"`
}

// Clash is an RRset that two have changed since the version that one of them edited. An empty side is none.
type Clash struct {
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Base   []Record  `json:"base" doc:"in the version that was edited"`
	Yours  []Record  `json:"yours"`
	Theirs []Record  `json:"theirs" doc:"now"`
	Author string    `json:"author,omitempty" doc:"who wrote theirs"`
	Time   time.Time `json:"time,omitzero" doc:"when"`
}
