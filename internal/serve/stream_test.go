package serve

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func dialStream(t *testing.T, s *Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	return conn
}

func frame(t *testing.T, m *dns.Msg) []byte {
	t.Helper()
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

func TestManyQuestionsOnOneConnectionWithoutWaiting(t *testing.T) {
	s := runServer(t, zones("\nzone example.\nwww 60 A 192.0.2.1\n").table(t), Options{})
	conn := dialStream(t, s)
	var all []byte
	for i := range 100 {
		q := question("www.example.", dns.TypeA)
		q.Id = uint16(i)
		all = append(all, frame(t, q)...)
	}
	// In pieces that do not end where messages end.
	for len(all) > 0 {
		n := min(len(all), 333)
		if _, err := conn.Write(all[:n]); err != nil {
			t.Fatal(err)
		}
		all = all[n:]
	}
	c := dns.Conn{Conn: conn}
	for i := range 100 {
		m, err := c.ReadMsg()
		if err != nil || int(m.Id) != i || len(m.Answer) != 1 {
			t.Fatalf("answer %d: %v, %v", i, m, err)
		}
	}
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	s := runServer(t, NewTable(), Options{IdleTimeout: 100 * time.Millisecond})
	silent, slow := dialStream(t, s), dialStream(t, s)
	if _, err := slow.Write([]byte{0, 20, 1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	for _, conn := range []net.Conn{silent, slow} {
		if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
	}
}

func TestAStreamThatIsNotDNSIsClosed(t *testing.T) {
	s := runServer(t, NewTable(), Options{})
	conn := dialStream(t, s)
	if _, err := conn.Write([]byte("\x00\x05GET /")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	for name, o := range map[string]Options{"total": {MaxConnections: 3}, "per client": {MaxPerClient: 3}} {
		t.Run(name, func(t *testing.T) {
			s := runServer(t, zones("\nzone example.\n").table(t), o)
			works := func(conn net.Conn) bool {
				c := dns.Conn{Conn: conn}
				if err := c.WriteMsg(question("example.", dns.TypeSOA)); err != nil {
					return false
				}
				_, err := c.ReadMsg()
				return err == nil
			}
			var open []net.Conn
			for i := range 3 {
				open = append(open, dialStream(t, s))
				if !works(open[i]) {
					t.Fatalf("connection %d does not work", i)
				}
			}
			if works(dialStream(t, s)) {
				t.Error("one more than the bound works")
			}
			if st := s.Stats(); st.Connections != 3 || st.ConnectionsCut != 1 {
				t.Errorf("stats %+v", st)
			}
			if !works(open[0]) {
				t.Error("an open connection suffered")
			}
			open[0].Close()
			for deadline := time.Now().Add(3 * time.Second); !works(dialStream(t, s)); {
				if time.Now().After(deadline) {
					t.Fatal("no connection after one has left")
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
}

// The first connection of all may be one that comes when the end has begun.
func TestAConnectionThatComesAtTheEndIsAnswered(t *testing.T) {
	table := zones("\nzone example.\nwww 60 A 192.0.2.1\n").table(t)
	for range 50 {
		if lastConnection(t, table) {
			return
		}
	}
	t.Fatal("no connection was accepted after the end had begun")
}

// lastConnection opens a connection when the server has begun to end, asks over it when listening is over, and reports
// whether the server had accepted it: on a slow machine it may come too late.
func lastConnection(t *testing.T, table *Table) bool {
	s := NewServer(table, Options{Addrs: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}})
	s.DrainFor(5 * time.Second)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	<-s.Ready()
	end()
	<-s.ending
	conn, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatalf("%v, Run: %v", err, <-ended)
	}
	defer func() {
		conn.Close()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	accepted := false
	for until := time.Now().Add(2 * lastIn); !accepted && time.Now().Before(until); time.Sleep(time.Millisecond) {
		accepted = s.streams.isUsed()
	}
	if !accepted {
		return false
	}
	time.Sleep(2 * lastIn)
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write(frame(t, question("www.example.", dns.TypeA))); err != nil {
		t.Fatal(err)
	}
	if m, err := (&dns.Conn{Conn: conn}).ReadMsg(); err != nil || len(m.Answer) != 1 {
		t.Errorf("answered %v, %v", m, err)
	}
	return true
}
