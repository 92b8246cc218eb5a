package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// maxZoneFile is what the server takes of one zone; a larger file is not even read.
const maxZoneFile = 60 << 20

// findFiles turns arguments (files, folders, patterns) into zone files. A folder means its files that end in .db or
// .zone; a file that is named is taken whatever its name.
func findFiles(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		found, err := findIn(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func findIn(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && !info.IsDir():
		return []string{arg}, nil
	case err == nil:
		return inFolder(arg)
	case strings.ContainsAny(arg, "*?["): // a pattern that the shell left alone
		found, globErr := filepath.Glob(arg)
		if globErr != nil || len(found) == 0 {
			return nil, fmt.Errorf("%s: no such files", arg)
		}
		return found, nil
	}
	return nil, err
}

func inFolder(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if isZoneFile(e.Name()) && !e.IsDir() {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, withHint(fmt.Errorf("%s: no zone files", dir), "in a folder, files ending in .db or .zone are taken; name others one by one")
	}
	return out, nil
}

func isZoneFile(name string) bool {
	return strings.HasSuffix(name, ".db") || strings.HasSuffix(name, ".zone")
}

// zoneFile is a zone file ready to be sent.
type zoneFile struct {
	text  string
	mtime time.Time
}

// readZoneFile reads a file for the server. The server has no files beside it, so a file with $INCLUDE is read here
// and sent as what it amounts to.
func readZoneFile(path string) (zoneFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return zoneFile{}, err
	}
	if !info.Mode().IsRegular() {
		return zoneFile{}, fmt.Errorf("%s: not a file", path)
	}
	if info.Size() > maxZoneFile {
		return zoneFile{}, fmt.Errorf("%s: larger than %d MiB", path, maxZoneFile>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return zoneFile{}, err
	}
	text := string(b)
	if includes(text) {
		if text, err = flatten(path); err != nil {
			return zoneFile{}, err
		}
	}
	return zoneFile{text, info.ModTime().UTC()}, nil
}

func includes(text string) bool {
	return strings.Contains(strings.ToUpper(text), "$INCLUDE") && regexp.MustCompile(`(?im)^\$INCLUDE\s`).MatchString(text)
}

func flatten(path string) (string, error) {
	f, err := parseZoneFile(path)
	if err != nil {
		return "", err
	}
	for _, set := range f.RRsets {
		if set.Type != zone.TypeSOA {
			continue
		}
		for i, data := range set.Data {
			set.Data[i] = zone.WithSOASerial(data, f.Serial)
		}
	}
	var out bytes.Buffer
	if err := zone.Print(&out, &zone.View{Zone: f.Zone, Serial: f.Serial, RRsets: f.RRsets}, f.Stamp); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return out.String(), nil
}

func parseZoneFile(path string) (*zone.File, error) {
	f, err := zone.ParseFile(os.DirFS(filepath.Dir(path)), filepath.Base(path), "")
	var mistakes zone.ParseErrors
	if err != nil && !errors.As(err, &mistakes) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, err
}

// fileName is a zone's name as the name of a file: what could leave the folder or confuse a shell is written as %XX.
func fileName(zoneName string) string {
	var b strings.Builder
	for i := range len(zoneName) {
		c := zoneName[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' && i > 0
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String() + ".db"
}
