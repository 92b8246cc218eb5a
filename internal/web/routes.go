package web

import (
	"net/http"
	"slices"
)

// Who says who may ask for a route. Whether the person may do what it does is control's to say.
type Who string

// The kinds of visitors.
const (
	Anybody  Who = "anybody"
	SignedIn Who = "signed in"
)

// Route is one line of the table: a test walks it with each kind of visitor.
type Route struct {
	Method, Pattern string
	Who             Who
	page            func(*Visit) error
}

// Routes is everything that browsers can ask for.
func Routes() []Route {
	return slices.Concat(signInRoutes(), peopleRoutes(), memberRoutes(), clusterRoutes(), zonesRoutes(), zoneRoutes(), changeRoutes(), settingRoutes())
}

// signInRoutes is the door itself, and what people do with their own account.
func signInRoutes() []Route {
	return []Route{
		{http.MethodGet, "/assets/{file}", Anybody, asset},
		{http.MethodGet, "/signin", Anybody, signInPage},
		{http.MethodPost, "/signin", Anybody, signIn},
		{http.MethodGet, "/signin/{secret}", Anybody, redeem},
		{http.MethodPost, "/signout", SignedIn, signOut},
		{http.MethodGet, "/password", SignedIn, askPassword},
		{http.MethodPost, "/password", SignedIn, setPassword},
		{http.MethodGet, "/account", SignedIn, account},
		{http.MethodPost, "/account/sessions", SignedIn, endSession},
		{http.MethodPost, "/account/code/new", SignedIn, setUpCode},
		{http.MethodPost, "/account/code", SignedIn, confirmCode},
		{http.MethodPost, "/account/code/remove", SignedIn, removeCode},
	}
}

// peopleRoutes is resellers, their accounts and privileges, and tokens.
func peopleRoutes() []Route {
	return []Route{
		{http.MethodGet, "/resellers", SignedIn, resellers},
		{http.MethodPost, "/resellers", SignedIn, addUser},
		{http.MethodPost, "/resellers/lists", SignedIn, saveList},
		{http.MethodGet, "/resellers/lists/{list}/delete", SignedIn, askDeleteList},
		{http.MethodPost, "/resellers/lists/{list}/delete", SignedIn, deleteList},
		{http.MethodGet, "/resellers/{user}/unique", SignedIn, askUserUnique},
		{http.MethodPost, "/resellers/{user}/unique", SignedIn, setUserUnique},
		{http.MethodPost, "/resellers/{user}/code/remove", SignedIn, dropCode},
		{http.MethodGet, "/resellers/{user}", SignedIn, showUser},
		{http.MethodPost, "/resellers/{user}", SignedIn, editUser},
		{http.MethodPost, "/resellers/{user}/link", SignedIn, makeLink},
		{http.MethodGet, "/resellers/{user}/delete", SignedIn, askDeleteUser},
		{http.MethodPost, "/resellers/{user}/delete", SignedIn, deleteUser},
		{http.MethodGet, "/tokens", SignedIn, listTokens},
		{http.MethodPost, "/tokens", SignedIn, createToken},
		{http.MethodGet, "/tokens/new", SignedIn, newToken},
		{http.MethodGet, "/tokens/revoke-all", SignedIn, askRevokeTokens},
		{http.MethodPost, "/tokens/revoke-all", SignedIn, revokeTokens},
		{http.MethodGet, "/tokens/{id}", SignedIn, editTokenPage},
		{http.MethodPost, "/tokens/{id}", SignedIn, editToken},
		{http.MethodGet, "/tokens/{id}/revoke", SignedIn, askRevokeToken},
		{http.MethodPost, "/tokens/{id}/revoke", SignedIn, revokeToken},
	}
}

