package cluster

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Member is one row of the DNS cluster table, identified by the acting user and the host. The token is kept apart,
// sealed.
type Member struct {
	User string // acting user: root or a reseller
	Host string // name or address, as it was given, normalized
	Port int

	Name     string // what the server calls itself
	Address  string // where it answers DNS, as it said last
	Username string // at the remote
	Backend  string // backend type

	Role  Role
	Zones Zones
	Scope Scope
	// PureNameserver is what the server said of its profile.
	PureNameserver bool

	Debug        bool
	ReverseTrust bool // asked for
	Reverse      bool // established

	Fingerprint string // pinned key
	Version     string
	Software    string // nameserver software
	Added       zone.Millis
	Health      Health
}

// Link is the part of a member that decides how it is worked.
func (m Member) Link() Link {
	return Link{Role: m.Role, Zones: m.Zones, PureNameserver: m.PureNameserver}
}

// Expected outcomes of the checks before a member is saved.
var (
	ErrSelf          = errors.New("this is the server itself")
	ErrAlreadyMember = errors.New("already a member")
)

// NormalizeHost gives the form in which hosts are compared: lower case, without a final dot or brackets.
func NormalizeHost(host string) string {
	host = strings.ToLower(strings.TrimSpace(host))
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return strings.TrimSuffix(host, ".")
}

// Validate reports the first value of a member that cannot be saved. Nothing is asked of the network.
func (m Member) Validate() error {
	switch {
	case m.User == "":
		return errors.New("a member needs an acting user")
	case m.Host == "":
		return errors.New("a member needs a host: a name or an address")
	case m.Host != NormalizeHost(m.Host) || !isHost(m.Host):
		return fmt.Errorf("host %q is not a name or an address", m.Host)
	case m.Port < 1 || m.Port > 65535:
		return fmt.Errorf("port %d of %s is out of bounds (1 to 65535)", m.Port, m.Host)
	case m.Backend == "":
		return fmt.Errorf("member %s needs a backend type", m.Host)
	case strings.ContainsAny(m.Username, "\r\n\f\x00"):
		return fmt.Errorf("username of member %s has a line break or a zero octet in it", m.Host)
	}
	if _, err := ParseRole(string(m.Role)); err != nil {
		return fmt.Errorf("member %s: %w", m.Host, err)
	}
	if _, err := ParseZones(string(m.Zones)); err != nil {
		return fmt.Errorf("member %s: %w", m.Host, err)
	}
	return nil
}

func isHost(s string) bool {
	if len(s) > 253 || strings.HasPrefix(s, "-") || strings.HasPrefix(s, ".") {
		return false
	}
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-._:%", rune(c)) {
			return false
		}
	}
	return true
}

// Self is what this node knows of itself.
type Self struct {
	Name        string
	Fingerprint string   // of its own key
	Addresses   []string // its own and the advertised ones, with port where it listens ("192.0.2.1:2087")
}

// Seen is what a candidate showed before it is saved.
type Seen struct {
	Fingerprint string   // of its key; empty before it was reached
	Addresses   []string // what its host resolves to, with port
}

// CheckNew reports why a candidate cannot become a member: it is this node itself, also through another address, or
// the acting user has it already, also under another name. It may be asked before the candidate was reached and again
// with the key that it showed.
func CheckNew(m Member, self Self, table []Member, seen Seen) error {
	if m.Host == NormalizeHost(self.Name) && hasPort(self.Addresses, m.Port) {
		return fmt.Errorf("%w: %s is its own name", ErrSelf, m.Host)
	}
	if seen.Fingerprint != "" && seen.Fingerprint == self.Fingerprint {
		return fmt.Errorf("%w: %s answers with this server's own key", ErrSelf, m.Host)
	}
	for _, a := range seen.Addresses {
		for _, own := range self.Addresses {
			if a == own {
				return fmt.Errorf("%w: %s leads to its own address %s", ErrSelf, m.Host, a)
			}
		}
	}
	for _, old := range table {
		if old.User != m.User {
			continue
		}
		if old.Host == m.Host && old.Port == m.Port {
			return fmt.Errorf("%w: %s is in the DNS cluster of %s", ErrAlreadyMember, m.Host, m.User)
		}
		if seen.Fingerprint != "" && old.Fingerprint == seen.Fingerprint {
			return fmt.Errorf("%w: %s is the server that is in the DNS cluster of %s as %s", ErrAlreadyMember, m.Host, m.User, old.Host)
		}
	}
	return nil
}

func hasPort(addresses []string, port int) bool {
	suffix := fmt.Sprintf(":%d", port)
	for _, a := range addresses {
		if strings.HasSuffix(a, suffix) {
			return true
		}
	}
	return len(addresses) == 0
}
