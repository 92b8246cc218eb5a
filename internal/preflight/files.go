package preflight

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zonefleet/zonefleet/internal/config"
)

// data looks at the data folder and returns the process of the server that runs on it, 0 if none does.
func (f *findings) data(dir string) (running int) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.parent(dir)
		return 0
	case err != nil:
		f.fail("data", "%v", err)
		return 0
	case !info.IsDir():
		f.fail("data", "%s is not a folder", dir)
		return 0
	}
	if err := tryWrite(dir); err != nil {
		f.fail("data", "this user cannot write to %s: %v", dir, err)
		return 0
	}
	f.space(dir)
	return RunningOn(dir)
}

// parent checks that a folder that is missing can be made.
func (f *findings) parent(dir string) {
	at := filepath.Dir(dir)
	for {
		_, err := os.Stat(at)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			f.fail("data", "%v", err)
			return
		}
		at = filepath.Dir(at)
	}
	if err := unix.Access(at, unix.W_OK|unix.X_OK); err != nil {
		f.fail("data", "%s does not exist, and this user cannot make it in %s: %v", dir, at, err)
	}
}

func tryWrite(dir string) error {
	t, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		return err
	}
	defer os.Remove(t.Name())
	_, err = t.WriteString("check")
	return errors.Join(err, t.Sync(), t.Close())
}

// leastSpace is what the database wants for its own work beside the zones: log files and rewritten tables.
const leastSpace = 256 << 20

func (f *findings) space(dir string) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return
	}
	if free := uint64(s.Bavail) * uint64(s.Bsize); free < leastSpace {
		f.warn("data", "only %d MB are free for %s", free>>20, dir)
	}
}

// RunningOn is the process that holds the lock of a data folder, 0 if there is none.
func RunningOn(dir string) int {
	l, err := os.Open(filepath.Join(dir, "LOCK"))
	if err != nil {
		return 0
	}
	defer l.Close()
	if err := unix.Flock(int(l.Fd()), unix.LOCK_SH|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		return 0 // let go again with the file
	}
	text, err := os.ReadFile(filepath.Join(dir, "zonefleet.pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return 0
	}
	return pid
}

// soon is when an operator should have renewed a certificate.
const soon = 14 * 24 * time.Hour

func (f *findings) certificate(c config.Config, now time.Time) {
	if c.TLSCert == "" {
		return
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		f.fail("tls_cert", "%s with %s: %v", c.TLSCert, c.TLSKey, err)
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		f.fail("tls_cert", "%s: %v", c.TLSCert, err)
		return
	}
	switch {
	case now.After(leaf.NotAfter):
		f.fail("tls_cert", "%s has expired on %s", c.TLSCert, leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(leaf.NotBefore):
		f.fail("tls_cert", "%s is not valid before %s", c.TLSCert, leaf.NotBefore.UTC().Format(time.RFC3339))
	case now.Add(soon).After(leaf.NotAfter):
		f.warn("tls_cert", "%s expires on %s", c.TLSCert, leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	if err := leaf.VerifyHostname(c.Name); err != nil {
		f.warn("tls_cert", "%v", err)
	}
	if info, err := os.Stat(c.TLSKey); err == nil && info.Mode().Perm()&0o007 != 0 {
		f.warn("tls_key", "everybody on this host can read %s: chmod o= it", c.TLSKey)
	}
}

// newestFile is when a file directly in the data folder was last written.
func newestFile(dir string) (newest time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return newest
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest
}
