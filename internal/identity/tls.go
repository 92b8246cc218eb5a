package identity

import (
	"crypto/tls"
	"errors"
	"time"
)

// PeerProtocol is offered in ALPN by members, before "h2", and never chosen: it only says who is calling. The name in
// SNI stays the host that was dialled, so that routers by SNI can be in between.
const PeerProtocol = "zonefleet-peer/1"

// ServerTLS is the configuration of the HTTPS port.
func (id *Identity) ServerTLS() *tls.Config {
	peers := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2"},
		// The caller's certificate is self-signed: TLS proves that it holds the key, the peer door knows whose it is.
		ClientAuth:             tls.RequestClientCert,
		Certificates:           []tls.Certificate{id.node},
		SessionTicketsDisabled: true, // every session shows the caller's key
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return id.shown(), nil },
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			for _, p := range hello.SupportedProtos {
				if p == PeerProtocol {
					return peers, nil
				}
			}
			return nil, nil
		},
	}
}

func (id *Identity) shown() *tls.Certificate {
	if p := id.operator.Load(); p != nil {
		return p.current()
	}
	return &id.node
}

// ShownFingerprint is of the key that people and programs see, which is the operator's if there is one.
func (id *Identity) ShownFingerprint() string { return FingerprintOf(id.shown().Leaf) }

// ShownUntil is when the certificate that people and programs see ends.
func (id *Identity) ShownUntil() time.Time { return id.shown().Leaf.NotAfter }

// PeerTLS is the configuration to dial a member. verify is given the fingerprint of the member's key, which it holds;
// whether that is the right key is for verify and for the proof after it to say, never for a certificate authority.
func (id *Identity) PeerTLS(serverName string, verify func(fingerprint string) error) *tls.Config {
	return &tls.Config{
		MinVersion:           tls.VersionTLS13,
		ServerName:           serverName,
		NextProtos:           []string{PeerProtocol, "h2"},
		InsecureSkipVerify:   true, // replaced by VerifyConnection and the proof
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id.node, nil },
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return errors.New("no certificate shown")
			}
			return verify(FingerprintOf(s.PeerCertificates[0]))
		},
	}
}
