package serve

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// FuzzStream says anything over TCP, transfers allowed. What comes back is a row of whole messages that parse, each with
// the id of a question; the connection ends, and the next one is answered.
func FuzzStream(f *testing.F) {
	text := "\nzone example.\nwww 60 A 192.0.2.1\nbig 60 TXT \"x\"\n"
	s := runServer(f, zones(text).table(f), Options{
		AllowTransfer: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, IdleTimeout: 10 * time.Second,
	})
	address := s.Addrs()[0].String()
	framed := func(questions ...*dns.Msg) (all []byte) {
		for _, q := range questions {
			b, err := q.Pack()
			if err != nil {
				f.Fatal(err)
			}
			all = append(append(all, binary.BigEndian.AppendUint16(nil, uint16(len(b)))...), b...)
		}
		return all
	}
	f.Add(framed(question("www.example.", dns.TypeA), question("example.", dns.TypeSOA)))
	f.Add(framed(new(dns.Msg).SetAxfr("example."), question("www.example.", dns.TypeA)))
	f.Add(framed(new(dns.Msg).SetIxfr("example.", 1, ".", ".")))
	f.Add(framed(withEDNS(question("example.", dns.TypeNS), 1232, &dns.EDNS0_NSID{}, &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0102030405060708"})))
	f.Add([]byte{0, 0, 0, 12, 0, 1, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, said []byte) {
		conn, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			t.Fatalf("the server takes no connection any more: %v", err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(8 * time.Second))
		go func() {
			_, _ = conn.Write(said)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		answers, err := io.ReadAll(conn)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection is neither answered nor closed")
		}
		ids := idsOf(said)
		for len(answers) > 0 {
			if len(answers) < 2 || int(binary.BigEndian.Uint16(answers)) > len(answers)-2 {
				if err != nil { // reset: the server left while more was being said
					return
				}
				t.Fatalf("half a message: %x", answers)
			}
			n := int(binary.BigEndian.Uint16(answers))
			m := new(dns.Msg)
			if err := m.Unpack(answers[2 : 2+n]); err != nil || !m.Response || !ids[m.Id] {
				t.Fatalf("%v: %x", err, answers[2:2+n])
			}
			answers = answers[2+n:]
		}
	})
}

// idsOf are the ids of the messages in a stream, as far as it is one.
func idsOf(stream []byte) map[uint16]bool {
	ids := map[uint16]bool{}
	for len(stream) >= 2 {
		n := int(binary.BigEndian.Uint16(stream))
		if stream = stream[2:]; len(stream) < n {
			break
		}
		if n >= 2 {
			ids[binary.BigEndian.Uint16(stream)] = true
		}
		stream = stream[n:]
	}
	return ids
}
