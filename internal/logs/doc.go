// Package logs is where a server's log lines go: it chooses what is written by the level of the package that says it,
// writes text or JSON with times in UTC, and bounds how much, so that a flood of bad clients cannot fill a disk.
//
// Packages get a *slog.Logger with the attribute "package", their name, and know nothing of this one. It knows no
// package, and not where the levels are configured.
//
//	levels.go   Levels: "info,store=debug"
//	logs.go     Logs: what may change while loggers are in use
//	handler.go  the slog.Handler
//	limit.go    how much is written
//
// It owns no goroutine.
package logs
