// Command release builds everything that a release of ZoneFleet consists of, from a checkout into a folder: static
// programs, deb and rpm packages, an OCI image, a list of what is inside (SBOM) and checksums. The same checkout gives the
// same bytes, in whatever folder and on whatever day it is built; the time in every file is that of the commit.
//
//	build.go    the programs            man.go   the manual page, from docs/cli.md
//	files.go    what a package installs deb.go   rpm.go   oci.go   the packages
//	archive.go  tar and gzip without anything that changes
//	sbom.go     CycloneDX, from what the programs say of themselves
//
// It is run by `make release` in the repository's root.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// release is one release in the making.
type release struct {
	root    string // of the checkout
	out     string
	version string // as the program says it: v0.2.0
	arches  []string
	when    time.Time
}

func main() {
	r := release{}
	var arches string
	var epoch int64
	flag.StringVar(&r.root, "root", ".", "the checkout")
	flag.StringVar(&r.out, "out", "dist", "folder for what is built")
	flag.StringVar(&r.version, "version", "", "version, as v0.2.0")
	flag.StringVar(&arches, "arch", "amd64,arm64", "architectures, as Go names them")
	flag.Int64Var(&epoch, "epoch", 0, "time of everything, in unix time (SOURCE_DATE_EPOCH)")
	flag.Parse()
	r.arches, r.when = strings.Split(arches, ","), time.Unix(epoch, 0).UTC()
	if err := r.make(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r *release) make() error {
	if r.version == "" || r.when.Unix() <= 0 {
		return fmt.Errorf("give -version and -epoch")
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	generated, err := r.generated()
	if err != nil {
		return err
	}
	var images []image
	for _, arch := range r.arches {
		program, err := r.build(arch)
		if err != nil {
			return err
		}
		files, err := r.files(program, generated)
		if err != nil {
			return err
		}
		for _, pack := range []func(string, []byte, []file) error{r.writeProgram, r.writeSBOM, r.writeDeb, r.writeRPM} {
			if err := pack(arch, program, files); err != nil {
				return fmt.Errorf("%s: %w", arch, err)
			}
		}
		images = append(images, image{arch, program})
	}
	if err := r.writeOCI(images); err != nil {
		return fmt.Errorf("OCI image: %w", err)
	}
	return r.writeSums()
}

// packageVersion is the version as package managers sort it: 0.2.0, 0.2.0~rc1 before it, 0.2.0+12.gabcdef0 after it.
func (r *release) packageVersion() string {
	v := strings.TrimPrefix(r.version, "v")
	dirty := strings.HasSuffix(v, "-dirty")
	v = strings.TrimSuffix(v, "-dirty")
	parts := strings.Split(v, "-")
	if n := len(parts); n >= 3 && strings.HasPrefix(parts[n-1], "g") { // as git describe says it
		v = strings.Join(parts[:n-2], "~") + "+" + parts[n-2] + "." + parts[n-1]
	} else {
		v = strings.Join(parts, "~")
	}
	if v == "" || v[0] < '0' || v[0] > '9' || !strings.Contains(v, ".") {
		v = "0.0.0+" + v // a bare commit
	}
	if dirty {
		v += "+dirty"
	}
	return v
}

// write keeps a file of the release.
func (r *release) write(name string, mode os.FileMode, body []byte) error {
	path := filepath.Join(r.out, name)
	if err := os.WriteFile(path, body, mode); err != nil {
		return err
	}
	fmt.Printf("%9d  %s\n", len(body), path)
	return os.Chtimes(path, r.when, r.when)
}

func (r *release) writeProgram(arch string, program []byte, _ []file) error {
	return r.write(fmt.Sprintf("zonefleet_%s_linux_%s", r.packageVersion(), arch), 0o755, program)
}

// writeSums lists the checksums as sha256sum -c reads them.
func (r *release) writeSums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var lines []string
	for _, e := range entries {
		if e.Name() == "SHA256SUMS" || e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(b), e.Name()))
	}
	slices.Sort(lines)
	return r.write("SHA256SUMS", 0o644, []byte(strings.Join(lines, "")))
}
