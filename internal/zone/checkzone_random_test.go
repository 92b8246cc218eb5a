package zone_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Zone files in random layouts - blanks, parentheses, comments, quotes, escapes, directives, what may be left out left
// out - are read as BIND reads them.
func TestRandomLayoutsReadAsBINDReadsThem(t *testing.T) {
	layout := rapid.Custom(func(t *rapid.T) string { return randomZone(t) })
	for seed := range 25 {
		text := layout.Example(seed)
		file := filepath.Join(t.TempDir(), "random")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := zone.ParseText(text, name(t, "example.com"))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if diff := cmp.Diff(bindRecords(t, file), ourRecords(f.RRsets)); diff != "" {
			t.Fatalf("seed %d: records differ (-named-checkzone +this package):\n%s\n%s", seed, diff, text)
		}
	}
}

func randomZone(t *rapid.T) string {
	var b strings.Builder
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	b.WriteString(pick("head", "$TTL 1h\n", "$ttl 300 ; five minutes\n", "; no ttl\n", "\n\n"))
	b.WriteString("@ IN SOA ns1.example.org. " + pick("mailbox", "h", `h\.x.y`, "h.example.org.") + " ( 1 2h\n 3 ; retry\n\n4w 5m )\n\tNS ns1.example.org.\n")
	for i := range rapid.IntRange(1, 60).Draw(t, "entries") {
		switch rapid.IntRange(0, 11).Draw(t, "kind") {
		case 0:
			fmt.Fprintf(&b, "$ORIGIN %s\n", pick("origin", "example.com.", "a.b.example.com.", fmt.Sprintf("o%d", i%3), "@"))
			if b.Len() > 1<<14 || i%4 == 0 {
				b.WriteString("$ORIGIN example.com.\n")
			}
		case 1:
			fmt.Fprintf(&b, "$TTL %s\n", pick("ttl", "0", "1d", "2H3m", "77", "1w2d3h4m5s"))
		case 2:
			b.WriteString(pick("noise", "\n", "   \n", "; x ( \" \n", "\t; y\n", "\r\n"))
		default:
			randomRecord(t, &b, i)
		}
	}
	return b.String()
}

// randomRecord writes two records of one owner, the second without it.
func randomRecord(t *rapid.T, b *strings.Builder, i int) {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	b.WriteString(pick("owner", fmt.Sprintf("n%d", i), fmt.Sprintf(`n\%03d%d`, i, i), fmt.Sprintf("*.w%d", i), fmt.Sprintf(`d\.ot%d`, i), fmt.Sprintf("_U%d.x", i), fmt.Sprintf("f%d.example.com.", i)))
	for at, data := range []string{
		pick("data", "A 192.0.2.1", "AAAA 2001:db8::1", "type1 192.0.2.7", "A \\# 4 01020304", "MX 10 @", "SRV 1 2 3 x", "PTR .", "CAA 0 issue \"a;b\""),
		"TXT " + randomStrings(t),
	} {
		if at == 1 && rapid.Bool().Draw(t, "one only") {
			break
		}
		fields := append(strings.Fields(pick("ttl and class", "", "IN", "60", "60 IN", "in 1h", "IN 0")), splitOutsideQuotes(data)...)
		b.WriteString(pick("blank", " ", "\t", "  \t "))
		depth := 0
		for _, field := range fields {
			if depth == 0 && rapid.IntRange(0, 5).Draw(t, "open") == 0 {
				b.WriteString("(" + pick("inside", "", " ", "\n", " ; (\n\t"))
				depth++
			}
			b.WriteString(field)
			if depth > 0 {
				b.WriteString(pick("between", " ", "\n", "\n\n   ", " ; \"\n"))
			} else {
				b.WriteString(pick("between", " ", "\t\t"))
			}
		}
		b.WriteString(strings.Repeat(")", depth) + pick("end", "\n", " ; end\n", ";\n", "\r\n"))
	}
}

// splitOutsideQuotes splits at single blanks, and keeps quoted text whole.
func splitOutsideQuotes(s string) []string {
	var out []string
	for at, part := range strings.Split(s, "\x00") {
		if at%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// randomStrings writes TXT data. Quoted strings stand between zero octets, for splitOutsideQuotes.
func randomStrings(t *rapid.T) string {
	piece := rapid.SampledFrom([]string{"a", "B", `\"`, `\\`, `\;`, `\065`, `\000`, `\255`, "=", "~", "é", `\(`})
	var b strings.Builder
	for range rapid.IntRange(1, 4).Draw(t, "strings") {
		text := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "text"), "")
		if rapid.Bool().Draw(t, "quoted") {
			text = "\x00\"" + text + rapid.SampledFrom([]string{"", " ", ";", "(", ") x"}).Draw(t, "special") + "\"\x00"
		}
		b.WriteString(text + " ")
	}
	return b.String()
}
