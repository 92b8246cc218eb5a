package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestVersionsSortAsTheyWereMade(t *testing.T) {
	for text, want := range map[string]string{
		"v0.2.0": "0.2.0", "v0.2.0-rc1": "0.2.0~rc1", "v0.2.0-12-gabcdef0": "0.2.0+12.gabcdef0", "v0.2.0-rc1-3-gabcdef0": "0.2.0~rc1+3.gabcdef0",
		"v0.2.0-12-gabcdef0-dirty": "0.2.0+12.gabcdef0+dirty", "abcdef0": "0.0.0+abcdef0", "dev": "0.0.0+dev", "1234567": "0.0.0+1234567",
	} {
		r := release{version: text}
		if got := r.packageVersion(); got != want {
			t.Errorf("%s → %s, want %s", text, got, want)
		}
	}
}

// Whoever loads the image follows digests from index.json down to the layers; each must be there and be right.
func TestTheImageIsWhole(t *testing.T) {
	r := &release{out: t.TempDir(), version: "v1.2.3", when: time.Unix(1700000000, 0).UTC()}
	if err := r.writeOCI([]image{{"amd64", []byte("a program")}, {"arm64", []byte("another")}}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(r.out, "zonefleet_1.2.3_oci.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	files := untar(t, f)
	if string(files["oci-layout"]) != `{"imageLayoutVersion":"1.0.0"}` {
		t.Errorf("oci-layout: %s", files["oci-layout"])
	}
	type list struct {
		Config    descriptor
		Layers    []descriptor
		Manifests []descriptor
	}
	follow := func(d descriptor) []byte {
		b := files["blobs/sha256/"+strings.TrimPrefix(d.Digest, "sha256:")]
		if len(b) != d.Size || fmt.Sprintf("sha256:%x", sha256.Sum256(b)) != d.Digest {
			t.Errorf("%+v is not what is there", d)
		}
		return b
	}
	read := func(b []byte) (l list) {
		if err := json.Unmarshal(b, &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	top := read(files["index.json"])
	index := read(follow(top.Manifests[0]))
	if len(index.Manifests) != 2 || index.Manifests[1].Platform["architecture"] != "arm64" {
		t.Fatalf("%+v", index)
	}
	for i, m := range index.Manifests {
		manifest := read(follow(m))
		var config struct {
			Config struct{ User string }
			Rootfs struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		if err := json.Unmarshal(follow(manifest.Config), &config); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(follow(manifest.Layers[0])))
		if err != nil {
			t.Fatal(err)
		}
		layer, err := io.ReadAll(z)
		if err != nil || config.Rootfs.DiffIDs[0] != fmt.Sprintf("sha256:%x", sha256.Sum256(layer)) {
			t.Errorf("diff id %v, %v", config.Rootfs.DiffIDs, err)
		}
		if config.Config.User == "" || strings.HasPrefix(config.Config.User, "0") {
			t.Errorf("the image runs as %q", config.Config.User)
		}
		if got := string(untar(t, bytes.NewReader(layer))["usr/bin/zonefleet"]); got != []string{"a program", "another"}[i] {
			t.Errorf("image %d has the program %q", i, got)
		}
	}
}

func untar(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = b
	}
}

// The manual page has every command of the reference and nothing that roff would take for a request of its own.
func TestTheManualPageHasEveryCommand(t *testing.T) {
	reference, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	r := &release{version: "v1.2.3", when: time.Unix(1700000000, 0).UTC()}
	page := string(r.manual(string(reference)))
	commands := 0
	for _, line := range strings.Split(string(reference), "\n") {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			commands++
			if !strings.Contains(page, ".SS "+strings.ReplaceAll(name, "-", `\-`)+"\n") {
				t.Errorf("no section %s", name)
			}
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands in the reference", commands)
	}
	for _, line := range strings.Split(page, "\n") {
		word, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(word, ".") && !strings.Contains(" .TH .SH .SS .PP .RS .RE .nf .fi .TP .IP .B .I ", " "+word+" ") {
			t.Errorf("%q is a request", line)
		}
		if strings.Contains(line, "](") || strings.Contains(line, "`") {
			t.Errorf("Markdown is left: %q", line)
		}
	}
}
