package install

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/packaging"
)

// server is the service as it runs.
type server struct {
	host   *Host
	config config.Config
}

// open connects. The token is the server's own, so it is read anew each time: a first start makes it.
func (s server) open() (*client.Client, error) {
	token := s.host.Token
	if token == "" {
		b, err := os.ReadFile(filepath.Join(s.config.Data, "root.token"))
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(b))
	}
	return client.New(client.Options{Server: s.address(), Token: token, Fingerprint: s.fingerprint(), UserAgent: "zonefleet-install/" + s.host.Version})
}

// address is where the server can be reached from its own host.
func (s server) address() string {
	host, port, err := net.SplitHostPort(s.config.Listen)
	if a, e := netip.ParseAddr(host); err == nil && e == nil && !a.IsUnspecified() {
		return net.JoinHostPort(host, port)
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// fingerprint is the key that the server shows: its own, or that of a certificate that was given to it.
func (s server) fingerprint() string {
	file := s.config.TLSCert
	if file == "" {
		file = filepath.Join(s.config.Data, "node.crt")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return ""
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	return identity.FingerprintOf(leaf)
}

func (s server) call(ctx context.Context, r client.Request, into any) error {
	c, err := s.open()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, r, into)
}

// handOver makes the running process hand over to the program on disk. One of a release that cannot is restarted.
func (s server) handOver(ctx context.Context) error {
	c, err := s.open()
	if err != nil {
		return start(ctx, "restart")
	}
	defer c.Close()
	now, err := client.Restart(ctx, c, nil)
	var p *api.Problem
	if errors.As(err, &p) && p.Status == http.StatusNotFound {
		s.host.say("the running version cannot hand over: it is restarted")
		return start(ctx, "restart")
	}
	if err != nil {
		return err
	}
	s.host.say("process %d (zonefleet %s) has taken over", now.PID, now.Version)
	return nil
}

// awaitFile makes sure that the program on disk is the one that runs, whatever is running now.
func (s server) awaitFile(ctx context.Context, answered []string) error {
	if pid := mainPID(ctx); pid == "" || !same("/proc/"+pid+"/exe", s.host.path(packaging.Program)) || healthy(ctx, s.call, "", answered) != nil {
		if err := start(ctx, "restart"); err != nil {
			return err
		}
	}
	return AwaitHealthy(ctx, s.call, "", answered)
}

// signInLink asks for a link for a browser.
func (s server) signInLink(ctx context.Context) (string, error) {
	var link api.SignInLink
	err := s.call(ctx, client.Request{Method: http.MethodPost, Path: client.Path("sign-in-link")}, &link)
	return link.URL, err
}
