package main

import (
	crand "crypto/rand"
	"math/rand/v2"
	"net"
	"time"
)

// babbleTime is how long a connection that gets nonsense may stay.
const babbleTime = 5 * time.Second

// babble answers a connection as something does that is no zonefleet: with noise, with another protocol, with a TLS record
// that never ends, or with nothing.
func babble(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(babbleTime))
	heard := make([]byte, 4096)
	if _, err := c.Read(heard); err != nil {
		return
	}
	switch rand.IntN(5) {
	case 0:
		_, _ = c.Write(noise(1 + rand.IntN(64<<10)))
	case 1:
		_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>It works!</h1>\n"))
	case 2:
		_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) // a TLS alert: handshake failure (RFC 8446 section 6)
	case 3:
		_, _ = c.Write(append([]byte{22, 3, 3, 0x40, 0}, noise(100)...))
		_, _ = c.Read(heard)
	case 4:
		_, _ = c.Read(heard)
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = crand.Read(b) // never fails
	return b
}
