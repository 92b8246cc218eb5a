package serve

import (
	"errors"
	"net"
	"os"
	"time"
)

// maxQuestion is the size of a UDP packet that is read whole: many times what a question needs.
const maxQuestion = 4096

// serveUDP answers on one socket until it is closed. Several goroutines may do so at once.
func (s *Server) serveUDP(conn *net.UDPConn) {
	r := newResponder(s.table, &s.settings, s.nextCounters(), maxUDP)
	packet := make([]byte, maxQuestion)
	if !s.hold() {
		return
	}
	for {
		n, client, err := conn.ReadFromUDPAddrPort(packet)
		if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			time.Sleep(errorPause)
			continue
		}
		if client.Port() == 0 {
			continue // nobody to answer to
		}
		r.counts.udp.Add(1)
		if r.read(packet[:n], client.Addr().Unmap()) {
			// An answer that cannot be sent is lost like any other packet; the client asks again.
			_, _ = conn.WriteToUDPAddrPort(r.reply(r.query.edns.udpLimit()), client)
		}
	}
}
