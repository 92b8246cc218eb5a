package api

import "time"

// Backups is how the nightly backup of a server stands.
type Backups struct {
	Nightly bool         `json:"nightly" doc:"one is made each night"`
	Last    *time.Time   `json:"last,omitempty" doc:"when the last good one was made; absent: never"`
	Where   string       `json:"where,omitempty" doc:"its file, or the program that took it"`
	Bytes   int64        `json:"bytes"`
	Zones   int          `json:"zones" doc:"that it holds"`
	Tried   *time.Time   `json:"tried,omitempty" doc:"when the last one was tried"`
	Error   string       `json:"error,omitempty" doc:"why that failed"`
	Late    bool         `json:"late" doc:"the last good one is older than two days: someone must act"`
	Next    *time.Time   `json:"next,omitempty" doc:"when the next one is due"`
	To      string       `json:"to,omitempty" doc:"folder, or program"`
	Keep    int          `json:"keep,omitempty" doc:"how many are kept in the folder"`
	Files   []BackupFile `json:"files,omitempty" doc:"those that are kept, the newest first"`
}

// BackupFile is a backup in the folder of a server.
type BackupFile struct {
	Path  string    `json:"path"`
	Bytes int64     `json:"bytes"`
	Time  time.Time `json:"time"`
}
