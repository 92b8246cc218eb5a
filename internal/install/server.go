package install

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

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

// look is how often a server is looked at until it is as it should be.
const look = 300 * time.Millisecond

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

func (s server) get(ctx context.Context, into any, query url.Values, path ...string) error {
	return s.call(ctx, client.Request{Method: http.MethodGet, Path: client.Path(path...), Query: query}, into)
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

// awaitHealthy returns when the server answers for what it holds, as that version unless it is empty.
func (s server) awaitHealthy(ctx context.Context, version string) error {
	for deadline := time.Now().Add(unhealthyFor); ; {
		err := s.healthy(ctx, version)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("the server is not healthy: %w", err)
		}
		select {
		case <-time.After(look):
		case <-ctx.Done():
		}
	}
}

// unhealthyFor is how long a server may take to answer once it has said that it is ready.
const unhealthyFor = time.Minute

// sampled is how many of its zones a server is asked for by DNS.
const sampled = 10

func (s server) healthy(ctx context.Context, version string) error {
	var p api.Process
	if err := s.get(ctx, &p, nil, "process"); err != nil {
		if problem := (*api.Problem)(nil); version == "" && errors.As(err, &problem) && problem.Status == http.StatusNotFound {
			err = nil // a release before it could say
		} else {
			return err
		}
	}
	if version != "" && p.Version != version {
		return fmt.Errorf("it is zonefleet %s, not %s", p.Version, version)
	}
	if err := s.call(ctx, client.Request{Method: http.MethodGet, Path: "/readyz"}, nil); err != nil {
		return err
	}
	var zones api.ZoneList
	if err := s.get(ctx, &zones, url.Values{"limit": {fmt.Sprint(sampled)}}, "zones"); err != nil {
		return err
	}
	for _, z := range zones.Zones {
		var asked api.AskResult
		if err := s.get(ctx, &asked, url.Values{"name": {z.Name}, "type": {"SOA"}}, "ask"); err != nil {
			return err
		}
		for _, a := range asked.Answers {
			if a.Error != "" || a.Rcode != "NOERROR" {
				return fmt.Errorf("asked for %s by DNS it answers %s%s", z.Name, a.Rcode, a.Error)
			}
		}
	}
	return nil
}

// awaitFile makes sure that the program on disk is the one that runs, whatever is running now.
func (s server) awaitFile(ctx context.Context) error {
	if pid := mainPID(ctx); pid == "" || !same("/proc/"+pid+"/exe", s.host.path(packaging.Program)) || s.healthy(ctx, "") != nil {
		if err := start(ctx, "restart"); err != nil {
			return err
		}
	}
	return s.awaitHealthy(ctx, "")
}

// signInLink asks for a link for a browser.
func (s server) signInLink(ctx context.Context) (string, error) {
	var link api.SignInLink
	err := s.call(ctx, client.Request{Method: http.MethodPost, Path: client.Path("sign-in-link")}, &link)
	return link.URL, err
}
