package handover

import (
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

type kept map[string]bool

func (k kept) Keep(name string, _ int) error {
	k[name] = true
	return nil
}

func (k kept) Drop(name string) error {
	delete(k, name)
	return nil
}

func packets(t *testing.T) (*net.UDPConn, string) {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, c.LocalAddr().String()
}

func none(string) string { return "" }

// A packet that came while nobody read is read from the next copy.
func TestASocketOutlivesWhoOpenedIt(t *testing.T) {
	s := Inherit(none)
	defer s.Close()
	first, addr := packets(t)
	if err := s.Keep("udp", addr, first); err != nil {
		t.Fatal(err)
	}
	first.Close()
	client, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Write([]byte("question")); err != nil {
		t.Fatal(err)
	}
	again := s.UDP(addr)
	if again == nil {
		t.Fatal("the socket is gone")
	}
	defer again.Close()
	_ = again.SetReadDeadline(time.Now().Add(10 * time.Second)) // works only on a socket that does not block
	b := make([]byte, 100)
	if n, err := again.Read(b); err != nil || string(b[:n]) != "question" {
		t.Errorf("read %q, %v", b[:n], err)
	}
	_ = again.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := again.Read(b); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a deadline does not end a read: %v", err)
	}
	if s.TCP(addr) != nil || s.UDP("127.0.0.1:1") != nil {
		t.Error("another socket was found than there is")
	}
}

func TestADroppedSocketIsClosed(t *testing.T) {
	s := Inherit(none)
	defer s.Close()
	conn, addr := packets(t)
	if err := errors.Join(s.Keep("udp", addr, conn), conn.Close(), s.Drop("udp", addr)); err != nil {
		t.Fatal(err)
	}
	again, err := net.ListenPacket("udp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		t.Fatal("the address is still held")
	} else if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// A process that has not taken over yet may not touch the store: what it did not want its predecessor may go on with.
func TestTheStoreIsBroughtInStepWhenItIsAttached(t *testing.T) {
	s, store := Inherit(none), kept{}
	defer s.Close()
	a, at := packets(t)
	b, other := packets(t)
	if err := errors.Join(s.Keep("udp", at, a), s.Keep("udp", other, b)); err != nil {
		t.Fatal(err)
	}
	store[name("udp", at)] = true // by the predecessor
	if err := s.Drop("udp", at); err != nil || !store[name("udp", at)] {
		t.Errorf("%v, %v", store, err)
	}
	if err := s.Attach(store); err != nil || store[name("udp", at)] || !store[name("udp", other)] {
		t.Errorf("%v, %v", store, err)
	}
	if err := s.DropUnclaimed(); err != nil || !store[name("udp", other)] {
		t.Errorf("what is used was dropped: %v, %v", store, err)
	}
}

func TestNothingIsInheritedThatIsForAnother(t *testing.T) {
	for _, env := range []map[string]string{
		{},
		{"LISTEN_FDS": "1", "LISTEN_FDNAMES": "x", "LISTEN_PID": "1"},
		{"LISTEN_FDS": "-1", "LISTEN_FDNAMES": "x", envPredecessor: "9"},
		{"LISTEN_FDS": "2", "LISTEN_FDNAMES": "x", envPredecessor: "9"},
		{"LISTEN_FDS": "1000000", "LISTEN_FDNAMES": "x", envPredecessor: "9"},
	} {
		s := Inherit(func(k string) string { return env[k] })
		if s.Waiting() {
			t.Errorf("%v: something was inherited", env)
		}
		s.Close()
	}
}

func TestTheEnvironmentOfASuccessorHasNothingOfItsPredecessor(t *testing.T) {
	got := without([]string{"A=1", "LISTEN_PID=7", "LISTEN_FDS=2", "B=x=y"}, "LISTEN_PID", "LISTEN_FDS")
	if !slices.Equal(got, []string{"A=1", "B=x=y"}) {
		t.Error(got)
	}
}

func TestAProcessInheritsSoManySocketsAtMost(t *testing.T) {
	for n, want := range map[int]bool{maxInherited: true, maxInherited + 1: false} {
		env := map[string]string{"LISTEN_FDS": strconv.Itoa(n), "LISTEN_FDNAMES": strings.Repeat("x:", n-1) + "x", envPredecessor: "9"}
		if got := inherited(func(k string) string { return env[k] }); (len(got) == n) != want || !want && got != nil {
			t.Errorf("of %d sockets %d are inherited", n, len(got))
		}
	}
}

// A successor that says a line without an end is not listened to any more.
func TestALineOfASuccessorHasALongestLength(t *testing.T) {
	for length, want := range map[int]bool{maxLine - 1: true, maxLine: false} {
		theirs, ours, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		x := &Successor{control: theirs, lines: make(chan string)}
		go x.read()
		if _, err := ours.WriteString(strings.Repeat("x", length) + "\n"); err != nil {
			t.Fatal(err)
		}
		ours.Close()
		line, heard := <-x.lines
		if heard != want || heard && len(line) != length {
			t.Errorf("a line of %d octets: %v, %d octets", length, heard, len(line))
		}
		theirs.Close()
	}
}
