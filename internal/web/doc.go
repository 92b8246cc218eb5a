// Package web is the door for browsers: the sign-in link that works once, sessions, and one page that shows how the
// cluster is. It reads through control like every door, writes nothing, and keeps its sessions in memory: a restart
// signs everybody out.
//
// It does not know the store, members' protocols or tokens.
//
// Files: web.go (routes, headers), session.go (the link, cookies, their bounds), page.go (what the page shows),
// page.html and page.css (embedded; nothing is fetched from anywhere else, and there is no script).
//
// It owns no goroutine.
package web
