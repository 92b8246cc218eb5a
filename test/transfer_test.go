package test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// transfer fetches a whole zone and returns its records, or what the server answered instead.
func (s *server) transfer(zone string) ([]dns.RR, error) {
	q := new(dns.Msg).SetAxfr(dns.Fqdn(zone))
	envelopes, err := new(dns.Transfer).In(q, s.dns)
	if err != nil {
		return nil, err
	}
	var rrs []dns.RR
	for e := range envelopes {
		if e.Error != nil {
			return nil, e.Error
		}
		rrs = append(rrs, e.RR...)
	}
	return rrs, nil
}

// put sends a document to the REST API, for which there is no command.
func (s *server) put(path string, doc any) {
	s.t.Helper()
	body, err := json.Marshal(doc)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := os.ReadFile(filepath.Join(s.dir, "root.token"))
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, "https://"+s.https+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		s.t.Fatalf("PUT %s: %s", path, res.Status)
	}
}

func TestZonesAreTransferredToAllowedAddressesOnly(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	if rrs, err := s.transfer("example.com"); err == nil {
		t.Errorf("a zone was transferred although nobody is allowed to: %v", rrs)
	}
	s.put("/settings", map[string]any{"nameservers": []string{}, "contact": "", "allow_transfer": []string{"127.0.0.0/8"}})
	rrs, err := s.transfer("example.com")
	if err != nil {
		t.Fatal(err)
	}
	first, last := rrs[0], rrs[len(rrs)-1]
	if _, ok := first.(*dns.SOA); !ok || first.String() != last.String() || len(rrs) != 5 {
		t.Errorf("the transfer is %v", fmt.Sprint(rrs))
	}
}

func TestTheFlagAllowsTransfersToo(t *testing.T) {
	s := startServer(t, "a.zonefleet.test", "--allow-transfer", "127.0.0.1")
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	if _, err := s.transfer("example.com"); err != nil {
		t.Error(err)
	}
}
