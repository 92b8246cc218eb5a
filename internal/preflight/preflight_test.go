package preflight

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zonefleet/zonefleet/internal/config"
)

// good is a configuration that nothing is wrong with; port 0 is any free one.
func good(t *testing.T) config.Config {
	return config.Config{
		Name: "ns1.example.net", Data: t.TempDir(), Listen: "127.0.0.1:0", DNS: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
	}
}

func says(list []Finding) string {
	var lines []string
	for _, f := range list {
		severity := "warning"
		if f.Error {
			severity = "error"
		}
		lines = append(lines, severity+" "+f.Subject+": "+f.Message)
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, c config.Config, now time.Time, want ...string) {
	t.Helper()
	got := says(Check(c, nil, now))
	if len(want) == 0 && got != "" || strings.Count(got, "\n")+1 != len(want) && len(want) > 0 {
		t.Errorf("%d findings are expected:\n%s", len(want), got)
	}
	for _, w := range want {
		if !strings.Contains("\n"+got, "\n"+w) {
			t.Errorf("%q is not in:\n%s", w, got)
		}
	}
}

func TestNothingIsWrong(t *testing.T) {
	c := good(t)
	expect(t, c, time.Now())
	if left, _ := os.ReadDir(c.Data); len(left) != 0 {
		t.Errorf("the check left %v", left)
	}
	c.Data = filepath.Join(c.Data, "made", "by", "the start")
	expect(t, c, time.Now())
}

func TestPortsThatAnotherProgramHas(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := good(t)
	c.Listen = l.Addr().String()
	expect(t, c, time.Now(), "error listen: another program has "+c.Listen+" (tcp)")

	// The same port is no mistake when the server of this data folder has it. This process plays that server.
	lock, err := os.Create(filepath.Join(c.Data, "LOCK"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(os.Getpid())
	if err := os.WriteFile(filepath.Join(c.Data, "zonefleet.pid"), []byte(pid+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, c, time.Now(), "warning listen: "+c.Listen+" (tcp) is held by this server, which is running as process "+pid)

	// It has that port, and not another one that it would have to have next time.
	if err := os.WriteFile(filepath.Join(c.Data, "zonefleet.pid"), []byte(strconv.Itoa(os.Getppid())), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, c, time.Now(), "error listen: another program has ")
}

func TestAddressesOfOthers(t *testing.T) {
	c := good(t)
	c.DNS = []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:5353"), netip.MustParseAddrPort("127.0.0.1:0")}
	c.Listen = "[2001:db8::1]:2087"
	got := says(Check(c, nil, time.Now()))
	for _, want := range []string{"error dns: 192.0.2.1:5353 is not an address of this host", "error listen: "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

func TestCertificates(t *testing.T) {
	now := time.Now()
	for name, tc := range map[string]struct {
		from, until time.Duration
		host        string
		want        []string
	}{
		"good":            {-time.Hour, 1000 * time.Hour, "ns1.example.net", nil},
		"expired":         {-3 * time.Hour, -time.Hour, "ns1.example.net", []string{"error tls_cert: "}},
		"not yet valid":   {time.Hour, 1000 * time.Hour, "ns1.example.net", []string{"error tls_cert: "}},
		"soon over":       {-time.Hour, time.Hour, "ns1.example.net", []string{"warning tls_cert: "}},
		"of another name": {-time.Hour, 1000 * time.Hour, "www.example.net", []string{"warning tls_cert: x509: certificate is valid for www.example.net"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := good(t)
			c.TLSCert, c.TLSKey = certificate(t, tc.host, now.Add(tc.from), now.Add(tc.until))
			expect(t, c, now, tc.want...)
		})
	}
	c := good(t)
	c.TLSCert, _ = certificate(t, "ns1.example.net", now, now.Add(1000*time.Hour))
	_, c.TLSKey = certificate(t, "ns1.example.net", now, now.Add(1000*time.Hour))
	expect(t, c, now, "error tls_cert: "+c.TLSCert+" with "+c.TLSKey+": tls: private key does not match")
	c.TLSCert, c.TLSKey = certificate(t, "ns1.example.net", now.Add(-time.Hour), now.Add(1000*time.Hour))
	if err := os.Chmod(c.TLSKey, 0o644); err != nil {
		t.Fatal(err)
	}
	expect(t, c, now, "warning tls_key: everybody")
}

func certificate(t *testing.T, host string, from, until time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until, DNSNames: []string{host}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	for path, b := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestDataFolders(t *testing.T) {
	c := good(t)
	file := filepath.Join(c.Data, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Data = file
	expect(t, c, time.Now(), "error data: "+file+" is not a folder")
	c.Data = file + "/below"
	expect(t, c, time.Now(), "error data: ")
}

func TestClocks(t *testing.T) {
	c := good(t)
	expect(t, c, time.Date(1970, 1, 1, 0, 1, 0, 0, time.UTC), "error clock: it is 1970-01-01 here")
	file := filepath.Join(c.Data, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ahead := time.Now().Add(24 * time.Hour)
	if err := os.Chtimes(file, ahead, ahead); err != nil {
		t.Fatal(err)
	}
	expect(t, c, time.Now(), "warning clock: files in "+c.Data+" are from ")
}

func TestVariablesThatNothingReads(t *testing.T) {
	got := says(Check(good(t), []string{"ZONEFLEET_LISTEN=:1", "ZONEFLEET_TOKEN=x", "ZONEFLEET_LISTNE=:1", "HOME=/"}, time.Now()))
	if got != "warning environment ZONEFLEET_LISTNE: nothing reads this variable" {
		t.Error(got)
	}
}
