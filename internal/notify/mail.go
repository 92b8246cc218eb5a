package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/wneessen/go-mail"
)

// Security says how a mail server is spoken to.
type Security string

// The kinds of Security.
const (
	StartTLS Security = "starttls" // TLS from STARTTLS on (RFC 3207); without it nothing is sent
	TLS      Security = "tls"      // TLS from the first octet on (RFC 8314)
	Plain    Security = "none"     // no TLS: for a server on this machine
)

// Mail sends messages through one mail server.
type Mail struct {
	Host     string
	Port     int // 0: 587, with TLS 465, without any 25
	Security Security
	User     string // empty: without signing in
	Password string
	From     string
	Hello    string // how this server calls itself
	// To is who is told of what is about that account's links; nobody: the message is not for mail.
	To    func(owner string) []string
	Roots *x509.CertPool // nil: those of the host
}

// Send implements Transport.
func (m Mail) Send(ctx context.Context, msg Message) error {
	to := m.To(msg.Event.Owner)
	if len(to) == 0 {
		return nil
	}
	letter, err := m.letter(msg, to)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	line := &connection{config: m.config(), whole: m.Security == TLS}
	defer line.close()
	client, err := mail.NewClient(m.Host, append(m.options(), mail.WithDialContextFunc(line.dial))...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if letter.IsDelivered() {
		return nil // whatever was wrong after that: sent again it would be there twice
	}
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 && refused.ErrorCode() < 600 {
		return fmt.Errorf("%w: %w", ErrForGood, err)
	}
	return err
}

func (m Mail) letter(msg Message, to []string) (*mail.Msg, error) {
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	err := errors.Join(letter.From(m.From), letter.To(to...))
	letter.Subject(msg.Subject)
	letter.SetDateWithValue(msg.Event.At)
	letter.SetMessageIDWithValue(msg.ID + "@" + m.Hello)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody answers it by itself
	letter.SetBodyString(mail.TypeTextPlain, strings.Join(msg.Lines, "\n")+"\n")
	return letter, err
}

func (m Mail) options() []mail.Option {
	o := []mail.Option{
		mail.WithTimeout(sendTimeout), mail.WithHELO(m.Hello), mail.WithTLSConfig(m.config()),
	}
	port := m.Port
	switch m.Security {
	case TLS:
		o = append(o, mail.WithSSL())
		port = orPort(port, 465)
	case Plain:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
		port = orPort(port, 25)
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
		port = orPort(port, 587)
	}
	if m.User != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	return append(o, mail.WithPort(port))
}

func orPort(port, usual int) int {
	if port == 0 {
		return usual
	}
	return port
}

func (m Mail) config() *tls.Config {
	return &tls.Config{ServerName: m.Host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}
}

// connection is that of one message. The library leaves it open where a server has no STARTTLS; it is closed here.
type connection struct {
	config *tls.Config
	whole  bool // TLS from the first octet on
	conn   net.Conn
}

func (c *connection) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	if c.whole {
		conn, err = (&tls.Dialer{Config: c.config}).DialContext(ctx, network, address)
	} else {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
	}
	if err != nil {
		return nil, err
	}
	c.conn = conn
	return conn, nil
}

func (c *connection) close() {
	if c.conn != nil {
		c.conn.Close()
	}
}