// memberRoutes is one server of the cluster: from adding it to deleting it.
func memberRoutes() []Route {
	return []Route{
		{http.MethodGet, "/members/add", SignedIn, addServer},
		{http.MethodPost, "/members/add/review", SignedIn, reviewServer},
		{http.MethodPost, "/members/add", SignedIn, addServerNow},
		{http.MethodGet, "/members/invite", SignedIn, showInvites},
		{http.MethodPost, "/members/invite", SignedIn, createInvite},
		{http.MethodPost, "/members/invite/{invite}/revoke", SignedIn, revokeInvite},
		{http.MethodGet, "/members/{member}/added", SignedIn, serverAdded},
		{http.MethodGet, "/members/{member}/edit", SignedIn, editServer},
		{http.MethodPost, "/members/{member}/edit", SignedIn, saveServer},
		{http.MethodGet, "/members/{member}/delete", SignedIn, askRemoval},
		{http.MethodPost, "/members/{member}/delete", SignedIn, removeServer},
		{http.MethodGet, "/members/{member}/nameserver", SignedIn, memberNameserver},
		{http.MethodGet, "/members/{member}/key", SignedIn, askKey},
		{http.MethodPost, "/members/{member}/key", SignedIn, acceptKey},
		{http.MethodGet, "/members/{member}/role", SignedIn, askRole},
		{http.MethodPost, "/members/{member}/role", SignedIn, setRole},
		{http.MethodGet, "/members/{member}/disable", SignedIn, askDisable},
		{http.MethodPost, "/members/{member}/disable", SignedIn, disableMember},
		{http.MethodPost, "/members/{member}/enable", SignedIn, enableMember},
		{http.MethodGet, "/members/{member}/synchronize", SignedIn, askSync},
		{http.MethodPost, "/members/{member}/synchronize", SignedIn, syncMember},
		{http.MethodGet, "/members/{member}/progress", SignedIn, memberProgress},
		{http.MethodGet, "/live/members/{member}/progress", SignedIn, liveProgress},
	}
}

// clusterRoutes is the cluster as a whole.
func clusterRoutes() []Route {
	return []Route{
		{http.MethodGet, "/{$}", SignedIn, home},
		{http.MethodGet, "/live/cluster", SignedIn, liveHome},
		{http.MethodGet, "/live/status", SignedIn, liveStatus},
		{http.MethodGet, "/cluster/clustering", SignedIn, askClustering},
		{http.MethodPost, "/cluster/clustering", SignedIn, setClustering},
		{http.MethodPost, "/cluster/threshold", SignedIn, setThreshold},
		{http.MethodPost, "/cluster/as", SignedIn, chooseUser},
		{http.MethodGet, "/cluster/unique", SignedIn, askUnique},
		{http.MethodPost, "/cluster/unique", SignedIn, setUnique},
		{http.MethodGet, "/trusted-ips", SignedIn, showTrusted},
		{http.MethodPost, "/trusted-ips", SignedIn, addTrusted},
		{http.MethodPost, "/trusted-ips/remove", SignedIn, removeTrusted},
		{http.MethodPost, "/trusted-ips/rule", SignedIn, setDelegationRule},
		{http.MethodGet, "/synchronize", SignedIn, showSynchronize},
		{http.MethodPost, "/synchronize/preview", SignedIn, previewSync},
		{http.MethodPost, "/synchronize", SignedIn, startSync},
		{http.MethodGet, "/synchronize/{sync}", SignedIn, showSync},
		{http.MethodGet, "/live/synchronize/{sync}", SignedIn, liveSync},
		{http.MethodGet, "/drift", SignedIn, showDrift},
		{http.MethodPost, "/drift", SignedIn, compareNow},
		{http.MethodGet, "/drift/repair", SignedIn, askRepair},
		{http.MethodPost, "/drift/repair", SignedIn, repairDrift},
	}
}

// zonesRoutes is the list of zones, what is done to many of them at once, and templates.
func zonesRoutes() []Route {
	return []Route{
		{http.MethodGet, "/zones", SignedIn, listZones},
		{http.MethodGet, "/zones/trash", SignedIn, listTrash},
		{http.MethodPost, "/zones/delete", SignedIn, askDeleteZones},
		{http.MethodPost, "/zones/restore", SignedIn, askRestoreZones},
		{http.MethodPost, "/zones/home", SignedIn, askMoveHome},
		{http.MethodPost, "/zones/ttl", SignedIn, askTTL},
		{http.MethodGet, "/zones/add", SignedIn, addZonePage},
		{http.MethodPost, "/zones/add", SignedIn, addZone},
		{http.MethodGet, "/templates", SignedIn, listTemplates},
		{http.MethodPost, "/templates", SignedIn, saveTemplate},
		{http.MethodGet, "/templates/new", SignedIn, newTemplate},
		{http.MethodGet, "/templates/{name}", SignedIn, editTemplate},
		{http.MethodGet, "/templates/{name}/delete", SignedIn, askDeleteTemplate},
		{http.MethodPost, "/templates/{name}/delete", SignedIn, deleteTemplate},
		{http.MethodGet, "/zones/replace", SignedIn, replacePage},
		{http.MethodPost, "/zones/replace", SignedIn, searchReplace},
		{http.MethodGet, "/changesets", SignedIn, listSets},
		{http.MethodGet, "/changesets/{id}", SignedIn, showSet},
		{http.MethodGet, "/live/changesets/{id}", SignedIn, liveSet},
		{http.MethodPost, "/changesets/{id}/do", SignedIn, doSet},
		{http.MethodPost, "/changesets/{id}/stop", SignedIn, stopSet},
		{http.MethodPost, "/changesets/{id}/resume", SignedIn, resumeSet},
		{http.MethodPost, "/changesets/{id}/undo", SignedIn, undoSet},
	}
}

