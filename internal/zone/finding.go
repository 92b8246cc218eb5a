package zone

import (
	"fmt"
	"strings"
)

// Severity says whether a finding refuses a zone.
type Severity uint8

// Severities. The zero value is no severity.
const (
	Warning Severity = iota + 1
	Error
)

func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "none"
}

// Finding is what is wrong or odd at one place of a zone. File and Line are empty where the zone came from no file.
type Finding struct {
	Severity Severity
	File     string
	Line     int
	Owner    Name
	Type     Type
	Message  string
}

// String is "file:line: message" as far as the place is known.
func (f Finding) String() string {
	switch {
	case f.Line == 0 && f.File == "":
		return f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	case f.File == "":
		return fmt.Sprintf("line %d: %s", f.Line, f.Message)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// ParseErrors are the findings of severity Error for which a zone was refused, in the order of the file.
type ParseErrors []Finding

func (e ParseErrors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
