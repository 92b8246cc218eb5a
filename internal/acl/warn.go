package acl

import "slices"

// Warnings says of each privilege that is named in the set, and opens more than its name says, what that is: for whoever
// gives it. All warns of itself and not of those that are in it.
func (s Privileges) Warnings() (list []string) {
	for _, a := range Known() {
		if a.Warn != "" && slices.Contains(s, a.Name) {
			list = append(list, string(a.Name)+": "+a.Warn)
		}
	}
	return list
}
