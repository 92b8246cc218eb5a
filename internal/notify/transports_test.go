package notify_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/notify"
)

// mailServer speaks enough SMTP (RFC 5321) to take mail: STARTTLS and AUTH PLAIN if it has a certificate.
type mailServer struct {
	net.Listener
	tls    *tls.Config
	refuse string // answer to RCPT

	mu    sync.Mutex
	mails []string // as they came
	users []string
}

func startMailServer(t *testing.T, config *tls.Config) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startMailServerOn(t, l, config)
}

func startMailServerOn(t *testing.T, l net.Listener, config *tls.Config) *mailServer {
	t.Helper()
	s := &mailServer{Listener: l, tls: config}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { defer c.Close(); s.talk(c) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return s
}

func (s *mailServer) talk(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r, secure := bufio.NewReader(c), false
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	say("220 mail.test")
	for {
		command, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(command), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			switch {
			case s.tls == nil:
				say("250 mail.test")
			case secure:
				say("250-mail.test\r\n250 AUTH PLAIN")
			default:
				say("250-mail.test\r\n250 STARTTLS")
			}
		case "STARTTLS":
			say("220 go on")
			t := tls.Server(c, s.tls)
			c, r, secure = t, bufio.NewReader(t), true
		case "AUTH":
			_, proof, _ := strings.Cut(arg, " ")
			plain, _ := base64.StdEncoding.DecodeString(proof)
			s.keep(&s.users, strings.ReplaceAll(string(plain), "\x00", "|"))
			say("235 welcome")
		case "RCPT":
			if s.refuse != "" {
				say(s.refuse)
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				text.WriteString(l)
			}
			s.keep(&s.mails, text.String())
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) keep(list *[]string, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, what)
}

func (s *mailServer) mail(security notify.Security) notify.Mail {
	return notify.Mail{
		Host: "127.0.0.1", Port: s.Addr().(*net.TCPAddr).Port, Security: security, From: "zonefleet@web1.example.net", Hello: "web1.example.net",
		To: func(owner string) []string { return []string{owner + "@example.com"} },
	}
}

func message(t *testing.T) notify.Message {
	t.Helper()
	m, ok := notify.Compose(disabled(7), about())
	if !ok {
		t.Fatal("no message")
	}
	return m
}

// certificate is one of 127.0.0.1, and who trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

func TestMailArrivesOverTLSAndSignedIn(t *testing.T) {
	config, roots := certificate(t)
	s := startMailServer(t, config)
	m := s.mail(notify.StartTLS)
	m.Roots, m.User, m.Password = roots, "zonefleet", "secret"
	if err := m.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(s.users) != "[|zonefleet|secret]" || len(s.mails) != 1 {
		t.Fatalf("signed in %q, %d mails", s.users, len(s.mails))
	}
	for _, part := range []string{
		"Subject: [web1.example.net] ns1.example.net is disabled", "To: <root@example.com>", "From: <zonefleet@web1.example.net>",
		"Message-ID: <web1.example.net-7@web1.example.net>", "Auto-Submitted: auto-generated", "Failed attempts in a row: 10",
	} {
		if !strings.Contains(s.mails[0], part) {
			t.Errorf("the mail lacks %q:\n%s", part, s.mails[0])
		}
	}
	// TLS from the first octet on.
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	whole := startMailServerOn(t, l, nil)
	m.Port, m.Security, m.User = l.Addr().(*net.TCPAddr).Port, notify.TLS, ""
	if err := m.Send(t.Context(), message(t)); err != nil || len(whole.mails) != 1 {
		t.Errorf("with TLS from the first octet on: %v, %d mails", err, len(whole.mails))
	}
	m.Roots = x509.NewCertPool()
	if err := m.Send(t.Context(), message(t)); err == nil {
		t.Error("a certificate that nobody trusts is taken")
	}
}

func TestWithoutTLSNothingIsSentUnlessItIsWanted(t *testing.T) {
	s := startMailServer(t, nil)
	if err := s.mail(notify.StartTLS).Send(t.Context(), message(t)); err == nil || len(s.mails) != 0 {
		t.Errorf("sent without TLS: %v", err)
	}
	if err := s.mail(notify.Plain).Send(t.Context(), message(t)); err != nil || len(s.mails) != 1 {
		t.Errorf("%d mails, %v", len(s.mails), err)
	}
	s.refuse = "550 no such user"
	if err := s.mail(notify.Plain).Send(t.Context(), message(t)); !errors.Is(err, notify.ErrForGood) {
		t.Errorf("a recipient that is refused: %v", err)
	}
	s.refuse = "450 try later"
	if err := s.mail(notify.Plain).Send(t.Context(), message(t)); err == nil || errors.Is(err, notify.ErrForGood) {
		t.Errorf("one that is refused for now: %v", err)
	}
	m := s.mail(notify.Plain)
	m.To = func(string) []string { return nil }
	if err := m.Send(t.Context(), message(t)); err != nil || len(s.mails) != 1 {
		t.Errorf("without a contact: %v", err)
	}
}

// The signature is checked as a receiver does it (Standard Webhooks, "Verifying signatures").
func TestAWebhookIsSigned(t *testing.T) {
	secret := notify.NewSecret()
	var took []http.Header
	status := http.StatusNoContent
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, r.Header.Get("webhook-id")+"."+r.Header.Get("webhook-timestamp")+"."+string(body))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
			t.Errorf("signature %s, want %s", r.Header.Get("webhook-signature"), want)
		}
		var doc struct {
			Type string
			Data struct {
				Member, Link string
				Fields       map[string]string
			}
		}
		if err := json.Unmarshal(body, &doc); err != nil || doc.Type != "member.disabled" || doc.Data.Member != "ns1.example.net" || doc.Data.Fields["waiting"] != "3" || doc.Data.Fields["notify"] != "" {
			t.Errorf("the document is %s, %v", body, err)
		}
		took = append(took, r.Header)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<10)))
	}))
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	w := notify.Webhook{URL: s.URL, Secret: secret, Now: time.Now, Roots: roots}
	if err := w.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if took[0].Get("webhook-id") != "web1.example.net-7" {
		t.Errorf("the id is %s", took[0].Get("webhook-id"))
	}
	for code, forGood := range map[int]bool{http.StatusTemporaryRedirect: false, http.StatusInternalServerError: false, http.StatusGone: true} {
		status = code
		before := len(took)
		if err := w.Send(t.Context(), message(t)); err == nil || errors.Is(err, notify.ErrForGood) != forGood || len(took) != before+1 {
			t.Errorf("%d: %v, %d requests", code, err, len(took)-before)
		}
	}
	w.Roots = nil
	if err := w.Send(t.Context(), message(t)); err == nil {
		t.Error("a certificate that nobody trusts is taken")
	}
	w.Secret = "whsec_short"
	if err := w.Send(t.Context(), message(t)); !errors.Is(err, notify.ErrForGood) {
		t.Errorf("a secret that is none: %v", err)
	}
}

// An endpoint that never ends its answer holds nothing up.
func TestAnAnswerWithoutAnEndIsNotReadToIt(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := (notify.Webhook{URL: s.URL, Secret: notify.NewSecret(), Now: time.Now}).Send(ctx, message(t)); err != nil {
		t.Error(err)
	}
}
