package cluster

import "fmt"

// Role says in which direction a link carries zones. It belongs to the link, not to the server.
type Role string

// The three roles, named as people see them.
const (
	Standalone  Role = "standalone"  // this node receives
	Synchronize Role = "synchronize" // this node receives and sends
	WriteOnly   Role = "write-only"  // this node sends, and what it sends replaces
)

// Roles is every role, in the order in which they are offered.
func Roles() []Role { return []Role{Standalone, Synchronize, WriteOnly} }

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles() {
		if s == string(r) {
			return r, nil
		}
	}
	return "", fmt.Errorf("role %q is not known (standalone, synchronize, write-only)", s)
}

// Zones says which zones that only the member has are taken after the first synchronization.
type Zones string

// The settings of Zones; the empty one means Common.
const (
	Common Zones = "common" // none: newer states of zones that both have, nothing else
	All    Zones = "all"    // also those that are made there later
)

// ParseZones reads the setting's name; nothing given means Common.
func ParseZones(s string) (Zones, error) {
	switch Zones(s) {
	case "", Common:
		return Common, nil
	case All:
		return All, nil
	}
	return "", fmt.Errorf("zones %q is not known (common, all)", s)
}

// Scope is the zones that a link carries, by the account that owns them. The zero Scope carries all.
type Scope struct {
	Owners []string
	// Except are accounts whose zones go over another link to the same server: a reseller's own.
	Except []string
}

// Includes reports whether the zones of the owner are carried.
func (s Scope) Includes(owner string) bool {
	for _, o := range s.Except {
		if o == owner {
			return false
		}
	}
	for _, o := range s.Owners {
		if o == owner {
			return true
		}
	}
	return len(s.Owners) == 0
}
