package identity

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookAgain is how long a look at the operator's files holds.
const lookAgain = time.Second

// pair is the operator's certificate and key, read again when a file changes. While the new pair does not fit together
// (one file written, the other not yet) the old one is shown.
type pair struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu     sync.Mutex
	cert   *tls.Certificate
	seen   [2]stamp
	looked time.Time
}

// stamp tells whether a file is still the one that was read.
type stamp struct {
	modified time.Time
	size     int64
}

func openPair(o Options) (*pair, error) {
	if o.CertFile == "" || o.KeyFile == "" {
		return nil, fmt.Errorf("a certificate needs its key; hint: give both --tls-cert and --tls-key")
	}
	p := &pair{certFile: o.CertFile, keyFile: o.KeyFile, log: o.Logger, now: o.Now}
	p.seen, p.looked = p.stamps(), p.now()
	return p, p.load()
}

func (p *pair) load() error {
	c, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		return fmt.Errorf("read certificate %s: %w", p.certFile, err)
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return fmt.Errorf("read certificate %s: %w", p.certFile, err)
		}
	}
	p.cert = &c
	return nil
}

func (p *pair) stamps() (s [2]stamp) {
	for i, path := range []string{p.certFile, p.keyFile} {
		if info, err := os.Stat(path); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

// current returns the certificate to show.
func (p *pair) current() *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.looked) < lookAgain {
		return p.cert
	}
	p.looked = now
	if s := p.stamps(); s != p.seen {
		p.seen = s
		if err := p.load(); err != nil {
			p.log.Warn("certificate not read again, the old one is shown", "err", err)
		} else {
			p.log.Info("certificate read again", "file", p.certFile, "until", p.cert.Leaf.NotAfter)
		}
	}
	return p.cert
}
