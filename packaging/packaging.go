package packaging

import _ "embed" // the files below

// Unit is zonefleet.service.
//
//go:embed zonefleet.service
var Unit string

// Config is zonefleet.toml: every key, commented out.
//
//go:embed zonefleet.toml
var Config string

// Sysctl is sysctl.conf.
//
//go:embed sysctl.conf
var Sysctl string

// Program is where the unit expects the program.
const Program = "/usr/local/bin/zonefleet"
