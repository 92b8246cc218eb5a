package test

import (
	"crypto/tls"
	"net"
	"testing"
	"time"
)

// A client that says its request octet by octet, or never ends its handshake, holds a connection for ten seconds and
// nothing else.
func TestSlowClientsAreCutOffAndHoldNobodyUp(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	s.has("example.com")
	var slow []net.Conn
	open := func(c net.Conn, err error) {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		slow = append(slow, c)
	}
	for range 100 {
		open(net.Dial("tcp", s.https)) // no handshake
		c, err := tls.Dial("tcp", s.https, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if err == nil {
			_, err = c.Write([]byte("POST /api/v1/zones HTTP/1.1\r\nHost: a\r\nX-Slow: "))
		}
		open(c, err)
	}
	began := time.Now()
	s.set("example.com", "192.0.2.7")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("an edit beside them took %s", took)
	}
	for i, c := range slow {
		if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		var octet [512]byte
		for {
			if _, err := c.Read(octet[:]); err != nil {
				if e, ok := err.(net.Error); ok && e.Timeout() {
					t.Fatalf("connection %d is open after %s", i, time.Since(began))
				}
				break
			}
		}
	}
	s.whole()
}
