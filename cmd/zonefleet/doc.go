// Command zonefleet is ZoneFleet: server, command line and demo in one binary. Here everything is put together and
// nothing is decided.
package main
