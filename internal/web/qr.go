package web

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// qrCode is a picture that a phone reads, as a path of squares for SVG: it is part of the page, so that the secret in it is
// fetched from nowhere and kept in no cache.
type qrCode struct {
	Path string // empty: there is none
	Size int    // squares, with the margin
}

// qrMargin is what readers need around it (ISO/IEC 18004 section 6.3.8).
const qrMargin = 4

// maxQR bounds the text, which comes back in a form: the longest name and server fit.
const maxQR = 600

// qrOf draws the address of an authenticator; anything else is not drawn.
func qrOf(uri string) qrCode {
	if !strings.HasPrefix(uri, "otpauth://totp/") || len(uri) > maxQR {
		return qrCode{}
	}
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		return qrCode{} // the text beside it says the same
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+qrMargin) + " " + strconv.Itoa(y+qrMargin) + "h1v1h-1z")
			}
		}
	}
	return qrCode{path.String(), code.Size + 2*qrMargin}
}

func (q qrCode) box() string { return "0 0 " + strconv.Itoa(q.Size) + " " + strconv.Itoa(q.Size) }
