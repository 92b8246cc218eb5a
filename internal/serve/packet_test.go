package serve

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// packet builds octets from hexadecimal text with spaces.
func packet(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsNoGoodQuestion(t *testing.T) {
	r := newResponder(zones("\nzone example.\n").table(t), &settings{}, new(counters), maxUDP)
	const header, question = "abcd 0100 0001 0000 0000 0000", "07 6578616d706c65 00 0006 0001" // example. SOA
	for name, c := range map[string]struct {
		packet string
		want   string // the header's first four octets, and the number of questions; empty: no answer
	}{
		"a good one":                  {header + question, "abcd 8500 0001"},
		"empty":                       {"", ""},
		"eleven octets":               {"abcd 0100 0001 0000 0000 00", ""},
		"an answer":                   {"abcd 8100 0001 0000 0000 0000" + question, ""},
		"no question":                 {"abcd 0100 0000 0000 0000 0000", "abcd 8101 0000"},
		"two questions":               {"abcd 0100 0002 0000 0000 0000" + question + question, "abcd 8101 0000"},
		"question cut short":          {header + "07 6578616d706c65 00 0006", "abcd 8101 0000"},
		"label beyond the end":        {header + "3f 6578", "abcd 8101 0000"},
		"compressed question":         {header + "c00c 0006 0001", "abcd 8101 0000"},
		"label type 01":               {header + "40 00 0006 0001", "abcd 8101 0000"},
		"more after the end":          {header + question + "00", "abcd 8101 0001"},
		"record missing":              {"abcd 0100 0001 0000 0000 0001" + question, "abcd 8101 0001"},
		"record cut short":            {"abcd 0100 0001 0000 0000 0001" + question + "00 0029 04d0 00000000 0008 0000", "abcd 8101 0001"},
		"65,535 records":              {"abcd 0100 0001 ffff ffff ffff" + question, "abcd 8101 0001"},
		"opcode STATUS":               {"abcd 1000 0001 0000 0000 0000" + question, "abcd 9004 0001"},
		"opcode NOTIFY":               {"abcd 2000 0001 0000 0000 0000" + question, "abcd a004 0001"},
		"opcode 15 and nothing":       {"abcd 7800 0000 0000 0000 0000", "abcd f804 0000"},
		"class ANY":                   {header + "07 6578616d706c65 00 0006 00ff", "abcd 8105 0001"},
		"class HESIOD":                {header + "07 6578616d706c65 00 0006 0004", "abcd 8105 0001"},
		"AD, CD and Z are not copied": {"abcd 0070 0001 0000 0000 0000" + question, "abcd 8400 0001"},
		"a record as an update has":   {"abcd 0100 0001 0001 0000 0000" + question + "c00c 0001 0001 00000000 0004 01020304", "abcd 8500 0001"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []byte
			if r.read(packet(t, c.packet), netip.Addr{}) {
				got = r.reply(minUDP)[:6]
			}
			if want := packet(t, c.want); !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

func TestTheQuestionIsRepeatedAsItWasWritten(t *testing.T) {
	a := newAsker(t, zones("\nzone example.\nwww 60 A 192.0.2.1\n").table(t), settings{})
	m := a.exchange(question("wWw.ExAmPlE.", dns.TypeA), minUDP)
	if m.Question[0].Name != "wWw.ExAmPlE." || m.Answer[0].Header().Name != "wWw.ExAmPlE." {
		t.Errorf("got\n%s", m)
	}
	m = a.exchange(question("nO.ExAmPlE.", dns.TypeA), minUDP)
	if m.Question[0].Name != "nO.ExAmPlE." || m.Ns[0].Header().Name != "ExAmPlE." {
		t.Errorf("got\n%s", m)
	}
}

func TestOnlyOldTypesAreCompressed(t *testing.T) {
	r := newResponder(zones(`
zone example.
mx  60 MX 1 host
srv 60 SRV 1 2 3 host
`).table(t), &settings{}, new(counters), maxUDP)
	for name, want := range map[string]string{
		"\x02mx\x07example\x00\x00\x0f\x00\x01":  "\x00\x09\x00\x01\x04host\xc0\x0f",                        // RFC 1035
		"\x03srv\x07example\x00\x00\x21\x00\x01": "\x00\x14\x00\x01\x00\x02\x00\x03\x04host\x07example\x00", // RFC 2782: not compressed
	} {
		if !r.read([]byte("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"+name), netip.Addr{}) {
			t.Fatal("no answer")
		}
		if got := r.reply(minUDP); !bytes.Contains(got, []byte(want)) {
			t.Errorf("answer %q does not contain %q", got, want)
		}
	}
}