// zoneRoutes is one zone: its records, its draft, its history.
func zoneRoutes() []Route {
	return []Route{
		{http.MethodGet, "/zones/{zone}/reset", SignedIn, askReset},
		{http.MethodPost, "/zones/{zone}/reset", SignedIn, doReset},
		{http.MethodGet, "/zones/{zone}", SignedIn, showRecords},
		{http.MethodGet, "/live/zones/{zone}", SignedIn, liveZone},
		{http.MethodGet, "/zones/{zone}/draft", SignedIn, askDiscard},
		{http.MethodPost, "/zones/{zone}/draft", SignedIn, editDraft},
		{http.MethodGet, "/zones/{zone}/raw", SignedIn, showRaw},
		{http.MethodPost, "/zones/{zone}/raw", SignedIn, editRaw},
		{http.MethodGet, "/zones/{zone}/review", SignedIn, showReview},
		{http.MethodPost, "/zones/{zone}/save", SignedIn, saveDraft},
		{http.MethodGet, "/zones/{zone}/history", SignedIn, showHistory},
		{http.MethodGet, "/zones/{zone}/compare", SignedIn, compareVersions},
		{http.MethodGet, "/zones/{zone}/history/{change}", SignedIn, askRestore},
		{http.MethodPost, "/zones/{zone}/history/{change}", SignedIn, restoreVersion},
		{http.MethodGet, "/zones/{zone}/servers", SignedIn, showServers},
		{http.MethodGet, "/zones/{zone}/conflicts", SignedIn, zoneConflicts},
	}
}

// changeRoutes is what happened, what is held back, and what is in conflict.
func changeRoutes() []Route {
	return []Route{
		{http.MethodGet, "/changes", SignedIn, listChanges},
		{http.MethodGet, "/changes/{change}", SignedIn, showChange},
		{http.MethodGet, "/live/changes/{change}", SignedIn, liveChange},
		{http.MethodGet, "/changes/{change}/undo", SignedIn, askUndo},
		{http.MethodPost, "/changes/{change}/undo", SignedIn, undoChange},
		{http.MethodGet, "/changes/held", SignedIn, listHeld},
		{http.MethodGet, "/changes/held/decide", SignedIn, askHeld},
		{http.MethodPost, "/changes/held/release", SignedIn, releaseHeld},
		{http.MethodPost, "/changes/held/drop", SignedIn, dropHeld},
		{http.MethodGet, "/conflicts", SignedIn, listConflicts},
		{http.MethodGet, "/conflicts/{id}", SignedIn, showConflict},
		{http.MethodPost, "/conflicts/{id}", SignedIn, chooseConflict},
	}
}

// settingRoutes is settings of this server, and its logs.
func settingRoutes() []Route {
	return []Route{
		{http.MethodGet, "/log", SignedIn, showLog},
		{http.MethodGet, "/log/cluster", SignedIn, showClusterLog},
		{http.MethodGet, "/live/log", SignedIn, liveLog},
		{http.MethodGet, "/live/log/cluster", SignedIn, liveClusterLog},
		{http.MethodGet, "/settings", SignedIn, showSettings},
		{http.MethodPost, "/settings/new-zones", SignedIn, setNewZones},
		{http.MethodPost, "/settings/notifications", SignedIn, setNotifications},
		{http.MethodPost, "/settings/notifications/test", SignedIn, testNotifications},
		{http.MethodPost, "/settings/transfer", SignedIn, setTransfer},
	}
}

// place is an entry of the navigation.
type place struct{ title, path string }

// places is the navigation in its order. What has no route yet is not shown.
func places() []place {
	return []place{
		{"DNS Cluster", "/"},
		{"Zones", "/zones"},
		{"Synchronize", "/synchronize"},
		{"Changes", "/changes"},
		{"Templates", "/templates"},
		{"Resellers", "/resellers"},
		{"API tokens", "/tokens"},
		{"Remote service IPs", "/trusted-ips"},
		{"Log", "/log"},
		{"Settings", "/settings"},
	}
}

// built is the places that have a page.
func built() []place {
	routed := map[string]bool{"/": true}
	for _, r := range Routes() {
		routed[r.Pattern] = true
	}
	var list []place
	for _, p := range places() {
		if routed[p.path] {
			list = append(list, p)
		}
	}
	return list
}
