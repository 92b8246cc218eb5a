package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// knownServers is the file of pinned keys, one "HOST:PORT FINGERPRINT" a line. Without a path nothing is pinned.
type knownServers struct {
	path   string
	pinned func(server, fingerprint string)
}

func (k *knownServers) lookup(hostport string) (string, error) {
	b, err := os.ReadFile(k.path)
	if k.path == "" || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		// Going on as if nothing were pinned would take a stranger for a server seen for the first time.
		return "", fmt.Errorf("read known servers: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) == 2 && f[0] == hostport {
			return parseFingerprint(f[1])
		}
	}
	return "", lines.Err()
}

// pin adds or replaces a server's line. The file is replaced whole, so that two command lines at once lose at most one
// of two pins, never the file.
func (k *knownServers) pin(hostport, fingerprint string) error {
	old, err := k.lookup(hostport)
	if err != nil || k.path == "" || old == fingerprint {
		return err
	}
	b, err := os.ReadFile(k.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read known servers: %w", err)
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 0 && f[0] != hostport {
			fmt.Fprintln(&out, strings.TrimSpace(line))
		}
	}
	fmt.Fprintln(&out, hostport, fingerprint)
	if err := k.replace(out.Bytes()); err != nil {
		return fmt.Errorf("keep the key of %s: %w", hostport, err)
	}
	if k.pinned != nil {
		k.pinned(hostport, fingerprint)
	}
	return nil
}

func (k *knownServers) replace(b []byte) error {
	dir := filepath.Dir(k.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "known_servers.*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(b)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), k.path)
}
