package cluster

// ExistsAnswer is what one member said to the question whether a zone exists there.
type ExistsAnswer struct {
	Member string
	Exists bool
	// Failure is why there was no answer; empty if there was one.
	Failure string
}

// MayCreate weighs the answers of the members that were asked before a zone is created here. It returns the member
// that has the zone, if one has, and a warning for each that did not answer: silence allows the creation, because a
// server must stay writable while others are down.
func MayCreate(answers []ExistsAnswer) (heldBy string, warnings []string) {
	for _, a := range answers {
		switch {
		case a.Failure != "":
			warnings = append(warnings, a.Member+" did not answer whether the zone exists there: "+a.Failure)
		case a.Exists && heldBy == "":
			heldBy = a.Member
		}
	}
	return heldBy, warnings
}
