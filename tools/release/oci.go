package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// image is the program of one architecture.
type image struct {
	arch    string
	program []byte
}

// The OCI Image Format Specification 1.1.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// imageUser owns the data folder in the image: no user of any host.
const imageUser = 65532

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// writeOCI writes an image of all architectures as a tar of the image layout, which podman, skopeo and docker load.
func (r *release) writeOCI(images []image) error {
	t := newTarball(r.when)
	t.file("oci-layout", 0o644, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	t.folder("blobs", 0o755)
	t.folder("blobs/sha256", 0o755)
	blob := func(mediaType string, b []byte) descriptor {
		digest := fmt.Sprintf("%x", sha256.Sum256(b))
		t.file("blobs/sha256/"+digest, 0o644, b)
		return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(b)}
	}
	var manifests []descriptor
	for _, i := range images {
		layer := r.layer(i.program)
		config := blob(typeConfig, r.imageConfig(i.arch, layer))
		manifest := blob(typeManifest, document(map[string]any{
			"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": []descriptor{blob(typeLayer, gzipped(layer))},
			"annotations": r.labels(),
		}))
		manifest.Platform = map[string]string{"os": "linux", "architecture": i.arch}
		manifests = append(manifests, manifest)
	}
	all := blob(typeIndex, document(map[string]any{"schemaVersion": 2, "mediaType": typeIndex, "manifests": manifests, "annotations": r.labels()}))
	all.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.packageVersion()}
	t.file("index.json", 0o644, document(map[string]any{"schemaVersion": 2, "mediaType": typeIndex, "manifests": []descriptor{all}}))
	return r.write(fmt.Sprintf("zonefleet_%s_oci.tar", r.packageVersion()), 0o644, t.bytes())
}

// layer is the whole file system: the program, its user and its data folder.
func (r *release) layer(program []byte) []byte {
	t := newTarball(r.when)
	for _, dir := range []string{"etc", "usr", "usr/bin", "var", "var/lib"} {
		t.folder(dir, 0o755)
	}
	t.file("etc/passwd", 0o644, fmt.Appendf(nil, "zonefleet:x:%d:%d:ZoneFleet:/var/lib/zonefleet:/sbin/nologin\n", imageUser, imageUser))
	t.file("etc/group", 0o644, fmt.Appendf(nil, "zonefleet:x:%d:\n", imageUser))
	t.add(tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, nil)
	t.file("usr/bin/zonefleet", 0o755, program)
	t.add(tar.Header{Typeflag: tar.TypeDir, Name: "var/lib/zonefleet/", Mode: 0o700, Uid: imageUser, Gid: imageUser}, nil)
	return t.bytes()
}

func (r *release) imageConfig(arch string, layer []byte) []byte {
	none := map[string]any{}
	return document(map[string]any{
		"created": r.when.Format(time.RFC3339), "architecture": arch, "os": "linux",
		"config": map[string]any{
			"User": fmt.Sprintf("%d:%d", imageUser, imageUser), "Entrypoint": []string{"/usr/bin/zonefleet"}, "Cmd": []string{"serve"},
			"Env": []string{"PATH=/usr/bin", "HOME=/var/lib/zonefleet"}, "WorkingDir": "/var/lib/zonefleet", "StopSignal": "SIGTERM",
			"ExposedPorts": map[string]any{"53/udp": none, "53/tcp": none, "2087/tcp": none},
			"Volumes":      map[string]any{"/var/lib/zonefleet": none}, "Labels": r.labels(),
		},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}},
		"history": []map[string]any{{"created": r.when.Format(time.RFC3339), "created_by": "make release"}},
	})
}

func (r *release) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title": "zonefleet", "org.opencontainers.image.description": summary,
		"org.opencontainers.image.version": r.packageVersion(), "org.opencontainers.image.source": homepage,
		"org.opencontainers.image.licenses": licence, "org.opencontainers.image.created": r.when.Format(time.RFC3339),
	}
}

// document is JSON with its keys in order.
func document(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
