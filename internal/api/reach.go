package api

// Reach says where a change is served.
type Reach struct {
	Complete bool          `json:"complete" doc:"as many servers as asked for serve it"`
	Served   int           `json:"served" doc:"servers that serve it"`
	Total    int           `json:"total" doc:"servers that should"`
	MS       float64       `json:"ms" doc:"milliseconds from the commit to the last of them, or to the end of the wait"`
	Servers  []ServerReach `json:"servers"`
	// Interrupted says that the wait ended before its time.
	Interrupted bool `json:"interrupted,omitempty" doc:"the server stops or hands over to a new process: ask again with GET /wait"`
}

// ServerReach is one server's part.
type ServerReach struct {
	Name   string  `json:"name"`
	State  string  `json:"state" enum:"served,stored,waiting,refused"`
	Reason string  `json:"reason,omitempty"`
	MS     float64 `json:"ms,omitempty" doc:"milliseconds from the commit, when served or stored"`
}
