package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// What both ends of the HTTPS port must agree on. Every request carries HeaderProtocol and
// "Authorization: ZoneFleet ID PROOF"; every answer HeaderProtocol and, once the proof fits, HeaderProof.
const (
	AuthScheme     = "ZoneFleet"
	HeaderProof    = "Zonefleet-Proof"
	HeaderProtocol = "Zonefleet-Protocol"

	PathPrefix  = "/peer/v1/"
	PathHello   = PathPrefix + "hello"   // GET: Introduction
	PathLink    = PathPrefix + "link"    // POST: frames both ways
	PathExists  = PathPrefix + "exists"  // POST names: those that exist
	PathCompare = PathPrefix + "compare" // POST branches: parts
	PathStand   = PathPrefix + "stand"   // POST names: standings
	PathFetch   = PathPrefix + "fetch"   // POST one name: a whole state
	PathTrust   = PathPrefix + "trust"   // POST TrustRequest: TrustAnswer
	PathUntrust = PathPrefix + "untrust" // POST UntrustRequest
	PathLeave   = PathPrefix + "leave"   // POST LeaveRequest: LeaveAnswer
	PathJoin    = PathPrefix + "join"    // POST JoinRequest: JoinAnswer

	// MaxQuestion bounds the body of a question, MaxGreeting that of a JSON answer.
	MaxQuestion = 4 << 20
	MaxGreeting = maxGreeting
)

// ParseVersions reads the text form of Versions.
func ParseVersions(s string) (Versions, error) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	a, errA := strconv.ParseUint(low, 10, 8)
	b, errB := strconv.ParseUint(high, 10, 8)
	if errA != nil || errB != nil || a == 0 || a > b {
		return Versions{}, fmt.Errorf("%w: protocol versions %q", ErrProtocol, clip(s, 16))
	}
	return Versions{uint8(a), uint8(b)}, nil
}
