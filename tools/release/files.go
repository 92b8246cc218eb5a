package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// file is something that a package installs, owned by root.
type file struct {
	path   string
	mode   int64
	body   []byte
	config bool // an operator's changes are kept
}

// files lists what both kinds of packages install.
func (r *release) files(program []byte, generated []file) ([]file, error) {
	list := append([]file{{path: "/usr/bin/zonefleet", mode: 0o755, body: program}}, generated...)
	for _, f := range []struct {
		from, to string
		config   bool
	}{
		{from: "packaging/zonefleet.service", to: "/lib/systemd/system/zonefleet.service"},
		{from: "packaging/sysusers.conf", to: "/usr/lib/sysusers.d/zonefleet.conf"},
		{from: "packaging/tmpfiles.conf", to: "/usr/lib/tmpfiles.d/zonefleet.conf"},
		{from: "packaging/sysctl.conf", to: "/usr/lib/sysctl.d/50-zonefleet.conf"},
		{from: "packaging/zonefleet.toml", to: "/etc/zonefleet/zonefleet.toml", config: true},
	} {
		body, err := os.ReadFile(filepath.Join(r.root, f.from))
		if err != nil {
			return nil, err
		}
		// `zonefleet install` puts the program where a package must not.
		body = bytes.ReplaceAll(body, []byte("/usr/local/bin/zonefleet"), []byte("/usr/bin/zonefleet"))
		list = append(list, file{path: f.to, mode: 0o644, body: body, config: f.config})
	}
	docs, err := r.docs()
	if err != nil {
		return nil, err
	}
	list = append(list, docs...)
	slices.SortFunc(list, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return list, nil
}

const docFolder = "/usr/share/doc/zonefleet/"

func (r *release) docs() ([]file, error) {
	reference, err := os.ReadFile(filepath.Join(r.root, "docs/cli.md"))
	if err != nil {
		return nil, err
	}
	list := []file{
		{path: "/usr/share/man/man1/zonefleet.1.gz", mode: 0o644, body: gzipped(r.manual(string(reference)))},
		{path: docFolder + "copyright", mode: 0o644, body: []byte(copyright)},
	}
	pages, err := filepath.Glob(filepath.Join(r.root, "docs/*.md"))
	if err != nil {
		return nil, err
	}
	for _, page := range append(pages, filepath.Join(r.root, "CHANGELOG.md"), filepath.Join(r.root, "README.md")) {
		body, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		list = append(list, file{path: docFolder + filepath.Base(page), mode: 0o644, body: body})
	}
	return list, nil
}

// script is a maintainer script.
func (r *release) script(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(r.root, "packaging", name))
	return string(b), err
}

// folders are the parents of the files, outermost first.
func folders(files []file) []string {
	var list []string
	for _, f := range files {
		for dir := path.Dir(f.path); dir != "/"; dir = path.Dir(dir) {
			if !slices.Contains(list, dir) {
				list = append(list, dir)
			}
		}
	}
	slices.Sort(list)
	return list
}

const (
	summary     = "DNS cluster node: zones shared by any number of servers"
	description = "ZoneFleet lets any number of servers share DNS zones. Changes are made on\n" +
		"any of them, also while others are down, and reach all; nothing is lost or\n" +
		"overwritten in silence, and everything can be undone. It has its own\n" +
		"authoritative nameserver."
	homepage   = "https://github.com/zonefleet/zonefleet"
	licence    = "Apache-2.0"
	maintainer = "ZoneFleet <packages@zonefleet.example>"
)

// copyright is machine-readable, as Debian's copyright format 1.0.
const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ZoneFleet
Source: ` + homepage + `

Files: *
Copyright: 2026 The ZoneFleet authors
License: Apache-2.0
 Licensed under the Apache License, Version 2.0: you may not use these files
 except in compliance with the License. You may obtain a copy of it at
 https://www.apache.org/licenses/LICENSE-2.0; on Debian systems it is in
 /usr/share/common-licenses/Apache-2.0.
Comment: The program contains Go modules under licenses of their own. The list
 of them (SBOM) is part of each release.
`

func unknownArch(arch string) error { return fmt.Errorf("no package knows the architecture %s", arch) }
