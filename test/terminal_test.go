//go:build linux

package test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zonefleet/zonefleet/internal/auth"
)

// terminal is the real program at a pseudo-terminal: what it shows, echo included, is in seen.
type terminal struct {
	t    *testing.T
	keys *os.File
	cmd  *exec.Cmd
	mu   sync.Mutex
	seen bytes.Buffer
}

func (s *server) terminal(args ...string) *terminal {
	s.t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = ptmx.Close() })
	raw := int(ptmx.Fd())
	if err := unix.IoctlSetPointerInt(raw, unix.TIOCSPTLCK, 0); err != nil {
		s.t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(raw, unix.TIOCGPTN)
	if err != nil {
		s.t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer tty.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	s.t.Cleanup(cancel)
	x := &terminal{t: s.t, keys: ptmx, cmd: exec.CommandContext(ctx, s.program(), args...)}
	x.cmd.Env = append(os.Environ(), "ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir, "ZONEFLEET_TOKEN=", "NO_COLOR=1", "HOME="+s.t.TempDir())
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	if err := x.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { _, _ = io.Copy(x, ptmx) }() // ends with the terminal, which Cleanup closes
	return x
}

func (x *terminal) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.Write(b)
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

// shows waits for a text.
func (x *terminal) shows(text string) {
	x.t.Helper()
	for range 300 {
		if strings.Contains(x.text(), text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	x.t.Fatalf("%q is not shown in\n%s", text, x.text())
}

// echoes waits until the terminal shows what is typed, or does not.
func (x *terminal) echoes(on bool) {
	x.t.Helper()
	for range 300 {
		mode, err := unix.IoctlGetTermios(int(x.keys.Fd()), unix.TCGETS)
		if err != nil {
			x.t.Fatal(err)
		}
		if (mode.Lflag&unix.ECHO != 0) == on {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	x.t.Fatalf("the echo of the terminal is not %v", on)
}

// pictureLines counts the lines that are drawn of blocks alone.
func pictureLines(text string) (n int) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && strings.Trim(line, "█▀▄ ") == "" && strings.HasPrefix(line, "██") {
			n++
		}
	}
	return n
}

func (x *terminal) types(line string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(line + "\n"); err != nil {
		x.t.Fatal(err)
	}
}

// A password that is typed at a terminal is shown nowhere, and the terminal shows again what is typed afterwards; then the
// same user sets an authenticator up there, known by that password.
func TestATerminalShowsNoPasswordAndSetsAnAuthenticatorUp(t *testing.T) {
	s := startServer(t, "web.zonefleet.test")
	s.run("user", "add", "ann", "--privileges", "edit-dns")
	const password = "Correct-Horse-7-Battery"
	x := s.terminal("user", "password", "ann")
	for _, prompt := range []string{"new password of ann", "once more"} {
		x.shows(prompt)
		x.echoes(false)
		x.types(password)
	}
	x.shows("the password of ann is set")
	if err := x.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, x.text())
	}
	x.echoes(true)
	if strings.Contains(x.text(), password) || strings.Contains(x.text(), "Battery") {
		t.Errorf("the terminal shows the password:\n%s", x.text())
	}

	x = s.terminal("user", "totp", "ann")
	x.shows("password of ann")
	x.echoes(false)
	x.types(password)
	x.shows("code that the authenticator shows")
	_, rest, _ := strings.Cut(x.text(), "secret  ")
	secret, _, _ := strings.Cut(rest, "\r\n")
	totp, err := auth.ParseTOTP(secret)
	if err != nil {
		t.Fatalf("the secret %q: %v", secret, err)
	}
	if !strings.Contains(x.text(), "otpauth://totp/") || pictureLines(x.text()) < 15 { // two rows in one line: the smallest QR code has 21, and 8 of margin
		t.Errorf("no link or no picture:\n%s", x.text())
	}
	x.types(totp.Code(time.Now()))
	x.shows("signs in with a code from now on")
	if err := x.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, x.text())
	}
	if strings.Contains(x.text(), password) {
		t.Errorf("the terminal shows the password:\n%s", x.text())
	}
	_, codes, _ := strings.Cut(x.text(), "keep them:")
	if n := len(strings.Fields(codes)); n != 10 {
		t.Errorf("%d recovery codes: %s", n, codes)
	}
	if shown := s.run("user", "show", "ann"); !strings.Contains(shown, "password and code") {
		t.Errorf("ann is %s", shown)
	}
	if _, err := s.try("user", "totp", "root"); err == nil { // nothing on standard input
		t.Error("an authenticator is set up without a code")
	}
}
