package cluster

// Profile says what a server is for. A server that says none is a standard one.
type Profile string

// The profiles.
const (
	ProfileStandard   Profile = "standard"   // zones are made there
	ProfileNameserver Profile = "nameserver" // it only answers: WHM's DNSOnly
)

// Suggestion is what the form of a new member begins with, as WHM's guide to cluster configurations advises for the pair.
type Suggestion struct {
	Role         Role
	ReverseTrust bool
	Why          string
}

// Suggest advises a role for the link from a server to another.
func Suggest(own, remote Profile) Suggestion {
	switch {
	case own != ProfileNameserver && remote == ProfileNameserver:
		return Suggestion{Synchronize, false, "zones are made here and answered there; a server that only answers needs no trust back"}
	case own == ProfileNameserver && remote != ProfileNameserver:
		return Suggestion{Standalone, false, "this server only answers: it receives, and nothing of others goes to the server where zones are made"}
	case own == ProfileNameserver:
		return Suggestion{Synchronize, false, "this server passes on to the other what it receives"}
	}
	return Suggestion{Synchronize, true, "zones are made on both: each gets what the other has, and can reach it"}
}

// Advise warns of what the guide advises against for the pair; it is empty where there is nothing to say.
func Advise(own, remote Profile, role Role) (warnings []string) {
	sends := Resolve(Link{Role: role}).Send
	switch {
	case own == ProfileNameserver && remote != ProfileNameserver && sends != SendNone:
		warnings = append(warnings, "a nameserver that sends to a server where zones are made fills it with the zones of others: use standalone here")
	case own == ProfileNameserver && remote == ProfileNameserver:
		warnings = append(warnings, "nameservers need no link with each other where each server that makes zones has one to all of them: every server between delays a change")
	case own != ProfileNameserver && remote != ProfileNameserver && sends != SendNone:
		warnings = append(warnings, "both are standard servers, so each gets the zones of the other: between servers of different customers, give each a link to the nameservers instead")
	}
	if sends == SendReplace {
		warnings = append(warnings, "write-only does not look whether the other server has something newer, nor whether it has a zone before one is made here: what is sent replaces it")
	}
	return warnings
}
