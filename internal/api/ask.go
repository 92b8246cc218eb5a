package api

// AskResult is one DNS question, asked at servers of the cluster over DNS itself, compared.
type AskResult struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Same    bool     `json:"same" doc:"every server that answered gave the same answer, and all answered"`
	Answers []Answer `json:"answers"`
}

// Answer is what one server said.
type Answer struct {
	Server        string   `json:"server"`
	Address       string   `json:"address" doc:"where it was asked"`
	Rcode         string   `json:"rcode,omitempty" example:"NOERROR"`
	Authoritative bool     `json:"authoritative"`
	Records       []Record `json:"records"`
	MS            float64  `json:"ms"`
	Error         string   `json:"error,omitempty" doc:"instead of an answer"`
}
