// Package auth turns what somebody presents at a door into an acl.Principal, and makes the secrets for it.
//
// It does not know where tokens are kept (it declares Book), what a principal may do (acl says), HTTP or TLS. A token's
// secret exists in one value only, the one that New returns; everything else here works with its SHA-256. Tokens
// are 256 random bits, so a plain hash is enough: there is nothing to guess that a slow one would slow down.
//
//	token.go   the form zf_ID_SECRET, making and reading it
//	code.go    the one-time code with which a server joins
//	verify.go  from a presented token to a principal; the hash for a proof
//	password.go  hashing passwords, a few at a time
//	totp.go    codes of authenticators, recovery codes
//	throttle.go  failed sign-ins by address and user, for all doors
//	root.go    the first-start token file DATA/root.token
//
// It owns no goroutine.
package auth
