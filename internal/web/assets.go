package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
)

//go:embed assets/*.js assets/*.css assets/*.svg
var embedded embed.FS

// assetTypes are the kinds of files that pages load.
func assetTypes() map[string]string {
	return map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
}

// assets are the files that pages load. The name of each carries the hash of its content, so browsers keep it for good.
type assets struct {
	urls  map[string]string // by name: "/assets/app-0123456789ab.css"
	files map[string]file   // by the last element of the URL
}

type file struct {
	kind            string
	plain, squeezed []byte
}

func loadAssets() *assets {
	a := &assets{urls: map[string]string{}, files: map[string]file{}}
	entries, err := embedded.ReadDir("assets")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, e := range entries {
		b, err := embedded.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(b)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		a.urls[e.Name()] = "/assets/" + hashed
		a.files[hashed] = file{assetTypes()[ext], b, squeeze(b, gzip.BestCompression)}
	}
	return a
}

func squeeze(b []byte, level int) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, level) // the level is one that there is
	z.Write(b)                               // a buffer takes everything
	z.Close()
	return out.Bytes()
}

func asset(v *Visit) error {
	f, ok := v.server.assets().files[v.PathValue("file")]
	if !ok {
		return &control.Error{Code: control.CodeNotFound, Message: "there is no such file"}
	}
	h := v.w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := f.plain
	h.Add("Vary", "Accept-Encoding")
	if takesGzip(v.Request) {
		h.Set("Content-Encoding", "gzip")
		body = f.squeezed
	}
	v.w.Write(body) // the browser is gone when this fails
	return nil
}

// smallest is from where compressing a page pays.
const smallest = 1024

func writeCompressed(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if takesGzip(r) && len(body) >= smallest {
		w.Header().Set("Content-Encoding", "gzip")
		body = squeeze(body, gzip.BestSpeed)
	}
	w.WriteHeader(status)
	w.Write(body) // the browser is gone when this fails
}

func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}
