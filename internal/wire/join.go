package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// JoinRequest asks for a place in the cluster. The caller has proved a one-time code, or that it holds a key which a
// member of the asked server has vouched for.
type JoinRequest struct {
	Name   string `json:"name"` // of the asking node
	Host   string `json:"host"` // by which it is reached
	Port   int    `json:"port"`
	DryRun bool   `json:"dry_run,omitempty"` // say what would be, change nothing
	BackID string `json:"back_id,omitempty"` // id of the token that the asking node gives the asked one
}

// JoinAnswer says what the asking node gets.
type JoinAnswer struct {
	Name     string     `json:"name"` // of the asked node
	TokenID  string     `json:"token_id,omitempty"`
	Role     string     `json:"role"` // of the link that the asking node shall have
	Kind     string     `json:"kind"` // leaf or relay: what it may change at the asked node
	Zones    int        `json:"zones"`
	Replaces string     `json:"replaces,omitempty"` // key of the server whose place it takes
	Version  string     `json:"version,omitempty"`
	Servers  []JoinPeer `json:"servers,omitempty"` // other servers that may introduce themselves by their keys; not told to leaves
}

// JoinPeer is a server that the asked one knows.
type JoinPeer struct {
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
	Relay       bool   `json:"relay,omitempty"`
}

// MaxJoinPeers bounds JoinAnswer.Servers: about 40 kB in an answer, which may have 64.
const MaxJoinPeers = 256

// Session is a secret that both ends of a TLS session have and nobody else: what is made from it need not travel.
type Session [sha256.Size]byte

// SessionOf makes it from the session's exporter and what both sides have proved in it.
func SessionOf(h TokenHash, exporter []byte) Session {
	mac := hmac.New(sha256.New, h[:])
	mac.Write([]byte("session secret"))
	mac.Write(exporter)
	return Session(mac.Sum(nil))
}

// Purposes of tokens that are made from a session.
const (
	TokenForward = "forward" // the asked node gives it, the asking one uses it
	TokenBack    = "back"    // the other way round
)

// Token is the text of the token with that id and purpose.
func (s Session) Token(id, purpose string) string {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte("token " + purpose + " " + id))
	return "zf_" + id + "_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// KeyOnly is the id, and KeyOnlyToken the text, by which a server calls that has no token but whose key may be known. The
// text is no secret; the proof made with it is worth what the caller's key is worth, which TLS proves.
const (
	KeyOnly      = "key"
	KeyOnlyToken = "zf_" + KeyOnly + "_only"
)
