package api

// Problem is an error (RFC 9457). Code is for programs and stays the same; Detail and Hint are for people.
type Problem struct {
	Type    string   `json:"type" doc:"about the code: a page of the documentation"`
	Title   string   `json:"title"`
	Status  int      `json:"status"`
	Detail  string   `json:"detail"`
	Code    string   `json:"code" example:"stale"`
	Subject string   `json:"subject,omitempty" doc:"what it is about: a zone, a member"`
	Hint    string   `json:"hint,omitempty" doc:"what to do"`
	Details []string `json:"details,omitempty" doc:"lines: what is wrong with a refused zone, what changed since a stale edit was begun"`
	Held    uint64   `json:"held,omitempty" doc:"with code held, which comes with status 202: number of the held change"`
	ID      string   `json:"id,omitempty" doc:"for an internal error: what to look for in the server's log"`
}

// Error is the message for people, without the hint.
func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}
