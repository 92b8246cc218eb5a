package api

import "time"

// Trashed is a deleted zone.
type Trashed struct {
	Name    string     `json:"name"`
	Owner   string     `json:"owner"`
	Deleted time.Time  `json:"deleted"`
	By      string     `json:"deleted_by,omitempty"`
	Records int        `json:"record_count" doc:"records that restore brings back; 0: its content is not kept any more"`
	Until   *time.Time `json:"until,omitempty" doc:"when its content goes; absent when it is gone"`
	Edited  int        `json:"edited" doc:"records written elsewhere while it was deleted here: kept until someone decides, see the conflicts"`
}

// TrashList is one page of deleted zones.
type TrashList struct {
	Zones []Trashed `json:"zones"`
	Next  string    `json:"next,omitempty" doc:"give as after to get the next page; absent on the last"`
	Total int       `json:"total"`
}
