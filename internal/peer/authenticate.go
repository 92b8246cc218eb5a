package peer

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strings"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/wire"
)

func randomHash() (h wire.TokenHash) {
	rand.Read(h[:]) // never fails (crypto/rand)
	return h
}

// authenticate finds out who calls before anything of the body is read, and puts this node's own proof in the answer.
// Why a proof does not fit is not said: the token may be unknown, revoked, expired, or wrong.
func (d *Door) authenticate(w http.ResponseWriter, r *http.Request) (Caller, Answers, error) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || r.TLS == nil || r.TLS.Version < tls.VersionTLS13 || r.ProtoMajor < 2 {
		return Caller{}, nil, problem(wire.CodeBadInput, "members call with HTTP/2 over TLS 1.3")
	}
	theirs, err := wire.ParseVersions(r.Header.Get(wire.HeaderProtocol))
	if err != nil {
		return Caller{}, nil, err
	}
	if _, err := d.opt.Versions.Common(theirs); err != nil {
		return Caller{}, nil, problem(wire.CodeVersion, err.Error())
	}
	if !d.throttle.allows(from.Addr()) {
		return Caller{}, nil, problem(wire.CodeBusy, "too many failed attempts from this address; try again in a minute")
	}
	id, session, ok := d.proved(w, r, from.Addr())
	if !ok {
		d.throttle.fail(from.Addr())
		return Caller{}, nil, problem(wire.CodeToken, d.notAccepted(r))
	}
	if len(r.TLS.PeerCertificates) == 0 {
		return Caller{}, nil, problem(wire.CodeToken, "no node key shown")
	}
	c := Caller{TokenID: id, Fingerprint: identity.FingerprintOf(r.TLS.PeerCertificates[0]), Address: from}
	if r.URL.Path == wire.PathJoin {
		c.Session = session
	}
	a, err := d.opt.Cluster.Admit(r.Context(), c)
	return c, a, err
}

// notAccepted says no more than that, but for what the holder of the key that the caller shows may know.
func (d *Door) notAccepted(r *http.Request) string {
	if d.opt.Stranger != nil && len(r.TLS.PeerCertificates) > 0 {
		if why := d.opt.Stranger(identity.FingerprintOf(r.TLS.PeerCertificates[0])); why != "" {
			return why
		}
	}
	return "token not accepted"
}

// proved checks the caller's proof and adds this node's to the answer.
func (d *Door) proved(w http.ResponseWriter, r *http.Request, from netip.Addr) (tokenID string, session wire.Session, ok bool) {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	id, text, _ := strings.Cut(rest, " ")
	proof, err := hex.DecodeString(text)
	if scheme != wire.AuthScheme || id == "" || len(id) > 64 || err != nil {
		return "", session, false
	}
	exporter, err := r.TLS.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		return "", session, false
	}
	hash, err := d.opt.Cluster.Secret(r.Context(), id, from)
	if err != nil {
		hash = d.decoy // the answer to an unknown token takes as long
	}
	if !wire.Proved(hash, wire.SideClient, exporter, proof) || err != nil {
		return "", session, false
	}
	w.Header().Set(wire.HeaderProof, hex.EncodeToString(wire.Prove(hash, wire.SideServer, exporter)))
	return id, wire.SessionOf(hash, exporter), true
}

func problem(c wire.Code, message string) *wire.Problem {
	return &wire.Problem{Code: c, Message: message}
}
