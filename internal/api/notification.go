package api

import "time"

// Notifications say how people are told of what happens: a member that is disabled or back, drift, conflicts, held
// changes, clocks and keys.
type Notifications struct {
	Contacts []string    `json:"contacts" maxItems:"20" doc:"mail addresses of root"`
	SMTP     SMTP        `json:"smtp" doc:"the mail server; without a host none is sent"`
	Webhook  Webhook     `json:"webhook"`
	States   []Transport `json:"states,omitempty" readOnly:"true" doc:"how sending goes"`
}

// SMTP is a mail server.
type SMTP struct {
	Host        string  `json:"host" doc:"name or address; empty: none"`
	Port        int     `json:"port,omitempty" minimum:"0" maximum:"65535" doc:"absent: 587, with tls 465, with none 25"`
	Security    string  `json:"security,omitempty" enum:"starttls,tls,none" default:"starttls" doc:"none is for a server on the same machine"`
	User        string  `json:"user,omitempty" doc:"absent: without signing in"`
	Password    *string `json:"password,omitempty" writeOnly:"true" doc:"never shown; absent: stays"`
	HasPassword bool    `json:"has_password,omitempty" readOnly:"true"`
	From        string  `json:"from,omitempty" doc:"address; absent: zonefleet@ and the name of the server"`
}

// Webhook is a URL to which messages are sent as Standard Webhooks has it.
type Webhook struct {
	URL       string  `json:"url" doc:"https; empty: none"`
	Secret    *string `json:"secret,omitempty" doc:"whsec_ and base64; absent: stays, or one is made and shown in this answer only"`
	HasSecret bool    `json:"has_secret,omitempty" readOnly:"true"`
}

// Transport is how sending by one means goes.
type Transport struct {
	Name     string     `json:"name" enum:"mail,webhook"`
	Set      bool       `json:"set" doc:"it is set up"`
	Sent     *time.Time `json:"sent,omitempty" doc:"the last message that was taken, since the start"`
	Failed   *time.Time `json:"failed,omitempty" doc:"the last try, if it failed"`
	Error    string     `json:"error,omitempty"`
	NextTry  *time.Time `json:"next_try,omitempty"`
	Messages int        `json:"messages" doc:"since the start"`
}

// TestedNotifications is what became of a test by each transport that is set up.
type TestedNotifications struct {
	Tested []Transport `json:"tested"`
}
