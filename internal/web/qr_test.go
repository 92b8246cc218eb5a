package web

import (
	"strings"
	"testing"
)

// The picture is drawn on the server, of the address of an authenticator alone, which comes back in a form.
func TestOnlyAnAuthenticatorsAddressIsDrawn(t *testing.T) {
	uri := "otpauth://totp/web1.example.net:ann?issuer=ZoneFleet&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	q := qrOf(uri)
	// One of the sizes of the standard with the margin of four on each side, beginning with the corner that readers look for.
	if q.Size < 21+8 || (q.Size-8-17)%4 != 0 || !strings.HasPrefix(q.Path, "M4 4h1v1h-1zM5 4h1v1h-1z") {
		t.Errorf("size %d, %.60s", q.Size, q.Path)
	}
	for _, none := range []string{"", "https://example.com/", "otpauth://totp/" + strings.Repeat("x", maxQR)} {
		if q := qrOf(none); q.Path != "" {
			t.Errorf("%.30s is drawn", none)
		}
	}
}
