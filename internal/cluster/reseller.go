package cluster

// Root is the acting user whose table every account uses unless its reseller has an own one.
const Root = "root"

// Effective is the role that holds for a reseller's accounts at one member, and whose entry it comes from.
type Effective struct {
	// Role is empty if the member is not worked for these accounts.
	Role Role
	// Own says that the reseller's entry holds, with the reseller's credentials; otherwise root's does.
	Own bool
	// Note says why the reseller's entry does not hold as it is written; empty if it does.
	Note string
}

// Unique decides for one member between root's entry and a reseller's ("unique DNS clustering"). An empty role means
// no entry; on is the reseller's option.
func Unique(on bool, root, reseller Role) Effective {
	if !on || reseller == "" {
		return Effective{Role: root}
	}
	switch root {
	case "":
		if reseller != Standalone {
			return Effective{Role: Standalone, Own: true, Note: "root has not added this member, so only standalone is possible"}
		}
	case Synchronize, WriteOnly:
		if reseller == Standalone {
			return Effective{Role: root, Note: "standalone is ignored where root's role is " + string(root)}
		}
	}
	return Effective{Role: reseller, Own: true}
}

// Choosable is the roles that a reseller may choose at a member where root has the given role ("" for no entry).
func Choosable(root Role) []Role {
	var may []Role
	for _, r := range Roles() {
		if e := Unique(true, root, r); e.Own && e.Role == r {
			may = append(may, r)
		}
	}
	return may
}
