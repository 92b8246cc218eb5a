// Package config turns what an operator said, in a file, in the environment and in flags, into one validated Config.
//
// Stronger first: flags given now, flags remembered from earlier starts (DATA/settings.toml), the environment
// (ZONEFLEET_...), the configuration file, defaults. So `serve --data DIR` starts as if the flags of last time were
// given again. Data says where the remembered flags lie and --clock-offset is for tests: neither is remembered.
//
// It does not know what a server does with a value, and opens no socket.
//
//	config.go    Config, Load: the layers, one over the other
//	effective.go what is in effect and where it comes from; what a running server can take
//	mistakes.go  all that is wrong, and what was probably meant
//	keys.go      the table of keys: name, meaning, how its text becomes a value
//	file.go      the TOML form, strict: unknown keys and wrong values are errors with their line
//	remember.go  the flags kept in the data folder
//	backup.go    the keys of the nightly backup
//	name.go      the server's own name when none is given
//
// It owns no goroutine.
package config
