package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"strings"
	"time"
)

// writeDeb writes a Debian package (deb(5)): an ar archive of the format's version, the control files and the files.
func (r *release) writeDeb(arch string, _ []byte, files []file) error {
	files = append([]file{}, files...)
	files = append(files,
		file{path: docFolder + "changelog.gz", mode: 0o644, body: gzipped(r.debChangelog())},
		file{path: "/usr/share/lintian/overrides/zonefleet", mode: 0o644, body: []byte(lintianOverrides)},
	)
	control, err := r.debControl(arch, files)
	if err != nil {
		return err
	}
	var ar bytes.Buffer
	ar.WriteString("!<arch>\n")
	for _, member := range []file{
		{path: "debian-binary", body: []byte("2.0\n")},
		{path: "control.tar.gz", body: gzipped(control)},
		{path: "data.tar.gz", body: gzipped(r.debData(files))},
	} {
		fmt.Fprintf(&ar, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", member.path, r.when.Unix(), 0, 0, 0o100644, len(member.body))
		ar.Write(member.body)
		if len(member.body)%2 == 1 {
			ar.WriteByte('\n')
		}
	}
	return r.write(fmt.Sprintf("zonefleet_%s_%s.deb", r.packageVersion(), arch), 0o644, ar.Bytes())
}

func (r *release) debControl(arch string, files []file) ([]byte, error) {
	var sums, configs strings.Builder
	size := 0
	for _, f := range files {
		size += (len(f.body) + 1023) / 1024
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.body), strings.TrimPrefix(f.path, "/"))
		if f.config {
			configs.WriteString(f.path + "\n")
		}
	}
	t := newTarball(r.when)
	t.folder(".", 0o755)
	t.file("./conffiles", 0o644, []byte(configs.String()))
	t.file("./control", 0o644, fmt.Appendf(nil,
		"Package: zonefleet\nVersion: %s\nArchitecture: %s\nMaintainer: %s\nInstalled-Size: %d\nDepends: passwd\n"+
			"Section: net\nPriority: optional\nHomepage: %s\nDescription: %s\n%s\n",
		r.packageVersion(), arch, maintainer, size, homepage, summary, indented(description)))
	t.file("./md5sums", 0o644, []byte(sums.String()))
	for _, name := range []string{"postinst", "postrm", "preinst", "prerm"} {
		text, err := r.script(name)
		if err != nil {
			return nil, err
		}
		t.file("./"+name, 0o755, []byte(text))
	}
	return t.bytes(), nil
}

func (r *release) debData(files []file) []byte {
	t := newTarball(r.when)
	t.folder(".", 0o755)
	for _, dir := range folders(files) {
		t.folder("."+dir, 0o755)
	}
	for _, f := range files {
		t.file("."+f.path, f.mode, f.body)
	}
	return t.bytes()
}

func indented(s string) string { return " " + strings.ReplaceAll(s, "\n", "\n ") }

// debChangelog is in the form that Debian's tools read; what changed is in CHANGELOG.md beside it.
func (r *release) debChangelog() []byte {
	return fmt.Appendf(nil, "zonefleet (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n",
		r.packageVersion(), maintainer, r.when.Format(time.RFC1123Z))
}

// lintianOverrides says what is on purpose.
const lintianOverrides = `# One program without any library, the same on every distribution.
zonefleet: statically-linked-binary
# The service is started by postinst itself, which hands over without losing a query when it upgrades.
zonefleet: maintainer-script-calls-systemctl
`
