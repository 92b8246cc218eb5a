// Package packaging holds the files that make ZoneFleet a service of a host: the systemd unit, the account, the data
// folder, the kernel's bound, the configuration to start from. `zonefleet install` writes them, and the packages carry
// them. The maintainer scripts beside them are the packages' own.
//
// It knows nothing but the files, and owns no goroutine.
package packaging
