package api

import "time"

// Template is a zone template: a zone file with variables between percent signs.
type Template struct {
	Name    string    `json:"name" example:"standard"`
	Owner   string    `json:"owner,omitempty" doc:"root or a reseller; absent: built in"`
	Text    string    `json:"text"`
	Changed time.Time `json:"changed,omitzero"`
}

// TemplateList is the templates that the zones of whoever asks can be made of.
type TemplateList struct {
	Templates []Template         `json:"templates"`
	Variables []TemplateVariable `json:"variables"`
}

// TemplateVariable is what can stand between percent signs.
type TemplateVariable struct {
	Name  string `json:"name" example:"domain"`
	Means string `json:"means"`
}

// TemplateText is a template to write, or to try.
type TemplateText struct {
	Text string `json:"text" maxLength:"65536"`
}

// TemplateTry asks what a template makes of a zone.
type TemplateTry struct {
	Zone  string `json:"zone" example:"example.com"`
	IPv4  string `json:"ipv4,omitempty"`
	IPv6  string `json:"ipv6,omitempty"`
	FTP   string `json:"ftp_ip,omitempty" doc:"default: ipv4"`
	Owner string `json:"owner,omitempty" doc:"account; default: whose token it is"`
	Text  string `json:"text,omitempty" doc:"try this instead of the template that is kept"`
}

// TemplatePreview is what it makes.
type TemplatePreview struct {
	Text     string    `json:"text"`
	Findings []Finding `json:"findings,omitempty"`
}

// ResetZone makes a zone what a template says.
type ResetZone struct {
	Template string `json:"template,omitempty" doc:"default: standard"`
	IPv4     string `json:"ipv4,omitempty" doc:"default: the one at the apex"`
	IPv6     string `json:"ipv6,omitempty" doc:"default: the one at the apex"`
	FTP      string `json:"ftp_ip,omitempty" doc:"default: ipv4"`
	Reason   string `json:"reason,omitempty" maxLength:"1000" doc:"kept in the history"`
}
