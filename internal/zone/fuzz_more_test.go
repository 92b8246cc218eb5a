package zone_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// FuzzInclude reads a zone of two files, of which each may name any path: only files of the folder are read.
func FuzzInclude(f *testing.F) {
	const head = "$TTL 300\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\n"
	f.Add(head+"$INCLUDE sub/b.zone", "www A 192.0.2.1\n$INCLUDE ../a.zone")
	f.Add(head+"$INCLUDE sub/b.zone sub", "$ORIGIN .\n@ A 192.0.2.1")
	f.Add(head+"$INCLUDE ../secret", "")
	f.Add(head+"$INCLUDE /secret\n$INCLUDE sub/../../secret\n$INCLUDE link/secret", "")
	f.Add(head+"$INCLUDE sub/b.zone\n$GENERATE 1-3 h$ A 192.0.2.$", "$GENERATE 1-2/1 ${1,2,x} CNAME a$")
	f.Add(head+"$INCLUDE \"sub/b.zone\" \"", "( \n $INCLUDE sub/b.zone")
	origin := name(f, "example.com")
	f.Fuzz(func(t *testing.T, first, second string) {
		if strings.Count(strings.ToUpper(first+second), "$GENERATE") > 1 {
			return // 65,536 records for each input would slow the search down
		}
		const leak = "f4c1b0"
		folder := fstest.MapFS{
			"zones/a.zone":     {Data: []byte(first)},
			"zones/sub/b.zone": {Data: []byte(second)},
			"secret":           {Data: []byte("leaked 300 TXT " + leak + "\n")},
		}
		parsed, err := zone.ParseFile(folder, "zones/a.zone", origin)
		if err != nil {
			if strings.Contains(err.Error(), leak) {
				t.Fatalf("the error shows a file outside the folder: %v", err)
			}
			return
		}
		for _, set := range parsed.RRsets {
			for _, data := range set.Data {
				if bytes.Contains(data, []byte(leak)) && !strings.Contains(first+second, leak) {
					t.Fatalf("%q and %q read a file outside the folder", first, second)
				}
			}
		}
	})
}

// FuzzAgreement: what is printed reads at another implementation as the same octets.
func FuzzAgreement(f *testing.F) {
	files, _ := filepath.Glob("testdata/text/corpus/*.zone")
	for _, file := range files {
		f.Add(corpus(f, filepath.Base(file)))
	}
	origin := name(f, "example.com")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToUpper(text), "$GENERATE") {
			return
		}
		parsed, err := zone.ParseText(text, origin)
		if err != nil {
			return
		}
		for _, set := range parsed.RRsets {
			for _, data := range set.Data {
				line := set.Owner.String() + " 300 IN " + set.Type.String() + " " + zone.DataString(set.Type, data)
				rr, err := dns.NewRR(line)
				if err != nil || rr == nil {
					t.Fatalf("%s: miekg/dns reads it as %v, %v", line, rr, err)
				}
				wire := make([]byte, 70000)
				n, err := dns.PackRR(rr, wire, 0, nil, false)
				if err != nil || !bytes.EqualFold(wire[n-len(data):n], data) {
					t.Fatalf("%s: miekg/dns packs %x, %v; here it is %x", line, wire[:n], err, data)
				}
			}
		}
	})
}
