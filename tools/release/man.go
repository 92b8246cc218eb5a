package main

import (
	"bytes"
	"fmt"
	"strings"
)

// manual makes the manual page of the command line's reference, which is written from the commands themselves. It knows
// the Markdown that is in there: headings, paragraphs, code blocks, lists and tables of two columns.
func (r *release) manual(reference string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, ".TH ZONEFLEET 1 %q %q\n", r.when.Format("2006-01-02"), "ZoneFleet "+r.packageVersion())
	fmt.Fprintf(&out, ".SH NAME\nzonefleet \\- %s\n.SH SYNOPSIS\n.B zonefleet\n.I COMMAND\n[\\fIFLAG\\fR...]\n.SH DESCRIPTION\n", roff(summary))
	code := false
	for _, line := range strings.Split(reference, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
			if code {
				out.WriteString(".PP\n.RS 4\n.nf\n")
			} else {
				out.WriteString(".fi\n.RE\n.PP\n")
			}
		case code:
			out.WriteString(lineOf(roff(line)))
		case strings.HasPrefix(line, "# "):
			// the title is the page's own
		case strings.HasPrefix(line, "## "):
			fmt.Fprintf(&out, ".SH %s\n", strings.ToUpper(inline(line[3:])))
		case strings.HasPrefix(line, "### "):
			fmt.Fprintf(&out, ".SS %s\n", inline(line[4:]))
		case strings.HasPrefix(line, "|"):
			if key, text, ok := row(line); ok {
				fmt.Fprintf(&out, ".TP\n%s%s", lineOf(inline(key)), lineOf(inline(text)))
			}
		case strings.HasPrefix(line, "- "):
			fmt.Fprintf(&out, ".IP \\(bu 2\n%s", lineOf(inline(line[2:])))
		case line == "":
			out.WriteString(".PP\n")
		default:
			out.WriteString(lineOf(inline(strings.TrimSpace(line))))
		}
	}
	return out.Bytes()
}

// row is one row of a table of two columns; heads and rules are none.
func row(line string) (key, text string, ok bool) {
	cells := strings.SplitN(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "| "), " | ", 2)
	if len(cells) < 2 || strings.HasPrefix(cells[0], "---") {
		return "", "", false
	}
	restore := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\x00", "|")) }
	return restore(cells[0]), restore(cells[1]), true
}

// inline sets code in bold and shows a link by its text.
func inline(s string) string {
	for i, sets := 0, []string{`\fB`, `\fR`}; strings.Contains(s, "`"); i++ {
		s = strings.Replace(s, "`", "\x01"+sets[i%2], 1)
	}
	for {
		open := strings.Index(s, "](")
		if open < 0 {
			break
		}
		start, end := strings.LastIndex(s[:open], "["), strings.Index(s[open:], ")")
		if start < 0 || end < 0 {
			break
		}
		s = s[:start] + s[start+1:open] + s[open+end+1:]
	}
	parts := strings.Split(strings.ReplaceAll(s, "**", ""), "\x01")
	for i, p := range parts {
		if i > 0 {
			parts[i] = p[:3] + roff(p[3:])
		} else {
			parts[i] = roff(p)
		}
	}
	return strings.Join(parts, "")
}

func roff(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...", "→", `\->`).Replace(s)
}

// lineOf keeps a line from being taken for a request.
func lineOf(s string) string {
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s + "\n"
}
