package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Webhook sends messages to a URL as Standard Webhooks 1.0 has it: a JSON document, signed with a secret that both sides
// know. Whoever takes it checks the signature, and by webhook-id that it is no repetition.
type Webhook struct {
	URL    string
	Secret string // whsec_ and base64
	Now    func() time.Time
	Roots  *x509.CertPool // nil: those of the host
}

const secretPrefix = "whsec_"

// NewSecret makes a secret of 256 random bits.
func NewSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return secretPrefix + base64.StdEncoding.EncodeToString(b[:])
}

// keyOf is the key in a secret: 24 to 64 octets.
func keyOf(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("a webhook's secret is whsec_ and base64 of 24 to 64 octets")
	}
	return key, nil
}

// ValidSecret reports what is wrong with a secret.
func ValidSecret(secret string) error {
	_, err := keyOf(secret)
	return err
}

// payload is the document: type, timestamp and data are Standard Webhooks'.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Server   string            `json:"server"`
	Event    uint64            `json:"event"`
	Severity string            `json:"severity"`
	Member   string            `json:"member,omitempty"`
	Zone     string            `json:"zone,omitempty"`
	Owner    string            `json:"owner,omitempty"`
	Text     string            `json:"text"`
	Fields   map[string]string `json:"fields,omitempty"`
	Link     string            `json:"link"`
}

// Send implements Transport.
func (w Webhook) Send(ctx context.Context, m Message) error {
	key, err := keyOf(w.Secret)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	e := m.Event
	fields := map[string]string{}
	for k, v := range e.Fields {
		if k != wanted {
			fields[k] = v
		}
	}
	body, err := json.Marshal(payload{strings.ReplaceAll(e.Kind, "-", "."), e.At.UTC(), data{
		Server: m.About.Server, Event: e.ID, Severity: e.Severity, Member: e.Member, Zone: e.Zone, Owner: e.Owner,
		Text: e.Text, Fields: fields, Link: m.About.Link + page(e.Kind),
	}})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	sign(req.Header, key, m.ID, w.Now(), body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "zonefleet")
	return w.post(req)
}

// sign sets the headers of Standard Webhooks.
func sign(h http.Header, key []byte, id string, now time.Time, body []byte) {
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", at)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// maxReply bounds what is read of an answer, so that the connection ends well; nothing in it is looked at.
const maxReply = 16 << 10

func (w Webhook) post(req *http.Request) error {
	client := http.Client{
		Timeout:       sendTimeout,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.Roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true, MaxResponseHeaderBytes: maxReply},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxReply))
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode == http.StatusGone: // the endpoint wants no more messages
		return fmt.Errorf("%w: it answers %s", ErrForGood, res.Status)
	}
	return fmt.Errorf("it answers %s", res.Status)
}
