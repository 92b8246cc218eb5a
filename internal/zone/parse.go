package zone

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// The bounds of what is read: a file beyond them is refused, findings beyond them are not listed.
const (
	maxFileSize  = 256 << 20 // octets of a zone file with everything that it includes
	maxErrors    = 20
	maxWarnings  = 100
	fallbackTTL  = 14400 // of a record for which the file says none at all; WHM's default for new zones
	byteOrder    = "\xef\xbb\xbf"
	byteOrderU16 = "\xff\xfe"
)

// File is what a zone file says.
type File struct {
	Zone Name
	// RRsets is in canonical order of owner, then type. The SOA carries the file's serial.
	RRsets    []RRset
	Serial    uint32
	HasSerial bool
	// Stamp is the comment that cPanel puts at the head of its files, byte for byte, without the last line end.
	Stamp string
	// Findings are the warnings.
	Findings []Finding
}

// ParseFile reads the zone file at path in fsys. With an empty zone, the zone is named by the owner of the SOA, else by
// an $ORIGIN before the first record, else by the file's name without .db or .zone. $INCLUDE is confined to the folder
// of the file. The error is ParseErrors unless the file could not be read.
func ParseFile(fsys fs.FS, file string, zone Name) (*File, error) {
	p := newParser(zone)
	p.files = &includes{fsys: fsys, dir: path.Dir(file)}
	text, err := p.files.read(file)
	if err != nil {
		return nil, fmt.Errorf("read zone file %s: %w", file, err)
	}
	origin := zone
	if origin == "" {
		origin = zoneOfPath(file)
		p.named = origin
	}
	return p.parse(file, text, origin)
}

// ParseText is ParseFile for text that came from no file; it has no $INCLUDE.
func ParseText(text string, zone Name) (*File, error) {
	if len(text) > maxFileSize {
		return nil, fmt.Errorf("zone text is larger than %d octets", maxFileSize)
	}
	return newParser(zone).parse("", text, zone)
}

// zoneOfPath is the zone for which a file is named, "" if that is no name.
func zoneOfPath(file string) Name {
	base := path.Base(file)
	if ending := path.Ext(base); strings.EqualFold(ending, ".db") || strings.EqualFold(ending, ".zone") {
		base = strings.TrimSuffix(base, ending)
	}
	name, err := ParseName(base)
	if err != nil {
		return ""
	}
	return name
}

// parser holds what lasts over a zone file and its includes.
type parser struct {
	zone      Name      // as the caller names it, "" to find out
	named     Name      // by the file's name or an early $ORIGIN
	files     *includes // nil: $INCLUDE is refused
	sets      map[setKey]*gathered
	order     []setKey
	soa       setKey // of the first SOA
	dropped   *Finding
	ttl       uint32 // of $TTL
	hasTTL    bool
	last      uint32 // the last explicit TTL, which stands in for $TTL (RFC 1035 section 5.1)
	hasLast   bool
	generated int
	errors    ParseErrors
	warnings  []Finding
}

type setKey struct {
	owner Name
	typ   Type
}

// gathered is an RRset while its records come in, with the place of the first.
type gathered struct {
	ttl     uint32
	differs bool
	data    [][]byte
	file    string
	line    int
}

// source is one file that is being read: origin and last owner belong to it (RFC 1035 section 5.1).
type source struct {
	name   string
	origin Name
	owner  Name
	broken bool // the last owner could not be read: records that only continue it are passed over
	depth  int
}

func newParser(zone Name) *parser {
	return &parser{zone: zone, sets: map[setKey]*gathered{}}
}

func (p *parser) parse(file, text string, origin Name) (*File, error) {
	text = strings.TrimPrefix(text, byteOrder)
	if strings.HasPrefix(text, byteOrderU16) || strings.HasPrefix(text, "\xfe\xff") {
		return nil, ParseErrors{{Severity: Error, File: file, Line: 1, Message: "the file is UTF-16 (hint: save it as ASCII or UTF-8)"}}
	}
	p.entries(&source{name: file, origin: origin}, text)
	return p.finish(file, stampOf(text))
}

// entries reads one file up to its end, or until there are too many errors.
func (p *parser) entries(src *source, text string) {
	s := scanner{text: text, line: 1}
	for !p.full() {
		e, ok, err := s.next()
		if !ok {
			return
		}
		if err == nil {
			err = p.entry(src, e)
		}
		if err != nil {
			p.fail(src, e.line, err)
		}
	}
}

func (p *parser) full() bool { return len(p.errors) >= maxErrors }

func (p *parser) fail(src *source, line int, err error) {
	p.errors = append(p.errors, Finding{Severity: Error, File: src.name, Line: line, Message: err.Error()})
	if p.full() {
		p.errors = append(p.errors, Finding{Severity: Error, File: src.name, Message: "too many errors, the rest was not read"})
	}
}

func (p *parser) warn(f Finding) {
	f.Severity = Warning
	switch {
	case len(p.warnings) < maxWarnings:
		p.warnings = append(p.warnings, f)
	case len(p.warnings) == maxWarnings:
		p.warnings = append(p.warnings, Finding{Severity: Warning, File: f.File, Message: "further warnings are not listed"})
	}
}

func (p *parser) entry(src *source, e entry) error {
	if !e.blank && e.fields[0][0] == '$' {
		return p.directive(src, e)
	}
	return p.record(src, e)
}

func (p *parser) directive(src *source, e entry) error {
	args := e.fields[1:]
	switch name := strings.ToUpper(e.fields[0]); name {
	case "$ORIGIN":
		return p.setOrigin(src, args)
	case "$TTL":
		return p.setTTL(args)
	case "$INCLUDE":
		return p.include(src, args)
	case "$GENERATE":
		return p.generate(src, e.line, args)
	default:
		return fmt.Errorf("directive %s is unknown", excerpt(e.fields[0]))
	}
}

func (p *parser) setOrigin(src *source, args []string) error {
	if len(args) != 1 {
		return errors.New("$ORIGIN takes one name")
	}
	origin, err := ParseNameAt(args[0], src.origin)
	if err != nil {
		return fmt.Errorf("$ORIGIN: %w", err)
	}
	src.origin = origin
	if len(p.order) == 0 && src.depth == 0 {
		p.named = origin
	}
	return nil
}

func (p *parser) setTTL(args []string) error {
	if len(args) != 1 {
		return errors.New("$TTL takes one time")
	}
	ttl, err := ParseTTL(args[0])
	if err != nil {
		return fmt.Errorf("$TTL: %w", err)
	}
	p.ttl, p.hasTTL = ttl, true
	return nil
}
