package preflight

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/config"
)

// Finding is something to be seen to.
type Finding struct {
	Error   bool   // the server would not start, or not work; otherwise a warning
	Subject string // a key of the configuration, a variable, "clock"
	Message string
	// Unserved is an address of this host where DNS could not be answered, of those that are not named one by one.
	Unserved netip.Addr
}

// findings gathers them.
type findings []Finding

func (f *findings) fail(subject, format string, args ...any) {
	f.add(Finding{Error: true, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

func (f *findings) warn(subject, format string, args ...any) {
	f.add(Finding{Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// add leaves out what is said already: UDP and TCP often have the same fault.
func (f *findings) add(one Finding) {
	if !slices.Contains(*f, one) {
		*f = append(*f, one)
	}
}

// Check looks at what c says and at the host that it says it of. environ is the environment, as os.Environ has it.
func Check(c config.Config, environ []string, now time.Time) []Finding {
	var f findings
	running := f.data(c.Data)
	f.ports(c, running)
	f.certificate(c, now)
	f.clock(c.Data, now)
	f.variables(environ)
	return f
}

// noEarlier is when this was written: a clock before that is wrong.
const noEarlier = 2026

// clockSlack is how far files may be from the future: other machines write to shared folders.
const clockSlack = 10 * time.Minute

func (f *findings) clock(data string, now time.Time) {
	if now.UTC().Year() < noEarlier {
		f.fail("clock", "it is %s here: changes would lose to older ones, certificates would not be valid yet", now.UTC().Format(time.DateOnly))
		return
	}
	if newest := newestFile(data); newest.After(now.Add(clockSlack)) {
		f.warn("clock", "files in %s are from %s, it is %s here: was the clock set back?", data, newest.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
}

// variables warns of variables that look like this program's and are not read.
func (f *findings) variables(environ []string) {
	known := []string{"ZONEFLEET_SERVER", "ZONEFLEET_TOKEN"} // of the command line
	for _, k := range config.Keys() {
		known = append(known, k.Env())
	}
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "ZONEFLEET_") && !slices.Contains(known, name) {
			f.warn("environment "+name, "nothing reads this variable")
		}
	}
}
