package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

type component struct {
	Type       string              `json:"type"`
	Ref        string              `json:"bom-ref"`
	Name       string              `json:"name"`
	Version    string              `json:"version"`
	PURL       string              `json:"purl"`
	Hashes     []map[string]string `json:"hashes,omitempty"`
	Properties []map[string]string `json:"properties,omitempty"`
}

// writeSBOM writes what the program is made of, as CycloneDX 1.5. It reads that from the program itself: so it lists
// what is linked into it, no more and no less.
func (r *release) writeSBOM(arch string, program []byte, _ []file) error {
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(program)
	self := component{
		Type: "application", Name: "zonefleet", Version: r.packageVersion(), PURL: purl(info.Main.Path, r.version),
		Hashes: []map[string]string{{"alg": "SHA-256", "content": fmt.Sprintf("%x", sum)}},
	}
	self.Ref = self.PURL
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	list := []component{{Type: "library", Ref: purl("std", goVersion), Name: "std", Version: goVersion, PURL: purl("std", goVersion)}}
	refs := []string{list[0].Ref}
	for _, d := range info.Deps {
		list = append(list, ofModule(d))
		refs = append(refs, list[len(list)-1].Ref)
	}
	b, err := json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		// Version 8 of RFC 9562: whatever the maker likes, here what the program is.
		"serialNumber": fmt.Sprintf("urn:uuid:%x-%x-8%x-8%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]),
		"metadata":     map[string]any{"timestamp": r.when.Format(time.RFC3339), "component": self},
		"components":   list,
		"dependencies": []map[string]any{{"ref": self.Ref, "dependsOn": refs}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return r.write(fmt.Sprintf("zonefleet_%s_linux_%s.cdx.json", r.packageVersion(), arch), 0o644, append(b, '\n'))
}

func ofModule(m *debug.Module) component {
	if m.Replace != nil {
		m = m.Replace
	}
	c := component{Type: "library", Name: m.Path, Version: m.Version, PURL: purl(m.Path, m.Version)}
	c.Ref = c.PURL
	if m.Sum != "" {
		c.Properties = []map[string]string{{"name": "go.sum", "value": m.Sum}}
	}
	return c
}

func purl(path, version string) string {
	return "pkg:golang/" + strings.ToLower(path) + "@" + url.PathEscape(version)
}
