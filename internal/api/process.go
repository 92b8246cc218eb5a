package api

import "time"

// Process is the process that a server is. Another one may take over from it without losing a query.
type Process struct {
	PID        int        `json:"pid"`
	Version    string     `json:"version" doc:"of the program that runs, which may not be the one on disk"`
	Started    time.Time  `json:"started"`
	Restarting bool       `json:"restarting" doc:"a new process was asked for and has not taken over yet, or this is the new one and still starts"`
	Failed     string     `json:"failed,omitempty" doc:"why the last one that was asked for did not take over"`
	FailedAt   *time.Time `json:"failed_at,omitempty"`
}

// SignInLink signs a browser in.
type SignInLink struct {
	URL string `json:"url" doc:"works once and for an hour: keep it to yourself"`
}
