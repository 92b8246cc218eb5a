package zone

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxGenerated bounds the records that all $GENERATE of a zone file make together.
const maxGenerated = 1 << 16

// counter is the range of a $GENERATE: start-stop/step.
type counter struct{ start, stop, step int64 }

// generate makes a record for each number of a range, as BIND does: $ is the number, ${offset,width,base} the number
// moved and formatted, \$ and $$ a plain $.
func (p *parser) generate(src *source, line int, args []string) error {
	if len(args) < 4 {
		return errors.New("$GENERATE takes a range, an owner, a type and data")
	}
	c, err := parseCounter(args[0])
	if err != nil {
		return err
	}
	if p.generated += int((c.stop-c.start)/c.step) + 1; p.generated > maxGenerated {
		return fmt.Errorf("$GENERATE makes more than %d records in one zone file", maxGenerated)
	}
	h, err := parseHeader(args[2:])
	if err != nil {
		return fmt.Errorf("$GENERATE: %w", err)
	}
	template := h.data
	for i := c.start; i <= c.stop; i += c.step {
		owner, err := expand(args[1], i)
		if err != nil {
			return err
		}
		name, err := ParseNameAt(owner, src.origin)
		if err != nil {
			return fmt.Errorf("$GENERATE: owner: %w", err)
		}
		if h.data, err = expandFields(template, i); err != nil {
			return err
		}
		if err := p.add(src, line, name, h); err != nil {
			return fmt.Errorf("$GENERATE at %d: %w", i, err)
		}
	}
	return nil
}

func parseCounter(s string) (counter, error) {
	bounds, step, hasStep := strings.Cut(s, "/")
	start, stop, isRange := strings.Cut(bounds, "-")
	if !hasStep {
		step = "1"
	}
	var c counter
	ok := isRange
	for _, number := range []struct {
		to   *int64
		text string
	}{{&c.start, start}, {&c.stop, stop}, {&c.step, step}} {
		n, err := strconv.ParseUint(number.text, 10, 31)
		*number.to = int64(n)
		ok = ok && err == nil
	}
	if !ok || c.step == 0 || c.stop < c.start {
		return counter{}, fmt.Errorf("$GENERATE range %s is not start-stop or start-stop/step", excerpt(s))
	}
	return c, nil
}

// expandFields expands the data. Data that is one quoted field holds several: the quotes kept them together.
func expandFields(template []string, i int64) ([]string, error) {
	if len(template) == 1 && len(template[0]) >= 2 && template[0][0] == '"' {
		text, err := expand(template[0][1:len(template[0])-1], i)
		if err != nil {
			return nil, err
		}
		return Fields(text)
	}
	out := make([]string, len(template))
	for at, field := range template {
		text, err := expand(field, i)
		if err != nil {
			return nil, err
		}
		out[at] = text
	}
	return out, nil
}

// expand puts the number i into a template.
func expand(template string, i int64) (string, error) {
	if !strings.Contains(template, "$") {
		return template, nil
	}
	var b strings.Builder
	for at := 0; at < len(template); {
		c := template[at]
		rest := template[at+1:]
		switch {
		case c == '\\' && rest != "":
			b.WriteString(template[at : at+2])
			at += 2
		case c != '$':
			b.WriteByte(c)
			at++
		case strings.HasPrefix(rest, "$"):
			b.WriteString(`\$`)
			at += 2
		case strings.HasPrefix(rest, "{"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				return "", fmt.Errorf("$GENERATE: %s lacks its closing brace", excerpt(template))
			}
			text, err := formatCounter(rest[1:end], i)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			at += 1 + end + 1
		default:
			b.WriteString(strconv.FormatInt(i, 10))
			at++
		}
	}
	return b.String(), nil
}

// formatCounter formats i as the text between the braces says: offset[,width[,base]].
func formatCounter(modifiers string, i int64) (string, error) {
	parts := strings.Split(modifiers, ",")
	offset, err := strconv.ParseInt(parts[0], 10, 32)
	width, base := uint64(0), "d"
	if err == nil && len(parts) > 1 {
		width, err = strconv.ParseUint(parts[1], 10, 8)
	}
	if len(parts) > 2 {
		base = parts[2]
	}
	if err != nil || len(parts) > 3 {
		return "", fmt.Errorf("$GENERATE: ${%s} is not ${offset,width,base}", modifiers)
	}
	n := i + offset
	if n < 0 {
		return "", fmt.Errorf("$GENERATE: ${%s} makes the negative number %d", modifiers, n)
	}
	switch base {
	case "d", "o", "x", "X":
		return fmt.Sprintf("%0*"+base, int(width), n), nil
	case "n":
		return nibbles(n, int(width), "0123456789abcdef"), nil
	case "N":
		return nibbles(n, int(width), "0123456789ABCDEF"), nil
	}
	return "", fmt.Errorf("$GENERATE: base %s is none of d, o, x, X, n, N", excerpt(base))
}

// nibbles writes n as an IPv6 reverse name does: hexadecimal digits from the last, with dots between. The width counts
// the dots, so an even one ends with a dot.
func nibbles(n int64, width int, digits string) string {
	var b []byte
	for {
		b = append(b, digits[n&15])
		if n >>= 4; n == 0 && len(b) >= width {
			return string(b)
		}
		if b = append(b, '.'); n == 0 && len(b) >= width {
			return string(b)
		}
	}
}
