package zone

import (
	"errors"
	"fmt"
	"strings"
)

// maxEntry bounds one entry of a zone file: with every octet escaped, 64 KiB of rdata need a quarter of it.
const maxEntry = 1 << 20

// scanner breaks the text of a zone file into entries (RFC 1035 section 5.1).
type scanner struct {
	text      string
	at        int
	line      int // of text[at], from 1
	commented bool
	fields    []string // reused from entry to entry
}

// entry is a line, or several that parentheses hold together: a record or a directive. Its fields are pieces of the
// text, still with their quotes and escapes, and stay valid until the next entry.
type entry struct {
	line   int
	blank  bool // begins with white space: the owner is the last one
	fields []string
}

// next returns the next entry that is not empty. After an error it goes on with the line after the broken one, so that
// one run finds the errors of a whole file. ok is false at the end.
func (s *scanner) next() (e entry, ok bool, err error) {
	s.fields = s.fields[:0]
	depth, start := 0, s.at
	e.line = s.line
	e.blank = s.atBlank()
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '\n':
			s.at++
			s.line++
			if depth > 0 {
				break
			}
			if len(s.fields) > 0 {
				e.fields = s.fields
				return e, true, nil
			}
			e.line, e.blank, start = s.line, s.atBlank(), s.at
		case ' ', '\t', '\r':
			s.at++
		case ';':
			s.skipLine()
			s.commented = true
		case '(':
			s.at++
			depth++
		case ')':
			s.at++
			if depth--; depth < 0 {
				s.skipLine()
				return e, true, errors.New(`")" without "("`)
			}
		default:
			if err := s.scanField(c == '"'); err != nil {
				s.skipLine()
				return e, true, err
			}
		}
		if s.at-start > maxEntry && len(s.fields) > 0 {
			s.at = len(s.text)
			return e, true, fmt.Errorf("the entry is longer than %d octets", maxEntry)
		}
	}
	if depth > 0 {
		return e, true, errors.New(`"(" is not closed up to the end of the file`)
	}
	e.fields = s.fields
	return e, len(s.fields) > 0, nil
}

func (s *scanner) atBlank() bool {
	return s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t')
}

// skipLine moves to the end of the line, before its line feed.
func (s *scanner) skipLine() {
	if n := strings.IndexByte(s.text[s.at:], '\n'); n >= 0 {
		s.at += n
		return
	}
	s.at = len(s.text)
}

// scanField takes one field: a word, or quoted text, which ends in the same line.
func (s *scanner) scanField(quoted bool) error {
	start := s.at
	if quoted {
		s.at++
	}
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\n' || !quoted && strings.IndexByte(" \t\r;()\"", c) >= 0:
			if quoted {
				return fmt.Errorf("the quoted text %s is not closed in its line", excerpt(s.text[start:s.at]))
			}
			s.fields = append(s.fields, s.text[start:s.at])
			return nil
		case c == '\\' && s.at+1 < len(s.text) && s.text[s.at+1] != '\n':
			s.at += 2
		case c == '"':
			s.at++
			s.fields = append(s.fields, s.text[start:s.at])
			return nil
		default:
			s.at++
		}
	}
	if quoted {
		return fmt.Errorf("the quoted text %s is not closed", excerpt(s.text[start:]))
	}
	s.fields = append(s.fields, s.text[start:])
	return nil
}

// Fields breaks the text of one record's data into the fields that ParseData takes. A comment is refused: in data that
// did not come from a file, a semicolon is a forgotten quote.
func Fields(text string) ([]string, error) {
	s := scanner{text: strings.TrimRight(text, "\r\n"), line: 1}
	e, _, err := s.next()
	if err != nil {
		return nil, err
	}
	if s.at < len(s.text) {
		return nil, errors.New("the data has more than one line (hint: parentheses)")
	}
	if s.commented {
		return nil, errors.New("the data has an unquoted semicolon (hint: put quotes around the text)")
	}
	return e.fields, nil
}
