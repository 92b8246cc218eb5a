package systemd

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func listen(t *testing.T) (*net.UnixConn, func(string) string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	env := map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}
	return conn, func(k string) string { return env[k] }
}

func TestWordsArriveInOneDatagram(t *testing.T) {
	conn, env := listen(t)
	n := Open(env)
	if err := n.Send(Ready, Status("serving\n3 zones"), MainPID(7), MoreTime(2*time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1024)
	size, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	want := "READY=1\nSTATUS=serving 3 zones\nMAINPID=7\nEXTEND_TIMEOUT_USEC=2000000"
	if got := string(b[:size]); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n.WatchdogEvery() != 30*time.Second {
		t.Errorf("watchdog every %s", n.WatchdogEvery())
	}
	if m := Monotonic(); !strings.HasPrefix(m, "MONOTONIC_USEC=") || len(m) < 18 {
		t.Errorf("time %q", m)
	}
}

// What arrives is the very file: what one side writes the other reads.
func TestAKeptDescriptorArrives(t *testing.T) {
	conn, env := listen(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := Open(env).Keep("udp 192.0.2.1.53", int(w.Fd())); err != nil {
		t.Fatal(err)
	}
	w.Close()
	b, oob := make([]byte, 1024), make([]byte, 128)
	size, oobSize, _, _, err := conn.ReadMsgUnix(b, oob)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b[:size]); got != "FDSTORE=1\nFDNAME=udp 192.0.2.1.53" {
		t.Errorf("got %q", got)
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobSize])
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		t.Fatalf("%v, %v", fds, err)
	}
	arrived := os.NewFile(uintptr(fds[0]), "arrived")
	defer arrived.Close()
	if _, err := arrived.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if size, err := r.Read(b); err != nil || string(b[:size]) != "x" {
		t.Errorf("read %q, %v", b[:size], err)
	}
}

func TestWithoutSystemdNothingIsSaid(t *testing.T) {
	n := Open(func(string) string { return "" })
	if err := n.Send(Ready); err != nil || n != nil || n.WatchdogEvery() != 0 {
		t.Errorf("%v, %v", n, err)
	}
	if err := n.Keep("x", 0); err != nil {
		t.Error(err)
	}
	if n := Open(func(string) string { return "vsock:2:3" }); n != nil {
		t.Error("a transport that is not spoken was taken")
	}
}
