// Package identity is who a node is to other servers: its key, made at first start and kept in DATA/node.key, and the
// certificate that shows it. Members pin the key's fingerprint, so renewing the certificate changes no pin.
//
// A connection of a member announces itself (PeerProtocol in ALPN) and is always shown the node key and asked for the
// caller's; every other connection is shown the operator's certificate if there is one, and is asked for nothing.
//
// It knows no tokens, no members and no protocol beyond the TLS handshake. It owns no goroutine: files given by the
// operator are looked at again in a handshake, at most once a second.
//
//	identity.go  Open, the node key and certificate      fingerprint.go  SPKI fingerprints
//	tls.go       configurations of both sides            reload.go       the operator's certificate
package identity
