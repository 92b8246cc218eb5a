package test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// letters is what people were sent, by whatever means.
type letters struct {
	mu  sync.Mutex
	all []string
}

func (l *letters) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, text)
}

// with are those that contain a text.
func (l *letters) with(part string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range l.all {
		if strings.Contains(text, part) {
			found = append(found, text)
		}
	}
	return found
}

// mailbox is a mail server on this machine that takes everything (RFC 5321), without TLS.
func mailbox(t *testing.T) (port string, got *letters) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got = &letters{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { defer c.Close(); takeMail(c, got) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, got
}

func takeMail(c net.Conn, got *letters) {
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 mail.test\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if strings.TrimSpace(line) != "DATA" {
			fmt.Fprint(c, "250 ok\r\n")
			continue
		}
		fmt.Fprint(c, "354 go on\r\n")
		var text strings.Builder
		for line = ""; line != ".\r\n" && err == nil; text.WriteString(line) {
			line, err = r.ReadString('\n')
		}
		got.add(text.String())
		fmt.Fprint(c, "250 taken\r\n")
	}
}

// hook is an HTTPS server that takes messages, and the file with its certificate.
func hook(t *testing.T) (url, certificate string, got *letters) {
	t.Helper()
	got = &letters{}
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.add(r.Header.Get("webhook-signature") + " " + string(body))
	}))
	t.Cleanup(s.Close)
	certificate = filepath.Join(t.TempDir(), "hook.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(certificate, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, certificate, got
}

// A member goes down and comes back: root is told of both, once, by mail and by webhook, with what can be done; also when the
// server that tells was restarted in between.
func TestPeopleAreToldOfAMemberThatIsDown(t *testing.T) {
	port, mails := mailbox(t)
	url, certificate, hooks := hook(t)
	a, b := newServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	trusting := append([]string{"env", "SSL_CERT_FILE=" + certificate}, a.command()...)
	a.startWith(trusting...)
	link(t, a, b, "--role", "synchronize", "--sync-now")
	a.has("example.com")
	a.run("cluster", "threshold", "2")
	if out := a.run("notify", "set", "--contact", "root@example.com", "--smtp", "127.0.0.1", "--smtp-port", port, "--smtp-security", "none", "--webhook", url); !strings.Contains(out, "whsec_") {
		t.Errorf("no secret is shown:\n%s", out)
	}
	if out := a.run("notify", "show"); strings.Contains(out, "whsec_") {
		t.Errorf("the secret is shown again:\n%s", out)
	}
	if out := a.run("notify", "test"); !containsAll(out, "mail: sent", "webhook: sent") {
		t.Errorf("the test says\n%s", out)
	}

	arrives := func(l *letters, times int, parts ...string) {
		t.Helper()
		eventually(t, 30*time.Second, fmt.Sprint(parts, " arrives"), func() error {
			found := l.with(parts[0])
			if len(found) != times || !containsAll(found[times-1], parts...) {
				return fmt.Errorf("there are %q", found)
			}
			return nil
		})
	}
	time.Sleep(3 * time.Second) // from the setting on, what happens is told: a look of the follower later
	b.kill()
	a.becomes(b.name, "disabled-failures")
	arrives(mails, 1, "is disabled", "To: <root@example.com>", "Failed attempts in a row: 2", "Error: ", "Re-enable and catch up: https://"+a.https+"/#banner")
	arrives(hooks, 1, "member.disabled", "v1,", `"member":"b.zonefleet.test"`)
	a.stop()
	a.startWith(trusting...)
	b.start()
	a.becomes(b.name, "active")
	arrives(mails, 1, "is back")
	arrives(hooks, 1, "member.enabled")
	if again := mails.with("is disabled"); len(again) != 1 {
		t.Errorf("it was said %d times", len(again))
	}
}
