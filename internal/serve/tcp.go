package serve

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// errorPause keeps a host that is out of file descriptors or buffers from spinning.
const errorPause = 50 * time.Millisecond

// serveTCP accepts connections until the listener is closed. Each gets a goroutine; wg ends with the last of them.
func (s *Server) serveTCP(l *net.TCPListener, wg *sync.WaitGroup) {
	if !s.hold() {
		return
	}
	for {
		conn, err := l.AcceptTCP()
		if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			time.Sleep(errorPause)
			continue
		}
		client := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
		if !s.streams.admit(conn, client) {
			conn.Close()
			continue
		}
		wg.Go(func() {
			defer s.streams.leave(conn, client)
			s.serveStream(conn, client)
		})
	}
}

// serveStream answers the questions of a connection in their order (RFC 7766 section 6.2.1.1 lets a client send them
// without waiting) until the client leaves, is idle too long, does not read its answers, or sends what gets no answer.
func (s *Server) serveStream(conn net.Conn, client netip.Addr) {
	in := bufio.NewReaderSize(conn, 2048)
	counts := s.nextCounters()
	var packet []byte
	for {
		_ = conn.SetDeadline(time.Now().Add(s.opts.IdleTimeout))
		if s.isEnding() {
			_ = conn.SetReadDeadline(time.Now().Add(streamIdle))
		}
		var err error
		if packet, err = readFrame(in, packet); err != nil {
			return
		}
		counts.tcp.Add(1)
		if !s.answerStream(conn, packet, client, counts) {
			return
		}
	}
}

// answerStream answers one question. The responder, with its large buffer, is held only as long as that: an idle
// connection costs little.
func (s *Server) answerStream(conn net.Conn, packet []byte, client netip.Addr, counts *counters) bool {
	r, ok := s.responders.Get().(*responder)
	if !ok {
		r = newResponder(s.table, &s.settings, counts, maxTCP)
	}
	defer s.responders.Put(r)
	r.counts = counts
	if !r.read(packet, client) {
		return false
	}
	if r.isTransfer() {
		return r.transfer(patient{conn, s.opts.IdleTimeout}) == nil
	}
	return r.send(conn, r.reply(maxTCP)) == nil
}

// readFrame reads a message with its length before it (RFC 1035 section 4.2.2) into buf, which grows as needed.
func readFrame(in *bufio.Reader, buf []byte) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return buf, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n > cap(buf) {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	_, err := io.ReadFull(in, buf)
	return buf, err
}

// patient gives each write of a long transfer its own time.
type patient struct {
	conn net.Conn
	wait time.Duration
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.conn.SetWriteDeadline(time.Now().Add(p.wait))
	return p.conn.Write(b)
}
