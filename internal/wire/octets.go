package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// octets reads small pieces from a payload. After the first piece that is wrong, err is set and all further ones are
// zero, so that a decoder reads as the list of its fields.
type octets struct {
	rest []byte
	err  error
}

func (o *octets) fail(what string) {
	if o.err == nil {
		o.err = fmt.Errorf("%w: %s", ErrProtocol, what)
	}
	o.rest = nil
}

func (o *octets) take(n int, what string) []byte {
	if o.err != nil || n < 0 || n > len(o.rest) {
		o.fail(what + " is cut off")
		return nil
	}
	b := o.rest[:n]
	o.rest = o.rest[n:]
	return b
}

func (o *octets) u8(what string) uint8 {
	b := o.take(1, what)
	if b == nil {
		return 0
	}
	return b[0]
}

func (o *octets) u64(what string) uint64 {
	b := o.take(8, what)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func (o *octets) uvarint(what string) uint64 {
	v, n := binary.Uvarint(o.rest)
	if o.err != nil || n <= 0 {
		o.fail(what + " is no number")
		return 0
	}
	o.rest = o.rest[n:]
	return v
}

// count reads how many pieces follow, each of at least size octets: memory is never taken for more than has come.
func (o *octets) count(size int, what string) int {
	n := o.uvarint(what)
	if n > uint64(len(o.rest)/size) {
		o.fail(what + " is more than follows")
		return 0
	}
	return int(n)
}

func (o *octets) text(most int, what string) string {
	n := o.uvarint(what)
	if n > uint64(most) {
		o.fail(what + " is too long")
		return ""
	}
	return string(o.take(int(n), what))
}

// name reads a domain name; it is its own length (RFC 1035 section 3.1).
func (o *octets) name() zone.Name {
	if o.err != nil {
		return ""
	}
	n, used, err := zone.NameFromWire(o.rest)
	if err != nil {
		o.fail("zone name: " + err.Error())
		return ""
	}
	o.rest = o.rest[used:]
	return n
}

// end returns the error of all that was read; octets left over are one.
func (o *octets) end(what string) error {
	if o.err == nil && len(o.rest) > 0 {
		o.fail(fmt.Sprintf("%d octets after the end of %s", len(o.rest), what))
	}
	return o.err
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// clip shortens a text to what the receiver takes.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most]
}
