package wire

import "fmt"

// Code tells programs why a question was not answered.
type Code string

// Codes of refusals. HTTP statuses are the doors' business.
const (
	CodeToken     Code = "token"       // the proof does not fit, or the token is unknown, revoked or bound to another key
	CodeForbidden Code = "forbidden"   // the token may not do this
	CodeOff       Code = "off"         // clustering is off here: no failure
	CodeDisabled  Code = "disabled"    // this member is disabled by hand here: no failure
	CodeVersion   Code = "version"     // no protocol version in common
	CodeNotFound  Code = "not-found"   // no such zone
	CodeRefused   Code = "refused"     // the request is understood and refused; the message says why
	CodeBadInput  Code = "bad-request" // the request cannot be understood
	CodeBusy      Code = "busy"        // a limit is reached; later
	CodeInternal  Code = "internal"
)

// Problem is a coded refusal, as it travels.
type Problem struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%s (%s)", p.Message, p.Code) }
