package main

import (
	"bytes"
	"fmt"

	"github.com/google/rpmpack"
)

// writeRPM writes a package for distributions that have RPM. Its scripts are those of the Debian package, called with the
// words that dpkg would say.
func (r *release) writeRPM(arch string, _ []byte, files []file) error {
	rpmArch, ok := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[arch]
	if !ok {
		return unknownArch(arch)
	}
	p, err := rpmpack.NewRPM(rpmpack.RPMMetaData{
		Name: "zonefleet", Summary: summary, Description: description, Version: r.packageVersion(), Release: "1", Arch: rpmArch, OS: "linux",
		URL: homepage, Packager: maintainer, Vendor: "ZoneFleet", Licence: licence, BuildHost: "localhost", BuildTime: r.when,
		Compressor: "gzip:9", Requires: rpmpack.Relations{{Name: "/usr/sbin/useradd"}, {Name: "/bin/sh"}},
	})
	if err != nil {
		return err
	}
	for _, f := range files {
		kind := rpmpack.GenericFile
		if f.config {
			kind = rpmpack.ConfigFile | rpmpack.NoReplaceFile
		}
		p.AddFile(rpmpack.RPMFile{
			Name: rpmPath(f.path), Body: f.body, Mode: uint(f.mode), Owner: "root", Group: "root", MTime: uint32(r.when.Unix()), Type: kind,
		})
	}
	if err := r.rpmScripts(p); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return err
	}
	return r.write(fmt.Sprintf("zonefleet-%s-1.%s.rpm", r.packageVersion(), rpmArch), 0o644, out.Bytes())
}

// rpmPath is where such distributions have it: /lib is a link there, which a package must not own.
func rpmPath(path string) string {
	switch path {
	case "/lib/systemd/system/zonefleet.service":
		return "/usr/lib/systemd/system/zonefleet.service"
	case "/usr/share/zsh/vendor-completions/_zonefleet":
		return "/usr/share/zsh/site-functions/_zonefleet"
	}
	return path
}

// rpmScripts: RPM says how many copies of the package there are after its work, in $1.
func (r *release) rpmScripts(p *rpmpack.RPM) error {
	for _, s := range []struct {
		name, words string
		add         func(string)
	}{
		{"preinst", `if [ "$1" -gt 1 ]; then set -- upgrade; else set -- install; fi`, p.AddPrein},
		{"postinst", `if [ "$1" -gt 1 ]; then set -- configure previous; else set -- configure; fi`, p.AddPostin},
		{"prerm", `if [ "$1" -gt 0 ]; then set -- upgrade; else set -- remove; fi`, p.AddPreun},
		{"postrm", `if [ "$1" -gt 0 ]; then set -- upgrade; else set -- remove; fi`, p.AddPostun},
	} {
		text, err := r.script(s.name)
		if err != nil {
			return err
		}
		s.add(s.words + "\n" + text)
	}
	return nil
}
