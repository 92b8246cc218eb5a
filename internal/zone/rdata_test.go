package zone_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestEveryTypeHasATextForm(t *testing.T) {
	for i := range 1 << 16 {
		typ := zone.Type(i)
		back, err := zone.ParseType(strings.ToLower(typ.String()))
		if err != nil || back != typ {
			t.Fatalf("type %d prints as %s, which reads as %d, %v", i, typ, back, err)
		}
	}
	for in, want := range map[string]zone.Type{"TYPE1": zone.TypeA, "aaaa": zone.TypeAAAA, "Type65280": 65280, "HTTPS": zone.TypeHTTPS} {
		if got, err := zone.ParseType(in); err != nil || got != want {
			t.Errorf("%s is %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "TYPE", "TYPE65536", "TYPE-1", "TYPE+1", "BOGUS", "NONE", "RESERVED", "IN", "300"} {
		if got, err := zone.ParseType(in); err == nil {
			t.Errorf("%q is taken as type %s", in, got)
		}
	}
}

func TestDataTextToWireAndBack(t *testing.T) {
	tests := []struct{ typ, in, wire, out string }{
		{"A", "192.0.2.1", "c0000201", ""},
		{"A", `\# 4 C0000201`, "c0000201", "192.0.2.1"},
		{"A", `\# 4 c0 00 02 01`, "c0000201", "192.0.2.1"},
		{"AAAA", "2001:DB8::1", "20010db8000000000000000000000001", "2001:db8::1"},
		{"AAAA", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1"},
		{"NS", "NS1", "034e5331076578616d706c6503636f6d00", "NS1.example.com."},
		{"CNAME", "@", "076578616d706c6503636f6d00", "example.com."},
		{"MX", "10 mail.example.org.", "000a046d61696c076578616d706c65036f726700", ""},
		{"MX", "0 .", "000000", ""},
		{"PTR", `a\.b.c\032d.`, "03612e6203632064" + "00", ""},
		{"CNAME", "münchen.de.", "0e786e2d2d6d6e6368656e2d337961026465" + "00", "xn--mnchen-3ya.de."},
		{"SOA", "ns. h.m. 1 2h 1h30m 4w 4294967295", "026e7300" + "0168016d00" + "00000001" + "00001c20" + "00001518" + "0024ea00" + "ffffffff", "ns. h.m. 1 7200 5400 2419200 4294967295"},
		{"TXT", `"a b" c\;d "" "\"\\\000"`, "03612062" + "03633b64" + "00" + "03225c00", `"a b" "c;d" "" "\"\\\000"`},
		{"TXT", `"` + strings.Repeat("x", 300) + `"`, "ff" + strings.Repeat("78", 255) + "2d" + strings.Repeat("78", 45), `"` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 45) + `"`},
		{"SRV", "1 2 65535 sip", "00010002ffff03736970076578616d706c6503636f6d00", "1 2 65535 sip.example.com."},
		{"CAA", `0 issue "ca.example; a=b"`, "0005" + hex.EncodeToString([]byte("issueca.example; a=b")), ""},
		{"CAA", "128 iodef mailto:a@b", "8005" + hex.EncodeToString([]byte("iodefmailto:a@b")), `128 iodef "mailto:a@b"`},
		{"DS", "1 RSASHA256 1 00112233445566778899 aabbccddeeff00112233", "0001080100112233445566778899aabbccddeeff00112233", "1 8 1 00112233445566778899AABBCCDDEEFF00112233"},
		{"DNSKEY", "257 3 ECDSAP256SHA256 AQID BA==", "0101030d01020304", "257 3 13 AQIDBA=="},
		{"NAPTR", `1 2 u "E2U+sip" "!^.*$!x!" .`, "00010002" + "0175" + "07453255" + "2b736970" + "08215e2e2a24217821" + "00", `1 2 "u" "E2U+sip" "!^.*$!x!" .`},
		{"X25", `"311061700956"`, "0c333131303631373030393536", ""},
		{"GPOS", `"-22.6" 116.8 250.0`, "052d32322e36" + "053131362e38" + "053235302e30", `"-22.6" "116.8" "250.0"`},
		{"URI", `10 1 "ftp://x/"`, "000a0001" + hex.EncodeToString([]byte("ftp://x/")), ""},
		{"TYPE65280", `\# 4 0a000001`, "0a000001", `\# 4 0A000001`},
		{"TYPE65280", `\# 0`, "", ""},
		{"HTTPS", `1 . alpn="h2,h3" port=8443`, "0001" + "00" + "00010006" + "026832026833" + "00030002" + "20fb", `1 . alpn="h2,h3" port="8443"`},
		{"SVCB", `1 svc key667="a b"`, "0001" + "03737663076578616d706c6503636f6d00" + "029b0003612062", `1 svc.example.com. key667="a\ b"`},
		{"IPSECKEY", "10 3 2 gw AQID", "0a0302" + "026777076578616d706c6503636f6d00" + "010203", "10 3 2 gw.example.com. AQID"},
	}
	for _, test := range tests {
		typ, err := zone.ParseType(test.typ)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := zone.Fields(test.in)
		if err != nil {
			t.Errorf("%s %s: %v", test.typ, test.in, err)
			continue
		}
		data, err := zone.ParseData(typ, name(t, "example.com"), fields)
		if err != nil {
			t.Errorf("%s %s: %v", test.typ, test.in, err)
			continue
		}
		if got := hex.EncodeToString(data); got != test.wire {
			t.Errorf("%s %s is %s, want %s", test.typ, test.in, got, test.wire)
		}
		if test.out == "" {
			test.out = test.in
		}
		if got := zone.DataString(typ, data); got != test.out {
			t.Errorf("%s %s prints as %s, want %s", test.typ, test.in, got, test.out)
		}
		if err := zone.ValidData(typ, data); err != nil {
			t.Errorf("%s %s: its own octets are refused: %v", test.typ, test.in, err)
		}
	}
}

// Forms, command lines and scripts send the data of a record as one string.
func TestDataMayComeAsOneField(t *testing.T) {
	tests := []struct {
		typ zone.Type
		in  string
		out string
	}{
		{zone.TypeMX, "10 mail", "10 mail.example.com."},
		{zone.TypeTXT, "v=DKIM1; k=rsa; p=AB", `"v=DKIM1; k=rsa; p=AB"`},
		{zone.TypeTXT, `"one" "two"`, `"one" "two"`},
		{zone.TypeTXT, `"v=DKIM1; k=rsa"`, `"v=DKIM1; k=rsa"`},
		{zone.TypeCAA, `0 issue "x;y"`, `0 issue "x;y"`},
		{zone.Type(65280), `\# 2 abcd`, `\# 2 ABCD`},
	}
	for _, test := range tests {
		data, err := zone.ParseData(test.typ, name(t, "example.com"), []string{test.in})
		if err != nil {
			t.Errorf("%s %s: %v", test.typ, test.in, err)
			continue
		}
		if got := zone.DataString(test.typ, data); got != test.out {
			t.Errorf("%s %s prints as %s, want %s", test.typ, test.in, got, test.out)
		}
	}
	if _, err := zone.ParseData(zone.TypeCAA, zone.Root, []string{"0 issue x; y"}); err == nil {
		t.Error("data with an unquoted semicolon is cut short instead of refused")
	}
}

func TestParseDataRefuses(t *testing.T) {
	for _, line := range []string{
		"A", "A 1.2.3", "A 1.2.3.4.5", "A 01.2.3.4", "A ::1", "A 1.2.3.4 5", `A "1.2.3.4"`,
		"AAAA 1.2.3.4", "AAAA fe80::1%eth0", "AAAA 2001:db8::1::2",
		"NS", "NS a..b", `NS "ns1"`, "NS a b", "MX 10", "MX mail", "MX 65536 mail", "MX -1 mail", "MX 10 mail extra",
		"SOA ns h 1 2 3 4", "SOA ns h 1 2 3 4 5 6", "SOA ns h 4294967296 2 3 4 5", "SOA ns h 1 2x 3 4 5", "SOA ns h 1 h 3 4 5",
		"TXT", `TXT \300`, "HINFO " + strings.Repeat("x", 256) + " y",
		"CAA 256 issue x", "CAA 0 is-sue x", `CAA 0 "issue" x`, "CAA 0 issue",
		"DS 1 8 1 00", "DS 1 8 2 0011223344556677889900112233445566778899", "DS 1 8 1 xyz", "DS 1 NOALG 1 00",
		"DNSKEY 257 3 8", "DNSKEY 257 3 8 A", "SSHFP 1 1",
		`A \# 4`, `A \# 5 0102030405`, `A \# 4 010203`, `A \#`, `A \# x 01`, `MX \# 2 000a`, `TYPE65280 \# 65536 00`, "TYPE65280 abc", "TYPE65280",
		"HTTPS 1 . alpn=(", "HTTPS x", "LOC 99 N", "OPT 1", "ANY 1", "AXFR x", `TYPE41 \# 0`,
	} {
		fields := strings.Fields(line)
		typ, err := zone.ParseType(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if data, err := zone.ParseData(typ, name(t, "example.com"), fields[1:]); err == nil {
			t.Errorf("%s is taken, as %x", line, data)
		}
	}
	big := slices.Repeat([]string{strings.Repeat("x", 255)}, 257)
	if _, err := zone.ParseData(zone.TypeTXT, zone.Root, big); err == nil {
		t.Error("TXT data of more than 65535 octets is taken")
	}
	for _, field := range []string{"alpn=h2\n. 0 IN A 1.2.3.4", "alpn=h2;x", "alpn=\"h2", "alpn=h2)"} {
		if data, err := zone.ParseData(zone.TypeHTTPS, zone.Root, []string{"1", ".", field}); err == nil {
			t.Errorf("HTTPS data takes %q, as %x", field, data)
		}
	}
}

func TestValidDataRefusesWhatIsNotWellFormed(t *testing.T) {
	tests := []struct {
		typ  zone.Type
		wire string
	}{
		{zone.TypeA, "c00002"},
		{zone.TypeA, "c000020101"},
		{zone.TypeAAAA, ""},
		{zone.TypeNS, ""},
		{zone.TypeNS, "0161"},
		{zone.TypeNS, "c00c"},
		{zone.TypeNS, "0000"},
		{zone.TypeMX, "000a"},
		{zone.TypeSOA, "0000" + strings.Repeat("00", 19)},
		{zone.TypeTXT, ""},
		{zone.TypeTXT, "0261"},
		{zone.TypeTXT, "016102"},
		{zone.TypeCAA, "0000"},
		{zone.TypeCAA, "00012d61"},
		{zone.TypeDS, "000108"},
		{zone.TypeDS, "0001080101"},
		{zone.TypeHTTPS, "00"},
		{zone.TypeHTTPS, "000100" + "00030002" + "20fb" + "00010003026832"}, // keys out of order
		{zone.TypeSVCB, "0001c000"},
		{zone.TypeOPT, ""},
		{zone.TypeANY, ""},
	}
	for _, test := range tests {
		data, _ := hex.DecodeString(test.wire)
		if zone.ValidData(test.typ, data) == nil {
			t.Errorf("%s data %q is taken as well-formed", test.typ, test.wire)
		}
		// It can still be shown, and read by whoever wants it.
		if got := zone.DataString(test.typ, data); !strings.HasPrefix(got, `\# `) {
			t.Errorf("%s data %q is shown as %q", test.typ, test.wire, got)
		}
	}
	if err := zone.ValidData(65280, []byte("anything")); err != nil {
		t.Errorf("data of an unknown type is refused: %v", err)
	}
}

// RFC 4034 section 6.2 and 6.3, RFC 6840 section 5.1.
func TestRRsetIsInCanonicalOrderWithoutDuplicates(t *testing.T) {
	parse := func(typ zone.Type, text string) []byte {
		fields, _ := zone.Fields(text)
		data, err := zone.ParseData(typ, zone.Root, fields)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	set := zone.NewRRset(name(t, "x"), zone.TypeMX, 300, [][]byte{
		parse(zone.TypeMX, "20 b."), parse(zone.TypeMX, "10 z."), parse(zone.TypeMX, "10 Mail."), parse(zone.TypeMX, "10 mAIL."), parse(zone.TypeMX, "10 mail."),
	})
	var got []string
	for _, data := range set.Data {
		got = append(got, zone.DataString(zone.TypeMX, data))
	}
	// By octets, a shorter first label comes first, and upper case does not count.
	if diff := cmp.Diff([]string{"10 z.", "10 Mail.", "20 b."}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	txt := zone.NewRRset(name(t, "x"), zone.TypeTXT, 300, [][]byte{parse(zone.TypeTXT, "B"), parse(zone.TypeTXT, "b"), parse(zone.TypeTXT, "B")})
	if len(txt.Data) != 2 {
		t.Errorf("text that differs in case is one record: %q", txt.Data)
	}
	svcb := zone.NewRRset(name(t, "x"), zone.TypeSVCB, 300, [][]byte{parse(zone.TypeSVCB, "0 A."), parse(zone.TypeSVCB, "0 a.")})
	if len(svcb.Data) != 2 {
		t.Error("names in SVCB data, which no RFC lower-cases, are compared without case")
	}
}

func TestSOASerial(t *testing.T) {
	fields, _ := zone.Fields("ns. h. 2024010101 2 3 4 5")
	data, err := zone.ParseData(zone.TypeSOA, zone.Root, fields)
	if err != nil {
		t.Fatal(err)
	}
	if got := zone.SOASerial(data); got != 2024010101 {
		t.Errorf("serial is %d", got)
	}
	zero := zone.WithSOASerial(data, 0)
	if zone.SOASerial(zero) != 0 || zone.SOASerial(data) != 2024010101 || !bytes.Equal(zone.WithSOASerial(zero, 2024010101), data) {
		t.Error("WithSOASerial changes its argument, or something else than the serial")
	}
	if zone.SOASerial([]byte{1}) != 0 || !bytes.Equal(zone.WithSOASerial([]byte{1}, 7), []byte{1}) {
		t.Error("data too short for a serial is not left alone")
	}
}

func TestStoredRRsetReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ttl := rapid.Uint32Range(0, 1<<31-1).Draw(t, "ttl")
		data := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 40), 1, 10).Draw(t, "data")
		gotTTL, got, err := zone.DecodeRRset(zone.EncodeRRset(ttl, data))
		if err != nil || gotTTL != ttl || len(got) != len(data) {
			t.Fatalf("got %d, %x, %v", gotTTL, got, err)
		}
		for i := range data {
			if !bytes.Equal(got[i], data[i]) {
				t.Fatalf("record %d is %x, want %x", i, got[i], data[i])
			}
		}
	})
	for why, v := range map[string]string{
		"nothing": "", "a ttl alone": "0000012c", "a cut length": "0000012c00", "a cut record": "0000012c000401", "rest": "0000012c00010100",
		"a ttl above 2^31-1": "80000000000101",
	} {
		b, _ := hex.DecodeString(v)
		if _, _, err := zone.DecodeRRset(b); err == nil {
			t.Errorf("DecodeRRset takes %s", why)
		}
	}
}
