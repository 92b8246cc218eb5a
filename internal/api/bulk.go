package api

import "time"

// ImportLine is one zone file of a bulk import: a line of the request.
type ImportLine struct {
	Name  string    `json:"name" doc:"the zone, or the file's name: the zone is its name without .db or .zone, unless $ORIGIN or the SOA says otherwise"`
	Text  string    `json:"text" doc:"the zone file"`
	MTime time.Time `json:"mtime,omitzero" doc:"when the file was modified"`
}

// ImportResult is what became of one zone file: a line of the answer, in the order in which they are done. With wait, a last line has only a reach.
type ImportResult struct {
	Line    int          `json:"line" doc:"number of the line in the request, from 1"`
	Name    string       `json:"name" doc:"as it was given"`
	Result  *WriteResult `json:"result,omitempty"`
	Problem *Problem     `json:"problem,omitempty" doc:"instead of a result; the other zones are not affected"`
	Reach   *Reach       `json:"reach,omitempty" doc:"with wait, on a last line of its own: where everything is served"`
}

// ExportLine is one zone of a bulk export. Name can be given back to an import.
type ExportLine struct {
	Name    string   `json:"name"`
	Text    string   `json:"text,omitempty"`
	Problem *Problem `json:"problem,omitempty" doc:"instead of a text"`
}
